"""Planted defects are noticed by a rule that belongs to them; good pictures stay unspoken of. The whole table is printed by
``make bench-portrait`` on 24 sitters; three of them are enough to see a rule break."""

from __future__ import annotations

import numpy as np
import pytest

from gradphoto.demo.planted import DEFECTS
from gradphoto.demo.planted_scene import Scene, as_jpeg, mild_variants
from gradphoto.demo.sitters import picture
from gradphoto.engine.portrait.verdict import Outcome

pytestmark = [pytest.mark.engine, pytest.mark.slow]
# The landmark model draws the lid where a slipped rim is, so the rim is rarely told from it (docs/portrait-quality.md).
# Jewellery is only told by a face-parsing model (docs/face-parsing.md); without one the rule is not assessed.
KNOWN_WEAK = {"frame_over_the_eyes", "earrings_and_necklace"}
SITTERS = ("person_03", "person_11", "person_20")


@pytest.fixture(scope="module")
def scenes(pipeline):
    traced = {name: pipeline.trace(picture(name)) for name in SITTERS}
    return {name: Scene(seen.rgb, seen.points, seen.person) for name, seen in traced.items()}


@pytest.mark.parametrize(
    "defect", [defect for defect in DEFECTS if defect.name not in KNOWN_WEAK], ids=lambda defect: defect.name
)
def test_a_planted_defect_is_noticed_on_two_sitters_of_three(pipeline, mb2017, scenes, defect):
    noticed = 0
    for number, scene in enumerate(scenes.values()):
        spoilt = defect.plant(scene, np.random.default_rng(number))
        verdict = pipeline.assess(as_jpeg(spoilt, defect.quality), mb2017).verdict
        noticed += bool({finding.code for finding in verdict.findings} & set(defect.codes))
    assert noticed >= 2


def test_good_pictures_raise_no_alarm(pipeline, mb2017, scenes):
    alarms = [
        (name, variant, finding.code)
        for name, scene in scenes.items()
        for variant, data in mild_variants(scene).items()
        for finding in pipeline.assess(data, mb2017).verdict.findings
    ]
    assert alarms == []


def test_only_heuristics_stand_between_a_good_picture_and_a_pass(pipeline, mb2017, scenes):
    assert pipeline.assess(as_jpeg(scenes["person_03"].rgb, 92), mb2017).verdict.outcome is Outcome.PASS
