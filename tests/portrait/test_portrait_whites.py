"""What lies between the lids is asked for light and cast only where it is not merely skin (教毕指〔2017〕99号: natural colour)."""

from __future__ import annotations

import pytest
from judged_faces import broken

from gradphoto.engine.portrait.verdict import Outcome


@pytest.mark.parametrize("lightness", [66.0, 40.0])
def test_what_is_no_lighter_and_no_whiter_than_skin_is_not_the_white_of_an_eye(good, mb2017, lightness):
    warm_skin = {"skin_hue_deg": 55.0, "skin_chroma": 30.0, "brightness_l": 60.0, "eye_white_l": lightness}
    narrow = broken(good, mb2017, **warm_skin, eye_white_a=15.0, eye_white_b=22.0)
    assert narrow == ({"portrait.cast_warm": Outcome.REVIEW} if lightness > 60.0 else {})
    assert "portrait.cast_warm" in broken(good, mb2017, **warm_skin, eye_white_a=16.0, eye_white_b=32.0)


def test_narrow_eyes_do_not_make_a_picture_too_dark(good, mb2017):
    skin = {"skin_hue_deg": 55.0, "skin_chroma": 24.0, "brightness_l": 45.0}
    narrow = {**skin, "eye_white_l": 25.0, "eye_white_a": 13.0, "eye_white_b": 18.0}
    refused = {"portrait.too_dark": Outcome.FAIL}
    assert broken(good, mb2017, **narrow, brightest_l=90.0) == {}
    assert broken(good, mb2017, **narrow, brightest_l=43.0) == refused
    assert broken(good, mb2017, **skin, eye_white_l=8.0, eye_white_a=1.0, eye_white_b=1.0) == refused
