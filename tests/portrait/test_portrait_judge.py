"""The rule table, apart from any measuring: each threshold is read from the profile and says why it broke."""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path

import numpy as np
import pytest
from judged_faces import broken, changed, verdict_of

from gradphoto.engine.portrait.judge import judge, told
from gradphoto.engine.portrait.parsing.regions import ParsedRegions
from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION
from gradphoto.engine.portrait.rule_list import listed_rules
from gradphoto.engine.portrait.rules import FACE_COUNT, RULES
from gradphoto.engine.portrait.thresholds import calibrated, threshold
from gradphoto.engine.portrait.tone import linear, srgb
from gradphoto.engine.portrait.verdict import MENDING_ORDER, Outcome
from gradphoto.engine.portrait.window_rules import WINDOW_RULES
from gradphoto.engine.standards.profiles import load_profile, with_backdrop, with_jewellery


def test_nothing_to_say_about_a_good_picture(good, mb2017):
    verdict = judge(good, mb2017)
    assert verdict.findings == ()
    assert verdict.outcome is Outcome.PASS
    # Without a face-parsing model nobody can vouch for a bare head or for the absence of jewellery.
    unknown = {"portrait.head_covering", "portrait.jewellery"}
    assert {one.code for one in verdict.not_assessed} == unknown
    assert set(verdict.kept) == {FACE_COUNT.code, *(rule.code for rule in RULES)} - unknown


FAIL, REVIEW = Outcome.FAIL, Outcome.REVIEW


@pytest.mark.parametrize(
    ("changes", "code", "outcome"),
    [
        ({"roll_deg": 25.0}, "portrait.head_roll", FAIL),
        ({"roll_deg": -25.0}, "portrait.head_roll", FAIL),
        ({"yaw_deg": -30.0}, "portrait.head_yaw", FAIL),
        ({"pitch_deg": 35.0}, "portrait.head_pitch", FAIL),
        ({"eye_open_left": 0.05}, "portrait.eye_left_open", FAIL),
        ({"eye_open_right": 0.05}, "portrait.eye_right_open", FAIL),
        ({"eye_visible_left": 0.1}, "portrait.eye_left_visible", REVIEW),
        ({"eye_visible_right": 0.1}, "portrait.eye_right_visible", REVIEW),
        ({"mouth_open": 0.6}, "portrait.mouth_closed", FAIL),
        ({"inter_eye_px": 30.0}, "portrait.resolution", FAIL),
        ({"sharpness": 1.0}, "portrait.sharpness", FAIL),
        ({"eye_white_l": 10.0, "brightness_l": 12.0}, "portrait.too_dark", FAIL),
        ({"brightest_l": 40.0}, "portrait.too_dark", FAIL),
        ({"clipped_share": 0.9}, "portrait.too_bright", FAIL),
        ({"highlight_share": 0.7}, "portrait.highlights", FAIL),
        ({"contrast_l": 3.0}, "portrait.flat_light", FAIL),
        ({"light_balance_l": -60.0}, "portrait.light_balance", FAIL),
        ({"eye_white_b": -12.0}, "portrait.cast_cold", REVIEW),
        ({"eye_white_b": 24.0}, "portrait.cast_warm", REVIEW),
        ({"eye_white_a": -8.0}, "portrait.cast_green", REVIEW),
        ({"eye_white_a": 25.0}, "portrait.cast_red", REVIEW),
        ({"rgb": (200, 20, 20)}, "portrait.backdrop_colour", REVIEW),
        ({"spread_delta_e": 40.0}, "portrait.backdrop_even", REVIEW),
        ({"clothes_delta_e": 2.0}, "portrait.clothes_like_backdrop", REVIEW),
        ({"frame_margin_px": 0.0}, "portrait.head_cut_off", FAIL),
        ({"gaze_side": -0.9}, "portrait.gaze_side", REVIEW),
        ({"gaze_down": 0.9}, "portrait.gaze_down", REVIEW),
        ({"gradient_delta_e": 30.0}, "portrait.backdrop_gradient", REVIEW),
        ({"shadow_l": 20.0}, "portrait.backdrop_shadow", REVIEW),
        ({"clothes_pattern_l": 9.0}, "portrait.clothes_pattern", REVIEW),
        ({"shoulder_tilt_deg": -9.0}, "portrait.shoulders_level", REVIEW),
        ({"noise": 20.0}, "portrait.noise", REVIEW),
        ({"blur_direction": 0.95}, "portrait.motion_blur", REVIEW),
        ({"detail": 0.2}, "portrait.upscaled", REVIEW),
        ({"blockiness": 2.0}, "portrait.recompressed", REVIEW),
        ({"ear_right": 0.0, "ear_hair_right": 0.9}, "portrait.ear_right", REVIEW),
        ({"ear_left": 0.0, "ear_hair_left": 0.9}, "portrait.ear_left", REVIEW),
        ({"brow_clear_right": 0.1, "brow_hair_right": 0.6}, "portrait.brow_right", REVIEW),
        ({"brow_clear_left": 0.1, "brow_hair_left": 0.6}, "portrait.brow_left", REVIEW),
        ({"hair_to_face": 1.4}, "portrait.hair_area", REVIEW),
        ({"crown_chroma": 50.0}, "portrait.hair_colour", REVIEW),
        ({"crown_l": 90.0}, "portrait.head_covering", REVIEW),
        ({"glare": 0.2, "glasses_edge": 8.0}, "portrait.glasses_glare", REVIEW),
        ({"eye_shade_l": 40.0}, "portrait.glasses_tint", REVIEW),
        ({"frame_to_eye": 0.03}, "portrait.glasses_frame", REVIEW),
        ({"red_eye": 0.5}, "portrait.red_eye", REVIEW),
        ({"eyes_covered": 0.9, "eye_visible_right": 0.62, "eye_visible_left": 0.6}, "portrait.eyes_covered", REVIEW),
        ({"mouth_covered": 0.9, "lips_apart": 0.0}, "portrait.mouth_covered", REVIEW),
        ({"neck_skin": 0.0}, "portrait.high_collar", REVIEW),
        ({"chest_skin": 0.9}, "portrait.bare_shoulders", REVIEW),
    ],
)
def test_one_broken_number_breaks_its_own_rule_only(good, mb2017, changes, code, outcome):
    assert broken(good, mb2017, **changes) == {code: outcome}


def test_between_two_limits_a_person_is_asked(good, mb2017):
    between = (threshold(mb2017, "eye_open_fail") + threshold(mb2017, "eye_open_review")) / 2
    assert broken(good, mb2017, eye_open_left=between) == {"portrait.eye_left_open": REVIEW}


def test_a_finding_tells_value_limit_and_what_to_do_in_both_languages(good, mb2017):
    worse = dataclasses.replace(good, face=dataclasses.replace(good.face, yaw_deg=31.26))
    finding = judge(worse, mb2017).findings[0]
    assert finding.value == pytest.approx(31.26)
    assert finding.limit == threshold(mb2017, "yaw_deg_fail")
    assert "31.3°" in finding.sentence.zh
    assert "31.3°" in finding.sentence.en
    assert finding.advice.zh
    assert finding.advice.en


def test_the_worst_finding_comes_first_and_decides(good, mb2017):
    worse = dataclasses.replace(good, face=changed(good.face, spread_delta_e=50.0, yaw_deg=40.0))
    verdict = judge(worse, mb2017)
    assert [finding.outcome for finding in verdict.findings] == [FAIL, REVIEW]
    assert verdict.outcome is FAIL


def test_what_could_not_be_measured_is_not_judged(good, mb2017):
    changes = {"rgb": None, "spread_delta_e": None, "clothes_delta_e": None}
    assert broken(good, mb2017, **changes) == {}


def test_a_profile_overrules_the_calibration_and_may_switch_a_rule_off(good, mb2017):
    leaning = dataclasses.replace(good, face=dataclasses.replace(good.face, roll_deg=3.0, yaw_deg=80.0))
    strict = dataclasses.replace(
        mb2017, thresholds={"roll_deg_fail": 2.0, "yaw_deg_fail": math.inf, "yaw_deg_review": math.inf}
    )
    assert [finding.code for finding in judge(leaning, strict).findings] == ["portrait.head_roll"]


def test_every_code_is_unique_and_every_threshold_is_calibrated_and_read(mb2017, legacy, print_profile):
    all_codes = [FACE_COUNT.code, *(rule.code for rule in RULES), *(rule.code for rule in WINDOW_RULES.values())]
    assert len(set(all_codes)) == len(all_codes)
    readings = [*RULES, *(rule.trained for rule in RULES if rule.trained)]
    named = {name for reading in readings for name, _ in reading.limits} | {"fraction_tolerance", "centre_tolerance"}
    named |= {reading.uncertainty for reading in readings if reading.uncertainty}
    assert set(calibrated()) == named
    for profile in (mb2017, legacy, print_profile):
        assert set(profile.thresholds) <= named, f"{profile.code} names thresholds no rule reads"


def test_a_heuristic_may_only_ask_a_person_to_look():
    heuristics = [rule for rule in RULES if rule.heuristic]
    assert len(heuristics) > 15
    assert all(outcome is REVIEW for rule in heuristics for _, outcome in rule.limits)


PARSED = ParsedRegions(
    ear_right=0.15, ear_left=0.15, ear_covered_right=0.8, ear_covered_left=0.8, glasses=0.0, earring=0.0, hat=0.0, lips_seen=0.95, brow_hair_right=0.0,
    brow_hair_left=0.0, hair_to_face=0.4, necklace=0.0,
)  # fmt: skip


def parsed(good, mb2017, looks=None, **regions):
    """The findings where a face-parsing model has read the head; ``looks`` are the heuristics' own numbers."""
    face = dataclasses.replace(changed(good.face, **(looks or {})), parsed=dataclasses.replace(PARSED, **regions))
    verdict = judge(dataclasses.replace(good, face=face), mb2017)
    return {finding.code: finding.outcome for finding in verdict.findings}, {one.code for one in verdict.not_assessed}


@pytest.mark.parametrize(
    ("regions", "code"),
    [
        ({"ear_right": 0.0}, "portrait.ear_right"),
        ({"ear_left": 0.01}, "portrait.ear_left"),
        ({"brow_hair_right": 0.6}, "portrait.brow_right"),
        ({"brow_hair_left": 0.6}, "portrait.brow_left"),
        ({"hat": 1.2}, "portrait.head_covering"),
        ({"lips_seen": 0.1}, "portrait.mouth_covered"),
        ({"earring": 0.02}, "portrait.jewellery"),
        ({"necklace": 0.2}, "portrait.jewellery"),
    ],
)
def test_a_face_parsing_model_reads_the_rules_that_colours_cannot(good, mb2017, regions, code):
    assert parsed(good, mb2017) == ({}, set())
    assert parsed(good, mb2017, **regions) == ({code: REVIEW}, set())


@pytest.mark.parametrize(
    ("area", "covered", "told"),
    [
        (0.015, 0.8, True),  # hair hangs there and a lobe looks out
        (0.015, 0.0, False),  # an ear that lies flat before the backdrop
        (0.0, 0.0, True),  # turned out of sight
        (0.05, 0.8, False),
        (0.02, None, True),  # a model that cannot say what hangs there
    ],
)
def test_a_flat_ear_is_not_a_hidden_one(good, mb2017, area, covered, told):
    found, _ = parsed(good, mb2017, ear_left=area, ear_covered_left=covered)
    assert found == ({"portrait.ear_left": REVIEW} if told else {})


@pytest.mark.parametrize("doubt", [{"brow_hair_left": 0.1}, {"light_balance_l": 5.5}, {"yaw_deg": -9.5}])
def test_a_shaded_brow_is_not_told_as_hidden(good, mb2017, doubt):
    hidden = {"brow_clear_left": 0.1, "brow_hair_left": 0.6}
    assert "portrait.brow_left" in broken(good, mb2017, **hidden)
    verdict = verdict_of(good, mb2017, **{**hidden, **doubt})
    assert "portrait.brow_left" not in {finding.code for finding in verdict.findings}
    assert "portrait.brow_left" in {one.code for one in verdict.not_assessed}


@pytest.mark.parametrize(
    ("right", "left", "told"),
    [
        (0.62, 0.6, True),
        (0.2, 0.1, True),
        (0.4, 0.45, None),
        (0.05, 0.45, None),
    ],  # a bar, dark lenses, hard light, one side in shade
)
def test_eyes_that_are_seen_are_not_covered(good, mb2017, right, left, told):
    verdict = verdict_of(good, mb2017, eyes_covered=0.6, eye_visible_right=right, eye_visible_left=left)
    found = {finding.code for finding in verdict.findings}, {one.code for one in verdict.not_assessed}
    assert tuple("portrait.eyes_covered" in part for part in found) == (bool(told), told is None)


def test_white_beside_the_eyes_is_glare_only_where_glasses_are_worn(good, mb2017):
    shining = verdict_of(good, mb2017, glare=0.2)
    assert (shining.findings, "portrait.glasses_glare" in {one.code for one in shining.not_assessed}) == ((), True)
    assert "portrait.glasses_glare" in verdict_of(good, mb2017, glare=0.01).kept
    assert parsed(good, mb2017, looks={"glare": 0.2, "glasses_edge": 8.0}, glasses=0.0) == ({}, set())
    worn = parsed(good, mb2017, looks={"glare": 0.2}, glasses=0.4)
    assert worn[0] == {"portrait.glasses_glare": REVIEW}


def test_lips_under_a_moustache_are_seen_by_their_colour(good, mb2017):
    assert parsed(good, mb2017, looks={"lips_apart": 12.0}, lips_seen=0.3) == ({}, set())
    # A striped scarf is coloured as well, but no lip at all is seen.
    assert parsed(good, mb2017, looks={"lips_apart": 12.0}, lips_seen=0.1)[0] == {"portrait.mouth_covered": REVIEW}


CASTS = {
    "cast_cold": ({"eye_white_b": -10.0}, (0.85, 1.0, 1.2)),
    "cast_warm": ({"eye_white_b": 15.0}, (1.15, 1.0, 0.8)),
    "cast_green": ({"eye_white_a": -5.0}, (0.9, 1.07, 0.9)),
    "cast_red": ({"eye_white_a": 22.0}, (1.12, 0.9, 1.12)),
}


WALLS = {
    "white cloth": {"rgb": None, "neutral_share": 0.05},
    "prescribed blue": {},
    "white wall": {"rgb": (253, 252, 252)},
}


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("code", CASTS)
def test_what_has_its_own_colour_speaks_against_a_slight_cast(good, mb2017, code, wall):
    changes, _ = CASTS[code]
    slight = {name: value - math.copysign(1.5, value) for name, value in changes.items()}
    assert broken(good, mb2017, **slight, rgb=None) == {f"portrait.{code}": REVIEW}
    assert broken(good, mb2017, **{**slight, **WALLS[wall]}) == {}
    strong = {name: value + math.copysign(12.0, value) for name, value in changes.items()}
    assert f"portrait.{code}" in broken(good, mb2017, **{**strong, **WALLS[wall]})


@pytest.mark.parametrize("code", CASTS)
def test_a_backdrop_that_leans_the_same_way_makes_a_slight_cast_certain(good, mb2017, code):
    changes, gains = CASTS[code]
    slight = {name: value - math.copysign(3.5, value) for name, value in changes.items()}
    assert broken(good, mb2017, **slight) == {}
    allowed = mb2017.backdrops[0].rgb
    leaning = tuple(np.rint(srgb(linear(np.array(allowed, float)) * gains).clip(0, 1) * 255).astype(int).tolist())
    assert broken(good, mb2017, **slight, rgb=leaning) == {f"portrait.{code}": REVIEW}
    assert broken(good, mb2017, rgb=leaning) == {}


@pytest.mark.parametrize("code", CASTS)
def test_where_no_white_of_an_eye_is_seen_a_backdrop_that_leans_far_is_enough(good, mb2017, code):
    changes, gains = CASTS[code]
    colour = {"eye_white_a": 5.0, "eye_white_b": 3.0, **changes}
    hue = math.degrees(math.atan2(colour["eye_white_b"], colour["eye_white_a"]))
    narrow = {
        **changes,
        "skin_hue_deg": hue,
        "skin_chroma": math.hypot(*colour.values()),
        "eye_white_l": 60.0,
        "brightness_l": 60.0,
    }
    allowed = np.array(mb2017.backdrops[0].rgb, float)
    far = tuple(np.rint(srgb(linear(allowed) * np.array(gains) ** 1.5).clip(0, 1) * 255).astype(int).tolist())
    assert f"portrait.{code}" in broken(good, mb2017, **narrow, rgb=far)


def test_of_several_casts_the_strongest_is_told(good, mb2017):
    cold = verdict_of(good, mb2017, eye_white_b=-20.0, eye_white_a=-9.0)
    assert [(told.code, [one.code for one in rest]) for told, rest in cold.told()] == [
        ("portrait.cast_cold", ["portrait.cast_green"])
    ]


@pytest.mark.parametrize(
    ("regions", "strict", "lenient"),
    [
        ({"earring": 0.0}, None, None),
        ({"earring": 0.02}, REVIEW, None),  # a stud
        ({"necklace": 0.2}, REVIEW, None),  # a thin chain
        ({"earring": 0.05}, REVIEW, REVIEW),  # larger than an ear has to be: it may hide one
        ({"necklace": 0.6}, REVIEW, REVIEW),
    ],
)
def test_b5_jewellery_is_strict_or_lenient_by_the_profile(good, mb2017, regions, strict, lenient):
    found = [
        parsed(good, with_jewellery(mb2017, code), **regions)[0].get("portrait.jewellery")
        for code in ("strict", "lenient")
    ]
    assert found == [strict, lenient]


def test_with_a_model_the_heuristics_are_silent(good, mb2017):
    """A beard, a shaded ear, a pattern on the brow: what misleads the colours does not speak beside the model."""
    misled = {
        "ear_right": 0.0, "ear_hair_right": 1.0, "brow_clear_left": 0.0, "mouth_covered": 1.0, "lips_apart": 0.0, "crown_l": 95.0,
    }  # fmt: skip
    assert parsed(good, mb2017, misled) == ({}, set())


def test_a_model_that_lacks_a_class_leaves_its_rule_as_it_is(good, mb2017):
    found, unknown = parsed(good, mb2017, hat=None, earring=None, necklace=None)
    assert (found, unknown) == ({}, {"portrait.head_covering", "portrait.jewellery"})


@pytest.mark.parametrize(
    ("looks", "code"),
    [
        ({"ear_right": 0.01}, "portrait.ear_right"),
        ({"ear_left": 0.02, "ear_hair_left": 0.3}, "portrait.ear_left"),
        ({"brow_clear_right": 0.7}, "portrait.brow_right"),
        ({"lips_apart": 1.0, "mouth_covered": 0.4}, "portrait.mouth_covered"),
        ({"neck_skin": 0.3}, "portrait.high_collar"),
        ({"eye_visible_right": 0.1, "brightness_l": 25.0}, "portrait.eye_right_visible"),
    ],
)
def test_a_heuristic_that_is_not_sure_is_not_assessed_rather_than_noisy(good, mb2017, looks, code):
    verdict = judge(dataclasses.replace(good, face=changed(good.face, **looks)), mb2017)
    assert verdict.findings == ()
    assert code in {one.code for one in verdict.not_assessed}
    assert verdict.outcome is Outcome.PASS
    told = next(one for one in verdict.to_json()["not_assessed"] if one["code"] == code)
    assert told["outcome"] == "not_assessed"
    assert told["sentence"]["zh"]


def test_the_skin_never_decides_the_exposure(good, mb2017):
    """Two of the darkest sitters were told "too dark" in professional pictures."""
    for lightness in (8.0, 20.0, 85.0, 95.0):
        assert broken(good, mb2017, brightness_l=lightness) == {}


@pytest.mark.parametrize("side", [-0.9, 0.9])
@pytest.mark.parametrize(
    ("name", "limit", "doubt", "code"),
    [
        ("yaw_deg", "yaw_deg_review", "yaw_deg_uncertainty", "portrait.head_yaw"),
        ("yaw_deg", "yaw_deg_fail", "yaw_deg_uncertainty", "portrait.head_yaw"),
        ("eye_open_left", "eye_open_fail", "eye_open_uncertainty", "portrait.eye_left_open"),
        ("light_balance_l", "light_balance_l_review", "light_balance_l_uncertainty", "portrait.light_balance"),
        ("shadow_l", "backdrop_shadow_review", "backdrop_shadow_uncertainty", "portrait.backdrop_shadow"),
    ],
)
def test_a_value_whose_interval_straddles_a_limit_is_for_a_person(good, mb2017, side, name, limit, doubt, code):
    value = threshold(mb2017, limit) + side * threshold(mb2017, doubt)
    verdict = judge(dataclasses.replace(good, face=changed(good.face, **{name: value})), mb2017)
    assert {finding.code: finding.outcome for finding in verdict.findings} == {code: REVIEW}
    finding = verdict.findings[0]
    assert finding.uncertainty == threshold(mb2017, doubt)
    assert "±" in finding.sentence.zh
    assert "超过" not in finding.sentence.zh


def test_the_numbers_of_a_sentence_are_never_rounded_into_nonsense():
    assert told(38.4, 38.0, 0) == {"value": "38.4", "limit": "38.0"}
    assert told(38.004, 38.0, 0) == {"value": "38.004", "limit": "38.000"}
    assert told(45.0, 38.0, 0) == {"value": "45", "limit": "38"}


def test_findings_come_in_the_order_that_saves_a_retake(good, mb2017):
    worse = changed(good.face, eye_open_left=0.1, inter_eye_px=30.0, frame_margin_px=0.0, contrast_l=2.0, shadow_l=20.0)
    verdict = judge(dataclasses.replace(good, face=worse), mb2017)
    assert [finding.code for finding in verdict.findings] == [
        "portrait.resolution", "portrait.head_cut_off", "portrait.eye_left_open", "portrait.flat_light", "portrait.backdrop_shadow",
    ]  # fmt: skip


def test_every_code_has_its_place_in_the_order_of_mending():
    known = {FACE_COUNT.code, *(rule.code for rule in RULES), *(rule.code for rule in WINDOW_RULES.values())}
    assert known <= {f"portrait.{name}" for name in MENDING_ORDER}


def test_the_list_of_rules_has_every_rule(mb2017, legacy):
    for profile in (mb2017, legacy):
        listed = {rule.code: rule for rule in listed_rules(profile)}
        codes = {FACE_COUNT.code, *(rule.code for rule in RULES), *(rule.code for rule in WINDOW_RULES.values())}
        assert codes <= set(listed)
        # Whatever a verdict may say, work on the backdrop and the finished file included, is listed.
        assert set(listed) == {f"portrait.{name}" for name in MENDING_ORDER}
    mb = {rule.code: rule for rule in listed_rules(mb2017)}
    assert mb["portrait.hair_top"].limits.startswith("50–110 px")
    assert mb["portrait.ear_right"].with_model


def test_the_quality_of_the_source_is_read_from_its_tables(good, mb2017):
    verdict = judge(dataclasses.replace(good, source_jpeg_quality=20), mb2017)
    assert [finding.code for finding in verdict.findings] == ["portrait.source_quality"]
    assert verdict.outcome is FAIL


LIGHT_BLUE, POOR_LIGHT, WHITE, DARK_BLUE = (100, 197, 255), (60, 130, 180), (250, 250, 250), (0, 71, 157)


@pytest.mark.parametrize(
    ("code", "rgb", "said"),
    [
        ("", WHITE, None),  # no colour prescribed: all that the standard allows
        ("light_blue", LIGHT_BLUE, None),
        ("light_blue", POOR_LIGHT, REVIEW),
        ("light_blue", WHITE, FAIL),
        ("light_blue", DARK_BLUE, FAIL),
        ("white", LIGHT_BLUE, FAIL),
        ("dark_blue", DARK_BLUE, None),  # S4's colour, which the standard does not know
        ("dark_blue", LIGHT_BLUE, FAIL),
    ],
)
@pytest.mark.parametrize("profile", ["mb2017_99", "legacy_2009"])
def test_r115_b2_the_prescribed_backdrop_rules_the_judgement(good, profile, code, rgb, said):
    standard = load_profile(profile)
    if not code and profile == "legacy_2009":
        said = REVIEW  # S3 allows light blue alone, but no campaign made it a rule
    verdict = judge(
        dataclasses.replace(good, face=changed(good.face, rgb=rgb)), with_backdrop(standard, code) if code else standard
    )
    assert {one.code: one.outcome for one in verdict.findings}.get("portrait.backdrop_colour") is said


def test_the_tables_of_the_page_were_printed_by_this_pipeline():
    page = (Path(__file__).parents[2] / "docs" / "portrait-quality.md").read_text(encoding="utf-8")
    for place in ("real", "real with a model", "measured"):
        table = page.split(f"<!-- {place}: begin -->\n")[1].split(f"<!-- {place}: end -->")[0]
        version = re.match(r"Pipeline (\d+)", table)
        assert version, place
        assert version[1] == PIPELINE_VERSION, f"print {place} anew: benchmarks/portrait_real.py, portrait_quality.py"
