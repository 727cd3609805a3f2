"""The crop meets every window where that is possible, and says what is missing where it is not."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.portrait.crop import solve_crop
from gradphoto.engine.portrait.measure import FaceMeasures


def face(**values: float) -> FaceMeasures:
    """A head as a camera sees it: 1,000 px from hair to chin in the middle of 3000 x 4000, unless told otherwise."""
    blank = {field.name: 0.0 for field in dataclasses.fields(FaceMeasures)}
    typical = {
        "hair_top_y_px": 1000.0,
        "eye_line_y_px": 1500.0,
        "chin_y_px": 2000.0,
        "centre_x_px": 1500.0,
        "face_width_px": 640.0,
        "head_left_x_px": 1130.0,
        "head_right_x_px": 1870.0,
        "inter_eye_px": 300.0,
    }
    return FaceMeasures(**{**blank, **typical, **values})


SOURCE = (3000, 4000)


def test_mb2017_all_windows_are_met_at_once(mb2017):
    crop = solve_crop(face(), mb2017, SOURCE)
    windows = {window.code: window for window in crop.windows}
    assert crop.missed == ()
    assert crop.shortages == ()
    assert 50 <= windows["hair_top"].value_px <= 110
    assert 200 <= windows["eye_line"].value_px <= 300
    assert 180 <= windows["face_width"].value_px <= 300
    assert windows["centre"].value_px == pytest.approx(0.0, abs=1e-6)


def test_mb2017_the_middle_of_the_windows_is_preferred(mb2017):
    # Face width 240, hair 80 and eyes 250 px: the middles themselves are possible for this head.
    crop = solve_crop(face(hair_top_y_px=1000, eye_line_y_px=1340, face_width_px=480), mb2017, SOURCE)
    values = {window.code: window.value_px for window in crop.windows}
    assert values["face_width"] == pytest.approx(240)
    assert values["hair_top"] == pytest.approx(80)
    assert values["eye_line"] == pytest.approx(250)


def test_r116_fractions_are_met_exactly_when_there_is_room(legacy, print_profile):
    for profile in (legacy, print_profile):
        crop = solve_crop(face(), profile, SOURCE)
        values = {window.code: window.value_px for window in crop.windows}
        assert crop.missed == ()
        assert values["head_room"] == pytest.approx(profile.height_px * 0.1)
        assert values["chin"] == pytest.approx(profile.height_px * 0.8)
        assert values["side"] >= profile.width_px * 0.1


def test_b3_image_and_print_have_their_own_crops_of_the_same_head(legacy, print_profile):
    image, printed = solve_crop(face(), legacy, SOURCE), solve_crop(face(), print_profile, SOURCE)
    assert image.width / image.height == pytest.approx(144 / 192)
    assert printed.width / printed.height == pytest.approx(print_profile.width_px / print_profile.height_px)
    assert printed.width < image.width


def test_hair_too_near_the_upper_edge_names_window_edge_and_pixels(mb2017):
    crop = solve_crop(face(hair_top_y_px=10, eye_line_y_px=510, chin_y_px=1010), mb2017, SOURCE)
    assert {window.code for window in crop.missed} & {"hair_top", "eye_line"}
    assert [shortage.edge for shortage in crop.shortages] == ["top"]
    assert crop.shortages[0].px > 10
    assert crop.y == 0.0


def test_a_head_at_the_side_is_cropped_inside_the_image_and_told(mb2017):
    crop = solve_crop(face(centre_x_px=400, head_left_x_px=30, head_right_x_px=770), mb2017, SOURCE)
    assert crop.x == 0.0
    assert "left" in [shortage.edge for shortage in crop.shortages]
    missed = {window.code for window in crop.missed}
    assert missed


def test_a_small_face_is_never_enlarged_but_told(mb2017):
    crop = solve_crop(face(hair_top_y_px=1000, eye_line_y_px=1070, chin_y_px=1140, face_width_px=90), mb2017, SOURCE)
    windows = {window.code: window for window in crop.windows}
    assert crop.scale == pytest.approx(1.0)
    assert windows["face_width"].value_px == pytest.approx(90)
    assert windows["face_width"].miss_px == pytest.approx(-90)


def test_a_source_smaller_than_the_output_shows_how_much_it_lacks(mb2017):
    crop = solve_crop(face(hair_top_y_px=40, eye_line_y_px=110, chin_y_px=180, centre_x_px=120, face_width_px=90),
                      mb2017, (240, 320))  # fmt: skip
    scale = next(window for window in crop.windows if window.code == "scale")
    assert scale.value_px == pytest.approx(2.0)
    assert scale.miss_px == pytest.approx(1.0)


heads = st.fixed_dictionaries(
    {
        "hair": st.floats(0, 2500),
        "eyes": st.floats(20, 900),
        "chin": st.floats(20, 900),
        "across": st.floats(10, 1800),
        "width": st.floats(20, 1800),
        "image": st.tuples(st.integers(60, 6000), st.integers(60, 6000)),
    }
)


@given(heads)
def test_any_head_in_any_image_gets_a_crop_inside_it_with_the_exact_aspect(mb2017, legacy, print_profile, head):
    measured = face(
        hair_top_y_px=head["hair"],
        eye_line_y_px=head["hair"] + head["eyes"],
        chin_y_px=head["hair"] + head["eyes"] + head["chin"],
        centre_x_px=head["across"],
        face_width_px=head["width"],
        head_left_x_px=head["across"] - head["width"] * 0.6,
        head_right_x_px=head["across"] + head["width"] * 0.6,
    )
    width, height = head["image"]
    for profile in (mb2017, legacy, print_profile):
        crop = solve_crop(measured, profile, head["image"])
        assert crop.x >= 0
        assert crop.y >= 0
        assert crop.x + crop.width <= width + 1e-6
        assert crop.y + crop.height <= height + 1e-6
        assert crop.width * profile.height_px == pytest.approx(crop.height * profile.width_px, rel=1e-6)
        assert crop.width * crop.scale == pytest.approx(profile.width_px, rel=1e-6)


@given(
    st.floats(1.0, 6.0), st.floats(55, 105), st.floats(205, 295), st.floats(185, 295),
    st.floats(0, 500), st.floats(0, 500),
)  # fmt: skip
def test_where_a_crop_exists_that_meets_all_windows_the_solver_finds_one(mb2017, u, hair, eyes, wide, right, down):
    measured = face(
        hair_top_y_px=down + hair * u,
        eye_line_y_px=down + eyes * u,
        chin_y_px=down + (2 * eyes - hair) * u,
        centre_x_px=right + 240 * u,
        face_width_px=wide * u,
    )
    image = (int(right + 480 * u) + 1 + int(right), int(down + 640 * u) + 1)
    crop = solve_crop(measured, mb2017, image)
    assert crop.missed == ()
    if 55 <= hair <= 105 and 205 <= eyes <= 295 and 185 <= wide <= 295:
        # A crop five pixels inside every limit exists, so this one rests on none.
        for window in crop.windows:
            if window.min_px is not None and window.max_px is not None and window.code != "centre":
                assert window.min_px + 4.9 <= window.value_px <= window.max_px - 4.9, window
