"""What graduates read of a fault: plain words, each cause once (R119 to R123)."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradphoto.apps.capture.reasons import rule_codes
from gradphoto.apps.selfphoto.judging import judge_by
from gradphoto.apps.selfphoto.plain_words import in_plain_words
from gradphoto.apps.selfphoto.telling import to_mend
from gradphoto.demo.planted import both_eyes_closed
from gradphoto.demo.planted_scene import Scene, as_jpeg
from gradphoto.demo.sitters import picture
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.pipeline import process_pipeline
from gradphoto.engine.standards.profiles import load_profile
from selfphoto.selfphoto_world import agreed, self_photo_world, send, somebody

pytestmark = pytest.mark.django_db


def found(code, explained_by="", outcome="fail"):
    said = {"zh": "右眼似乎闭合（睁开程度 0.12，应不低于 0.50）。", "en": "The right eye seems closed (openness 0.12)."}
    return {"code": f"portrait.{code}", "outcome": outcome, "sentence": said, "advice": said,
            "explained_by": f"portrait.{explained_by}" if explained_by else ""}  # fmt: skip


@pytest.mark.parametrize("code", rule_codes())
def test_every_rule_has_words_without_measures_lamps_or_codes(code):
    for wording in in_plain_words(code):
        for words in (wording.zh, wording.en):
            assert words
            assert not re.search(r"\d|\*|ΔE|°|灯应|双灯|lamps stand|[a-z]_[a-z]", words), words


def test_a_cause_is_listed_once_with_what_it_explains_and_older_verdicts_stay_as_they_are():
    shut = [found("eye_right_open"), found("eye_left_open", "eye_right_open"), found("gaze_down", "eye_right_open")]
    assert [(one["code"], len(explained)) for one, explained in to_mend(shut)] == [("portrait.eye_right_open", 2)]
    older = [{name: value for name, value in one.items() if name != "explained_by"} for one in shut]
    assert len(to_mend(older)) == 3
    assert len(to_mend(shut[1:])) == 2, "a cause that is not there explains nothing"


def test_shut_eyes_are_one_thing_to_mend_on_the_page():
    world = self_photo_world()
    browser = agreed(world, somebody(world))
    said = send(browser, _shut_eyes()).json()
    shut = next(one for one in said["findings"] if one["code"] == "portrait.eye_right_open")
    assert shut["title"] == "眼睛没睁开"
    assert len(shut["marks"]) >= 2, "both eyes are marked"
    told = {one["code"] for one in said["findings"]}
    assert not told & {"portrait.eye_left_open", "portrait.eye_left_visible", "portrait.gaze_down", "portrait.too_dark"}
    page = browser.get(said["url"]).content.decode()
    assert "请睁开双眼、看着镜头再拍" in page
    assert "睁开程度" not in page
    assert page.count('data-code="portrait.eye') == 1


def _shut_eyes():
    traced = process_pipeline().trace(picture("person_03"))
    return as_jpeg(both_eyes_closed(Scene(traced.rgb, traced.points, traced.person), np.random.default_rng(1)), 92)


@pytest.mark.parametrize(
    ("start", "code", "kind"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "selfphoto.heic", "HEIC"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "selfphoto.heic", "AVIF"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "selfphoto.not_jpeg", "CR3"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "selfphoto.not_jpeg", "WebP"),
        (b"hello, no picture", "selfphoto.not_jpeg", "JPEG"),
    ],
)
def test_what_is_no_jpeg_is_called_by_its_own_name(start, code, kind):
    with pytest.raises(PhotoError) as caught:
        judge_by(start + bytes(64), load_profile("mb2017_99"))
    assert caught.value.code == code
    assert kind in caught.value.message.zh
    assert kind in caught.value.message.en
