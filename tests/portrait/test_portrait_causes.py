"""What one cause makes is told once, with the cause: shut eyes, casts, burnt-out faces."""

from __future__ import annotations

import dataclasses
import io
import math

import openpyxl
import pytest
from judged_faces import broken, changed, verdict_of

from gradphoto.apps.stations.runner import _everything
from gradphoto.engine.portrait import causes as causes_module
from gradphoto.engine.portrait.causes import causes_of
from gradphoto.engine.portrait.folder import _findings
from gradphoto.engine.portrait.folder_journal import FolderLine
from gradphoto.engine.portrait.folder_report import write_xlsx
from gradphoto.engine.portrait.judge import judge
from gradphoto.engine.portrait.verdict import MENDING_ORDER
from gradphoto.engine.wording import Wording


def test_what_one_cause_makes_is_told_once_with_the_cause(good, mb2017):
    shut = {
        "eye_open_right": 0.1,
        "eye_open_left": 0.2,
        "eye_visible_right": 0.05,
        "eye_visible_left": 0.05,
        "gaze_down": 0.9,
    }
    verdict = verdict_of(good, mb2017, **shut)
    ((cause, explained),) = verdict.told()
    assert cause.code == "portrait.eye_right_open" == verdict.findings[0].code
    assert {one.code for one in explained} == {finding.code for finding in verdict.findings} - {cause.code}
    assert len(explained) == 4
    assert verdict.to_json()["findings"][1]["explained_by"] == cause.code


def test_a_cause_is_never_milder_than_what_it_is_said_to_explain(good, mb2017):
    verdict = verdict_of(good, mb2017, eye_open_right=0.6, eye_open_left=0.1)
    assert [(cause.code, len(explained)) for cause, explained in verdict.told()] == [("portrait.eye_left_open", 1)]


def test_every_cause_explains_rules_that_exist_and_no_two_each_other():
    known = {f"portrait.{name}" for name in MENDING_ORDER}
    for worst in (1, 2):
        causes = causes_of(dict.fromkeys(known, worst))
        assert set(causes) | set(causes.values()) <= known
        assert not set(causes.values()) & set(causes), "a cause that is itself explained is told by its own cause"
    named = {name for cause, explained in causes_module._CAUSES for name in (cause, *explained)}
    assert named <= set(MENDING_ORDER)


def test_shut_or_covered_eyes_say_nothing_of_light_and_cast(good, mb2017):
    dark = {"eye_white_l": 2.0, "eye_white_b": 30.0, "brightness_l": 6.0}
    assert "portrait.too_dark" in broken(good, mb2017, **dark)
    assert not {"portrait.too_dark", "portrait.cast_warm"} & set(
        broken(good, mb2017, eye_open_right=0.1, eye_open_left=0.1, **dark)
    )
    assert not {"portrait.too_dark", "portrait.cast_warm"} & set(broken(good, mb2017, eyes_covered=0.9, **dark))


@pytest.mark.parametrize(
    ("white", "skin", "code"),
    [
        ((6.0, 3.0), (9.0, 11.0), None),  # the middle of 102 London heads
        (
            (12.0, 10.0),
            (17.0, 18.0),
            None,
        ),  # a camera that colours strongly: red in the whites, as in the skin, is no cast
        ((17.0, 3.0), (27.0, 11.0), "portrait.cast_red"),
        ((-1.0, 18.0), (2.0, 26.0), "portrait.cast_green"),  # a green lamp under a camera that colours strongly
        ((8.0, -6.0), (12.0, 0.0), "portrait.cast_cold"),
        ((17.0, 30.0), (23.0, 40.0), "portrait.cast_warm"),
        ((-8.0, 12.0), (-2.0, 20.0), "portrait.cast_green"),
    ],
)
def test_a_cast_moves_the_white_of_the_eyes_and_the_skin_together(good, mb2017, white, skin, code):
    hue, chroma = math.degrees(math.atan2(skin[1], skin[0])), math.hypot(*skin)
    verdict = verdict_of(
        good, mb2017, eye_white_a=white[0], eye_white_b=white[1], skin_hue_deg=hue, skin_chroma=chroma, rgb=None
    )
    assert [cause.code for cause, _ in verdict.told()] == ([code] if code else [])


def test_a_burnt_out_face_says_nothing_of_covered_eyes(good, mb2017):
    verdict = verdict_of(good, mb2017, eyes_covered=0.6, clipped_share=0.08)
    assert verdict.findings == ()
    assert "portrait.eyes_covered" in {one.code for one in verdict.not_assessed}


def test_a_grey_picture_has_no_cast(good, mb2017):
    grey = dataclasses.replace(
        good, colour_spread=1.0, face=changed(good.face, eye_white_a=0.0, eye_white_b=0.0, skin_chroma=0.5)
    )
    assert [cause.code for cause, _ in judge(grey, mb2017).told()] == ["portrait.greyscale"]


def test_report_and_station_tell_a_cause_once_and_name_what_it_explains(good, mb2017):
    verdict = verdict_of(
        good, mb2017, eye_open_right=0.1, eye_open_left=0.1, gaze_down=0.9, gaze_side=0.0, mouth_open=0.5
    )
    line = FolderLine(
        "a.jpg", "mb2017_99", verdict.outcome, "", Wording("", ""), Wording("", ""), _findings(verdict), (), "", 0, 0
    )
    told = openpyxl.load_workbook(io.BytesIO(write_xlsx([line]))).active["I2"].value.splitlines()
    assert len(told) == len(verdict.findings) == 4
    assert told[0].startswith("1. 不合格 fail：右眼似乎闭合")
    assert sum("请睁开双眼后重拍" in one for one in told) == 1, "the advice of one cause is given once"
    assert sum("同因 portrait.eye_right_open" in one for one in told) == 2
    said = _everything(verdict)
    assert said.zh.count("请睁开双眼后重拍") == 1
    assert "同因：左眼未睁开、目光偏上下" in said.zh
    assert "the same cause: Left eye not open, Looking up or down" in said.en
    assert "请自然闭合嘴唇后重拍" in said.zh
