"""The demo's synthetic sitters: their truth is known because the project made them."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from gradphoto.engine.portrait.verdict import Outcome

FOLDER = resources.files("gradphoto.demo").joinpath("portraits")
TRUTH = tomllib.loads(FOLDER.joinpath("manifest.toml").read_text(encoding="utf-8"))
GOOD = sorted(name for name, known in TRUTH.items() if not known["defect"])
SPOILT = sorted(set(TRUTH) - set(GOOD))

# Which rules may speak for a planted defect, and how loudly one of them must.
EXPECTED = {
    "blue_shirt": ({"portrait.clothes_like_backdrop"}, Outcome.REVIEW),
    "blur": ({"portrait.sharpness"}, Outcome.FAIL),
    "closed_eyes": ({"portrait.eye_left_open", "portrait.eye_right_open"}, Outcome.FAIL),
    "dark": ({"portrait.too_dark"}, Outcome.FAIL),
    "no_face": ({"portrait.face_count"}, Outcome.FAIL),
    "roll": ({"portrait.head_roll"}, Outcome.FAIL),
    "two_people": ({"portrait.face_count"}, Outcome.FAIL),
    "yaw": ({"portrait.head_yaw"}, Outcome.FAIL),
}


@pytest.fixture(scope="module")
def made(pipeline, mb2017, legacy, print_profile):
    """Every synthetic picture through the pipeline once."""
    profiles = [mb2017, legacy, print_profile]
    return {name: pipeline.make(FOLDER.joinpath(name).read_bytes(), profiles) for name in TRUTH}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_sitter_is_not_refused_and_gets_every_portrait(made, name):
    result = made[name]
    assert result.assessment.verdict.outcome is not Outcome.FAIL, result.assessment.verdict.findings
    assert len(result.portraits) == 3
    registered = result.portraits[0].provenance
    assert registered.in_size_window
    assert registered.quality >= 60


def test_at_most_one_good_sitter_in_ten_needs_a_look(made):
    reviewed = [name for name in GOOD if made[name].assessment.verdict.outcome is Outcome.REVIEW]
    assert len(reviewed) <= len(GOOD) // 10, reviewed


@pytest.mark.parametrize("name", SPOILT)
def test_a_planted_defect_is_found_by_the_rule_it_belongs_to(made, name):
    codes, outcome = EXPECTED[TRUTH[name]["defect"]]
    found = {f.code for f in made[name].assessment.verdict.findings if f.outcome is outcome}
    assert codes <= found
    if outcome is Outcome.FAIL:
        assert made[name].portraits == ()


@pytest.mark.parametrize("name", sorted(TRUTH))
def test_faces_and_pose_are_measured_as_they_were_made(made, name):
    known, seen = TRUTH[name], made[name].assessment.measurements
    assert seen.face_count == known["faces"]
    if known["faces"] == 1:
        assert abs(seen.face.yaw_deg) == pytest.approx(known["yaw_deg"], abs=4)
        assert abs(seen.face.roll_deg) == pytest.approx(known["roll_deg"], abs=2)


def test_open_and_closed_eyes_are_far_apart(made):
    faces = {name: made[name].assessment.measurements.face for name in TRUTH if TRUTH[name]["faces"] == 1}
    widest_closed = max(
        max(face.eye_open_left, face.eye_open_right) for name, face in faces.items() if TRUTH[name]["eyes"] == "closed"
    )
    narrowest_open = min(min(face.eye_open_left, face.eye_open_right) for name, face in faces.items() if name in GOOD)
    assert narrowest_open - widest_closed > 0.4
