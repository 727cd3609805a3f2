"""From a camera JPEG to verdict and files, on a real picture and on what commonly goes wrong with one."""

from __future__ import annotations

import hashlib
import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.pipeline import Pipeline, process_pipeline
from gradphoto.engine.portrait.verdict import Outcome


def as_jpeg(rgb: np.ndarray, quality: int = 92, **options) -> bytes:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality, **options)
    return out.getvalue()


def codes(assessment, outcome: Outcome | None = None) -> set[str]:
    return {finding.code for finding in assessment.verdict.findings if outcome in (None, finding.outcome)}


@pytest.fixture(scope="module")
def made(pipeline, studio_jpeg, mb2017, legacy, print_profile):
    return pipeline.make(studio_jpeg, [mb2017, legacy, print_profile])


def test_a_good_picture_is_not_refused_and_gives_every_output(made):
    assert made.assessment.verdict.outcome is not Outcome.FAIL
    assert made.refused == ()
    assert [(p.profile_code, p.width_px, p.height_px) for p in made.portraits] == [
        ("mb2017_99", 480, 640), ("legacy_2009", 144, 192), ("print_48x33", 390, 567),
    ]  # fmt: skip


def test_the_files_are_what_the_rules_ask_for(made):
    for portrait in made.portraits:
        image = Image.open(io.BytesIO(portrait.data))
        assert image.format == "JPEG"
        assert image.mode == "RGB"
        assert image.size == (portrait.width_px, portrait.height_px)
        assert image.info["dpi"] == (300, 300)
        assert not image.getexif()
        assert portrait.data.endswith(b"\xff\xd9"), "not padded"
    registered = made.portraits[0]
    assert 20 * 1024 <= len(registered.data) <= 40 * 1024
    assert registered.provenance.quality >= 60
    assert registered.provenance.in_size_window


def test_the_windows_hold_on_the_final_file_itself(pipeline, made, mb2017):
    seen = pipeline.assess(made.portraits[0].data, mb2017).measurements.face
    assert 50 - 3 <= seen.hair_top_y_px <= 110 + 3
    assert 200 - 3 <= seen.eye_line_y_px <= 300 + 3
    assert 180 - 3 <= seen.face_width_px <= 300 + 3
    assert abs(seen.centre_x_px - 240) <= 5


def test_no_output_is_stretched(pipeline, made, mb2017):
    source = made.assessment.measurements.face
    shape = source.face_width_px / (source.chin_y_px - source.eye_line_y_px)
    for portrait in made.portraits:
        if portrait.width_px < 300:
            continue
        seen = pipeline.assess(portrait.data, mb2017).measurements.face
        assert seen.face_width_px / (seen.chin_y_px - seen.eye_line_y_px) == pytest.approx(shape, rel=0.03)


def test_the_same_bytes_give_the_same_bytes(pipeline, studio_jpeg, made, mb2017):
    again = pipeline.make(studio_jpeg, [mb2017])
    assert again.portraits[0].data == made.portraits[0].data
    assert again.portraits[0].provenance == made.portraits[0].provenance
    assert again.assessment.measurements == made.assessment.measurements


def test_provenance_names_source_models_crop_and_output(made, studio_jpeg, installed_models):
    for portrait in made.portraits:
        told = json.loads(json.dumps(portrait.provenance.to_json()))
        assert told["source_sha256"] == hashlib.sha256(studio_jpeg).hexdigest()
        assert told["output_sha256"] == hashlib.sha256(portrait.data).hexdigest()
        used = {model.name: model.sha256 for model in installed_models if model.name != "face_recognition"}
        assert told["model_sha256"] == used
        assert told["crop_width"] * told["scale"] == pytest.approx(portrait.width_px)


def test_the_assessment_can_be_stored(made):
    stored = json.loads(json.dumps(made.assessment.to_json(), ensure_ascii=False))
    assert stored["measurements"]["face_count"] == 1
    assert stored["verdict"]["outcome"] == made.assessment.verdict.outcome.value
    assert stored["crop"]["scale"] < 1
    assert set(stored["timings_ms"]) == {"decode", "detect", "landmarks", "segment", "measure"}


def blurred(rgb):
    return cv2.GaussianBlur(rgb, (0, 0), 9)


def dark(rgb):
    return (rgb * 0.18).astype(np.uint8)


def burnt_out(rgb):
    return np.clip(rgb * 1.8 + 50.0, 0, 255).astype(np.uint8)


def grey(rgb):
    return np.repeat(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)


def leaning(rgb):
    turn = cv2.getRotationMatrix2D((900, 700), -14, 1.0)
    return cv2.warpAffine(rgb, turn, rgb.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


def tiny(rgb):
    return cv2.resize(rgb, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA)


def hair_cut_off(rgb):
    return np.ascontiguousarray(rgb[380:])


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (blurred, "portrait.sharpness"),
        (dark, "portrait.too_dark"),
        (burnt_out, "portrait.too_bright"),
        (grey, "portrait.greyscale"),
        (leaning, "portrait.head_roll"),
        (tiny, "portrait.resolution"),
        (hair_cut_off, "portrait.head_cut_off"),
    ],
)
def test_a_spoilt_picture_is_refused_for_the_right_reason(pipeline, studio, mb2017, spoil, code):
    made = pipeline.make(as_jpeg(spoil(studio)), [mb2017])
    assert code in codes(made.assessment, Outcome.FAIL)
    assert made.portraits == ()
    assert made.refused[0].code in codes(made.assessment, Outcome.FAIL) | {"portrait.enlarged"}


@pytest.mark.parametrize(
    ("gains", "code"), [((0.8, 0.9, 1.35), "portrait.cast_cold"), ((0.8, 1.15, 0.75), "portrait.cast_green")]
)
def test_a_colour_cast_asks_for_a_look_and_no_more(pipeline, studio, mb2017, gains, code):
    assessment = pipeline.assess(as_jpeg(np.clip(studio * np.array(gains), 0, 255).astype(np.uint8)), mb2017)
    assert code in codes(assessment, Outcome.REVIEW)


def test_an_empty_backdrop_has_no_face_and_no_crop(pipeline, mb2017, legacy):
    made = pipeline.make(as_jpeg(np.full((900, 700, 3), (100, 197, 255), np.uint8)), [mb2017, legacy])
    assert made.assessment.verdict.outcome is Outcome.FAIL
    assert codes(made.assessment) == {"portrait.face_count"}
    assert made.assessment.crop is None
    assert made.assessment.measurements.face is None
    assert [refusal.code for refusal in made.refused] == ["portrait.face_count"] * 2


def test_two_people_are_refused_with_their_number(pipeline, studio, mb2017):
    made = pipeline.make(as_jpeg(np.hstack([studio, studio])), [mb2017], render_failed=True)
    assert made.assessment.measurements.face_count == 2
    assert codes(made.assessment) == {"portrait.face_count"}
    assert "2" in made.assessment.verdict.findings[0].sentence.zh
    assert made.portraits == ()


def test_a_camera_held_upright_gives_the_same_measurements(pipeline, studio, made, mb2017):
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = as_jpeg(np.ascontiguousarray(np.rot90(studio)), exif=exif)
    seen, straight = pipeline.assess(sideways, mb2017).measurements, made.assessment.measurements
    assert (seen.image_width_px, seen.image_height_px) == (straight.image_width_px, straight.image_height_px)
    assert seen.face.eye_line_y_px == pytest.approx(straight.face.eye_line_y_px, abs=4)
    assert seen.face.roll_deg == pytest.approx(straight.face.roll_deg, abs=1)


def test_measurements_follow_the_picture_when_it_is_moved(pipeline, studio, made, mb2017):
    moved = np.pad(studio, ((100, 0), (160, 0), (0, 0)), mode="edge")
    seen, before = pipeline.assess(as_jpeg(moved), mb2017).measurements.face, made.assessment.measurements.face
    assert seen.eye_line_y_px - before.eye_line_y_px == pytest.approx(100, abs=4)
    assert seen.hair_top_y_px - before.hair_top_y_px == pytest.approx(100, abs=12)
    assert seen.centre_x_px - before.centre_x_px == pytest.approx(160, abs=4)


def test_a_registrar_may_overrule_a_rule_but_nobody_may_enlarge(pipeline, studio, mb2017):
    overruled = pipeline.make(as_jpeg(leaning(studio)), [mb2017], render_failed=True)
    assert len(overruled.portraits) == 1
    assert overruled.portraits[0].verdict.outcome is Outcome.FAIL
    enlarged = pipeline.make(as_jpeg(tiny(studio)), [mb2017], render_failed=True)
    assert [refusal.code for refusal in enlarged.refused] == ["portrait.enlarged"]


def test_bytes_that_are_no_picture_are_a_typed_refusal(pipeline, mb2017):
    with pytest.raises(PhotoError) as caught:
        pipeline.assess(b"PK\x03\x04 not a photograph", mb2017)
    assert caught.value.code == "portrait.not_an_image"


def test_a_mirrored_picture_looks_and_leans_the_other_way(pipeline, studio, mb2017):
    turned = leaning(studio)
    seen = pipeline.assess(as_jpeg(turned), mb2017).measurements.face
    mirrored = pipeline.assess(as_jpeg(np.ascontiguousarray(turned[:, ::-1])), mb2017).measurements.face
    assert seen.roll_deg > 8, "turned clockwise"
    assert mirrored.roll_deg == pytest.approx(-seen.roll_deg, abs=2)
    assert mirrored.yaw_deg == pytest.approx(-seen.yaw_deg, abs=3)
    assert mirrored.pitch_deg == pytest.approx(seen.pitch_deg, abs=3)


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (5, 700), (40, 40)])
def test_a_scrap_of_a_picture_has_no_face(pipeline, mb2017, size):
    scrap = Image.fromarray(np.full((*size, 3), 120, np.uint8))
    out = io.BytesIO()
    scrap.save(out, "PNG")
    assert codes(pipeline.assess(out.getvalue(), mb2017)) == {"portrait.face_count"}


def test_a_head_cut_by_any_edge_is_assessed_without_a_crash(pipeline, studio, mb2017, legacy, print_profile):
    random = np.random.default_rng(99)
    faces = 0
    for _ in range(40):
        top, left = random.integers(0, 900, 2)
        bottom, right = top + random.integers(150, 1300), left + random.integers(150, 1300)
        cut = np.ascontiguousarray(studio[top:bottom, left:right])
        made = pipeline.make(as_jpeg(cut), [mb2017, legacy, print_profile], render_failed=True)
        json.dumps(made.assessment.to_json())
        faces += made.assessment.measurements.face_count
        if made.assessment.crop:
            assert made.assessment.crop.x + made.assessment.crop.width <= cut.shape[1] + 1e-6
    assert faces > 5


# The astronaut's eyes in the studio picture (own right, own left): centre, half width, distance up to bare lid skin.
EYES = {"right": (820, 642), "left": (985, 655)}


def shut(rgb, side):
    """Draw a closed lid: skin from under the brow pulled down over the eye, and a line of lashes."""
    across, down = EYES[side]
    spoilt = rgb.copy()
    lid = cv2.resize(rgb[down - 44 : down - 26, across - 48 : across + 48], (96, 56))
    shape = np.zeros((56, 96), np.float32)
    cv2.ellipse(shape, (48, 28), (44, 24), 0, 0, 360, 1.0, -1)
    blend = cv2.GaussianBlur(shape, (0, 0), 4)[..., None]
    place = spoilt[down - 28 : down + 28, across - 48 : across + 48]
    place[:] = (place * (1 - blend) + lid * blend).astype(np.uint8)
    cv2.ellipse(spoilt, (across, down + 4), (38, 12), 0, 10, 170, (60, 40, 35), 4, cv2.LINE_AA)
    return spoilt


@pytest.mark.parametrize("side", ["right", "left"])
def test_one_shut_eye_is_found_although_the_other_is_open(pipeline, studio, made, mb2017, side):
    other = {"right": "left", "left": "right"}[side]
    assert not {f"portrait.eye_{side}_visible", f"portrait.eye_{side}_open"} & codes(made.assessment)
    found = codes(pipeline.assess(as_jpeg(shut(studio, side)), mb2017))
    assert f"portrait.eye_{side}_visible" in found
    assert f"portrait.eye_{other}_visible" not in found


@pytest.fixture(scope="module")
def two_distances(studio):
    """Two camera files of one size: one face needs the full picture, one is large enough at half its size."""
    near = np.asarray(Image.fromarray(studio[:1400, 375:1425]).resize((2100, 2800), Image.Resampling.BILINEAR))
    small = np.asarray(Image.fromarray(studio).resize((1024, 1144), Image.Resampling.BOX))
    far = np.pad(small, ((2800 - 1144, 0), (538, 538), (0, 0)), mode="edge")
    return as_jpeg(near), as_jpeg(far)


def test_the_scale_follows_from_the_source_alone_whatever_came_before(installed_models, two_distances, mb2017):
    """Each file is decoded once where the one before was alike, and comes out the same where it was not."""
    made = {}
    for order in ((0, 1, 1, 0, 0), (1, 0, 0, 1, 1)):
        one_process = Pipeline()
        for number in order:
            result = one_process.make(two_distances[number], [mb2017], render_failed=True)
            portrait = result.portraits[0]
            decodes = sum(stage == "decode" for stage, _ in result.assessment.timings_ms)
            made.setdefault(number, []).append((portrait.data, portrait.provenance.reduction, decodes))
    for results in made.values():
        assert len({(data, reduction) for data, reduction, _ in results}) == 1
        assert results[-1][2] == 1, "the one before was alike"
    assert made[0][0][1] == 2
    assert made[1][0][1] == 1


def test_a_process_reads_its_models_once(pipeline):
    """Issue 12: the room, the portraits' jobs, the proof of a portrait and a folder share one engine."""
    from gradphoto.apps.capture.verdicts import pipeline as of_the_room

    assert of_the_room() is process_pipeline() is process_pipeline(models.default_cache_dir()) is pipeline
