"""The drawing: every line where the engine measured it, windows in source pixels, and the same in words."""

import json

import pytest

from gradphoto.apps.capture.assessments import severity
from gradphoto.apps.capture.drawing import draw
from gradphoto.apps.capture.models import Assessment, Frame
from gradphoto.apps.capture.reasons import PERSONS, picklist, rule_codes, say_reasons, title_of
from gradphoto.apps.capture.verdicts import assess
from gradphoto.demo.sitters import picture
from gradphoto.engine.standards.profiles import load_profile


def stored(name: str, profile: str = "mb2017_99") -> Assessment:
    """As the database gives it back."""
    told = json.loads(json.dumps(assess(picture(name), load_profile(profile)).to_json()))
    verdict = told["verdict"]
    return Assessment(
        outcome=verdict["outcome"],
        findings=verdict["findings"],
        kept=verdict["kept"],
        measurements=told["measurements"],
        crop=told["crop"],
    )


def test_lines_lie_where_the_engine_measured_and_bands_where_the_profile_allows():
    assessment = stored("person_01")
    seen, crop = assessment.measurements, assessment.crop
    drawing = draw(Frame(pk=1), assessment)
    rows = {line.title.en: line for line in drawing.lines}
    assert rows["Hair top"].y1 == round(seen["hair_top_y_px"])
    assert rows["Eye line"].y1 == round(seen["eye_line_y_px"])
    assert rows["Centring"].x1 == round(seen["centre_x_px"])
    cheeks = [line.x1 for line in drawing.lines if line.title.en == "Face width" and line.x1 == line.x2]
    assert cheeks[1] - cheeks[0] == pytest.approx(seen["face_width_px"], abs=1)
    hair = next(window for window in crop["windows"] if window["code"] == "hair_top")
    band = drawing.bands[2].box
    assert band.y == round(crop["y"] + hair["min_px"] / crop["scale"])
    assert band.y <= rows["Hair top"].y1 <= band.y + band.height, "a passed picture's line lies in its band"
    assert drawing.crop.width == round(crop["width"])
    assert drawing.whole == "0 0 720 960"
    assert {reading.state for reading in drawing.readings} == {"kept"}


def test_a_window_that_is_missed_is_coloured_and_told_with_its_limit():
    assessment = stored("person_01")
    window = next(one for one in assessment.crop["windows"] if one["code"] == "eye_line")
    window["value_px"], window["miss_px"] = 320.0, 20.0
    assessment.findings = [
        {"code": "portrait.eye_line", "outcome": "fail", "value": 320, "limit": 300, "unit": "px",
         "sentence": {"zh": "眼睛太低", "en": "too low"}, "advice": {"zh": "重拍", "en": "again"}},
    ]  # fmt: skip
    drawing = draw(Frame(pk=1), assessment)
    assert {line.state for line in drawing.lines if line.title.en == "Eye line"} == {"fail"}
    reading = next(one for one in drawing.readings if one.code == "portrait.eye_line")
    assert (reading.value, reading.allowed, reading.state) == ("320 px", "200 – 300 px", "fail")
    assert drawing.beyond == (), "the window's row says it; it is not told twice"


@pytest.mark.parametrize("name", ["defect_no_face", "defect_two_people"])
def test_without_exactly_one_face_there_are_words_and_no_lines(name):
    drawing = draw(Frame(pk=1), stored(name))
    assert drawing.lines == drawing.bands == drawing.readings == ()
    assert drawing.worst.title.zh == "人脸数量"
    assert drawing.close == drawing.whole == "0 0 720 960"


def test_the_fractions_of_the_2009_profile_are_drawn_too():
    titles = {line.title.en for line in draw(Frame(pk=1), stored("person_01", "legacy_2009")).lines}
    assert {"Room above the head", "Chin", "Room beside the head"} <= titles


def test_rules_and_windows_that_are_newer_than_this_page_are_still_told():
    assessment = stored("person_01")
    assessment.crop["windows"].append(
        {"code": "ear_line", "value_px": 7.0, "min_px": None, "max_px": 9.0, "miss_px": 0.0}
    )
    assessment.findings = [{"code": "portrait.some_new_rule", "outcome": "review", "value": 1.5, "limit": 1}]
    assessment.measurements = {"image_width_px": 720, "image_height_px": 960, "face": assessment.measurements}
    drawing = draw(Frame(pk=1), assessment)
    assert drawing.worst.title.en == "some new rule"
    assert drawing.readings[-1].allowed == "≤ 9 px"
    assert len(drawing.lines) >= 6, "measurements that stand apart are found as well"


def test_an_unmeasured_frame_is_a_picture_without_a_verdict():
    drawing = draw(Frame(pk=1), None)
    assert (drawing.outcome, drawing.crop, drawing.told) == ("", None, ())


def test_severity_puts_any_fail_before_all_reviews():
    fail = [{"outcome": "fail", "value": 9.1, "limit": 9}]
    reviews = [{"outcome": "review", "value": 5, "limit": 1}] * 30
    assert severity(fail) > severity(reviews) > severity(reviews[:1]) > severity([]) == 0
    nearer, farther = [{"outcome": "fail", "value": v, "limit": 9} for v in (9.1, 14)]
    assert severity([farther]) > severity([nearer])


def test_every_rule_of_the_engine_has_a_short_name_in_both_languages():
    for code in rule_codes():
        title = title_of(code)
        assert title.zh != title.en, code


def test_the_picklist_numbers_what_was_found_first():
    picks = picklist(["portrait.too_dark", "portrait.sharpness"])
    assert [(pick.key, pick.picked) for pick in picks[:3]] == [("1", True), ("2", True), ("3", False)]
    assert [pick.key for pick in picks].count("") == len(picks) - 9
    assert len({pick.code for pick in picks}) == len(picks) == len(rule_codes()) + len(PERSONS)
    assert say_reasons(["portrait.too_dark"], "灯坏了").en == "Too dark; 灯坏了"
