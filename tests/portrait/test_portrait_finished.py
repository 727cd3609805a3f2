"""A finished file is judged as it stands; a portrait can be made again bit for bit; sheets keep its true size."""

from __future__ import annotations

import dataclasses
import io
import json
from datetime import UTC, datetime

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.finished import check_finished
from gradphoto.engine.portrait.remake import read_provenance, remake
from gradphoto.engine.portrait.sheets import PAPERS, SheetItem, contact_sheets, layout_for, print_sheets
from gradphoto.engine.portrait.verdict import Outcome

pytestmark = pytest.mark.engine
DATED = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(pipeline, mb2017, print_profile):
    return pipeline.make(picture("person_03"), [mb2017, print_profile])


def codes(pipeline, data, profile):
    return {finding.code: finding.outcome for finding in check_finished(pipeline, data, profile).verdict.findings}


def rewritten(data: bytes, **options) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        (image.resize(options.pop("size")) if "size" in options else image).save(out, **options)
    return out.getvalue()


def test_what_the_engine_makes_passes_its_own_check(pipeline, made, mb2017):
    judged = check_finished(pipeline, made.portraits[0].data, mb2017)
    assert judged.verdict.outcome is Outcome.PASS
    assert judged.facts.dpi == (300, 300)
    assert 20 * 1024 <= judged.facts.size_bytes <= 40 * 1024
    windows = {"portrait.hair_top", "portrait.eye_line", "portrait.face_width", "portrait.centre"}
    assert windows <= set(judged.verdict.kept)


def test_every_fault_of_a_file_is_told(pipeline, made, mb2017):
    good = made.portraits[0].data
    fail, review = Outcome.FAIL, Outcome.REVIEW
    unmarked = codes(pipeline, rewritten(good, format="JPEG", quality=92), mb2017)
    assert unmarked["portrait.file_dpi"] is review, "the delivery writes the mark: no reason to call anybody back"
    assert codes(pipeline, rewritten(good, format="PNG", dpi=(300, 300)), mb2017)["portrait.file_format"] is fail
    small = rewritten(good, format="JPEG", quality=92, dpi=(300, 300), size=(240, 320))
    assert codes(pipeline, small, mb2017) | {"portrait.file_pixels": fail, "portrait.file_size": review} == codes(
        pipeline, small, mb2017
    )
    assert (
        codes(pipeline, rewritten(good, format="JPEG", quality=30, dpi=(300, 300)), mb2017)["portrait.file_quality"]
        is fail
    )
    assert (
        codes(pipeline, rewritten(good, format="JPEG", quality=99, subsampling=0, dpi=(300, 300)), mb2017)[
            "portrait.file_size"
        ]
        is fail
    )
    exif = Image.Exif()
    exif[0x0110] = "Camera"
    assert (
        codes(pipeline, rewritten(good, format="JPEG", quality=92, dpi=(300, 300), exif=exif), mb2017)[
            "portrait.file_exif"
        ]
        is review
    )


def test_a_shifted_picture_fails_the_windows_of_the_final_file(pipeline, made, mb2017):
    """The peer's files pass by file name and size; the eyes are where they are."""
    with Image.open(io.BytesIO(made.portraits[0].data)) as image:
        low = np.roll(np.asarray(image), 120, axis=0)
    low[:120] = (100, 197, 255)
    out = io.BytesIO()
    Image.fromarray(low).save(out, "JPEG", quality=92, dpi=(300, 300))
    assert {"portrait.hair_top", "portrait.eye_line"} <= set(codes(pipeline, out.getvalue(), mb2017))


def test_bytes_that_are_no_picture_are_a_typed_error(pipeline, mb2017):
    for data, code in (
        (b"", "portrait.empty"),
        (b"hello", "portrait.not_an_image"),
        (b"\xff\xd8\xff\xe0", "portrait.truncated"),
    ):
        with pytest.raises(PhotoError) as refused:
            check_finished(pipeline, data, mb2017)
        assert refused.value.code == code


@pytest.mark.parametrize("name", good_sitters()[:4])
def test_a_portrait_is_made_again_bit_for_bit_from_its_sidecar(pipeline, mb2017, legacy, print_profile, name):
    source = picture(name)
    for portrait, profile in zip(
        pipeline.make(source, [mb2017, legacy, print_profile]).portraits, (mb2017, legacy, print_profile), strict=True
    ):
        sidecar = json.loads(json.dumps(portrait.provenance.to_json()))
        assert remake(source, read_provenance(sidecar), profile) == portrait.data


def test_a_large_source_is_decoded_small_and_still_made_again(pipeline, mb2017):
    with Image.open(io.BytesIO(picture("person_05"))) as image:
        out = io.BytesIO()
        image.resize((3600, 4800), Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    source = out.getvalue()
    portrait = pipeline.make(source, [mb2017], render_failed=True).portraits[0]
    assert portrait.provenance.reduction > 1
    assert remake(source, portrait.provenance, mb2017) == portrait.data


def test_remaking_refuses_what_it_cannot_prove(made, mb2017):
    source, provenance = picture("person_03"), made.portraits[0].provenance

    def refused(data=source, **changes):
        with pytest.raises(PhotoError) as caught:
            remake(data, dataclasses.replace(provenance, **changes), mb2017)
        return caught.value.code

    assert refused(data=source + b" ") == "portrait.remake_source"
    assert refused(pipeline_version="0") == "portrait.remake_version"
    assert refused(crop_x=provenance.crop_x + 3) == "portrait.remake_differs"
    assert refused(profile_code="legacy_2009") == "portrait.remake_profile"
    with pytest.raises(PhotoError) as caught:
        read_provenance({"source_sha256": "x"})
    assert caught.value.code == "portrait.sidecar"


@pytest.mark.parametrize(("paper", "count"), [("5inch", 4), ("6inch", 4), ("a4", 25)])
def test_r117_a_sheet_holds_as_many_true_size_photographs_as_fit(print_profile, paper, count):
    layout = layout_for(PAPERS[paper], print_profile)
    assert layout.count == count
    assert (round(layout.photo_width_mm), round(layout.photo_height_mm)) == (33, 48)


def test_print_sheets_show_every_portrait_with_name_and_number(made, print_profile):
    items = [SheetItem("李堃", "0001", made.portraits[1].data), SheetItem("王小明", "0002", made.portraits[1].data)]
    pdf = pypdfium2.PdfDocument(
        print_sheets(items, print_profile, PAPERS["5inch"], copies=4, title="相片", dated=DATED)
    )
    assert len(pdf) == 2
    assert [round(side / 72 * 25.4) for side in pdf[0].get_size()] == [89, 127]
    text = pdf[1].get_textpage().get_text_range()
    assert text.count("0002") == 4
    assert "王小明" in text
    drawn = np.asarray(pdf[0].render(scale=300 / 72).to_pil().convert("RGB")).astype(int)
    blue = (np.abs(drawn - [100, 197, 255]).sum(axis=2) < 60).sum()
    assert blue > 100_000


def test_contact_sheets_colour_the_exceptions(made):
    items = [
        SheetItem(f"学生{n}", f"{n:04}", made.portraits[0].data, Outcome.FAIL if n == 3 else Outcome.PASS)
        for n in range(40)
    ]
    pdf = pypdfium2.PdfDocument(contact_sheets(items, columns=6, title="计科1班", dated=DATED))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert "0039" in text
    with pytest.raises(PhotoError) as refused:
        contact_sheets([], columns=6, title="", dated=DATED)
    assert refused.value.code == "portrait.sheet_empty"


def test_ofiq_scores_are_given_beside_our_values(pipeline, mb2017):
    plain = pipeline.assess(picture("person_03"), mb2017).to_json()
    scores = plain["ofiq"]
    assert set(scores) >= {"HeadPoseYaw", "InterEyeDistance", "EyesOpen", "MouthClosed", "DynamicRange", "HeadSize"}
    assert all(0 <= score <= 100 for score in scores.values())
    assert scores["HeadPoseYaw"] > 97
    assert scores["EyesOpen"] > 95
    turned = pipeline.assess(picture("defect_yaw"), mb2017).to_json()["ofiq"]
    assert turned["HeadPoseYaw"] < 80
    assert pipeline.assess(picture("defect_closed_eyes_1"), mb2017).to_json()["ofiq"]["EyesOpen"] < scores["EyesOpen"]
    assert pipeline.assess(picture("defect_no_face"), mb2017).to_json()["ofiq"] == {}


def test_background_work_is_done_only_when_ordered_and_is_proven_too(pipeline, mb2017):
    source = picture("person_05")
    kept = pipeline.make(source, [mb2017]).portraits[0]
    replaced = pipeline.make(source, [mb2017], new_background="white").portraits[0]
    assert (kept.provenance.new_background, replaced.provenance.new_background) == ("", "white")
    with Image.open(io.BytesIO(replaced.data)) as image:
        corner = np.asarray(image.convert("RGB"))[:30, :30].reshape(-1, 3).mean(axis=0)
    assert corner.min() > 250
    assert not {finding.code for finding in replaced.verdict.findings} & {"portrait.backdrop_colour"}
    assert remake(source, replaced.provenance, mb2017, pipeline) == replaced.data
    with pytest.raises(PhotoError) as refused:
        pipeline.make(source, [mb2017], new_background="green")
    assert refused.value.code == "portrait.no_such_background"


def test_a_backdrop_that_cannot_be_replaced_is_left_and_told(pipeline, mb2017):
    portrait = pipeline.make(picture("defect_blue_shirt"), [mb2017], new_background="white").portraits[0]
    assert portrait.provenance.new_background == ""
    assert "portrait.matte_alike" in {finding.code for finding in portrait.verdict.findings}
