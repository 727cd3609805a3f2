"""Another backdrop behind a person: hair kept, gaps found, the person untouched, and a refusal where it cannot be done."""

from __future__ import annotations

import functools

import cv2
import matte_truth as truth
import numpy as np
import pytest
import simplejpeg

from budget import examples
from gradphoto.demo.sitters import picture
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.decode import decode
from gradphoto.engine.portrait.matte import replace_background
from gradphoto.engine.portrait.matte.replace import _left_at_the_neck
from gradphoto.engine.portrait.matte.surface import SurfaceFit
from gradphoto.engine.portrait.render import render
from gradphoto.engine.portrait.segment import PersonSegmenter

pytestmark = pytest.mark.engine

SIZE = (480, 640)
WHITE, LIGHT_BLUE, GREY = (255, 255, 255), (100, 197, 255), (240, 240, 240)
STUDIO_BLUE, RED, WALL = (67, 142, 219), (205, 40, 45), (235, 235, 235)
BROWN, BLACK = (110, 72, 45), (38, 30, 27)

# Sitter, hair, its colour, backdrop, its colour; decibels asked for in the edge band, for white and for light blue.
SCENES = {
    "short": ("person_02", "short", BLACK, "gradient", LIGHT_BLUE, 34, 40),
    "loose": ("person_05", "loose", BLACK, "gradient", LIGHT_BLUE, 34, 40),
    "loose_brown": ("person_05", "loose", BROWN, "vignette", LIGHT_BLUE, 27, 34),
    "curls": ("person_09", "curls", BLACK, "vignette", LIGHT_BLUE, 34, 40),
    "long_shadow": ("person_11", "long", BLACK, "shadow", LIGHT_BLUE, 31, 35),
    "loose_shadow": ("person_02", "loose", BLACK, "shadow", STUDIO_BLUE, 28, 31),
    "red": ("person_08", "short", BLACK, "gradient", RED, 28, 28),
    "pale_wall": ("person_06", "short", BLACK, "gradient", WALL, 30, 28),
}


DAILY = ("short", "curls", "long_shadow", "pale_wall", "loose_shadow")
"""The scenes that other tests look at, too; the others come at night."""
NIGHTLY = pytest.mark.nightly
IN_TURN = [name if name in DAILY else pytest.param(name, marks=NIGHTLY) for name in SCENES]


@functools.cache
def scene(name: str) -> truth.Scene:
    sitter, hair, colour, kind, behind, *_ = SCENES[name]
    return truth.scene(sitter, SIZE, hair, behind, kind, colour=colour)


@pytest.fixture(scope="session")
def segment(installed_models):
    return PersonSegmenter(models.load("person_segmentation")).mask


@pytest.fixture(scope="session")
def replaced(segment):
    @functools.cache
    def once(name, target):
        rgb = scene(name).rgb
        return replace_background(rgb, segment(rgb), target)

    return once


def by_segmentation_alone(rgb, person, target):
    """What a neural mask without a known backdrop gives."""
    alpha = person[..., None]
    light = truth.to_light(rgb) * alpha + (1 - alpha) * truth.to_light(np.array(target))
    return np.rint(truth.to_code(light)).astype(np.uint8)


@pytest.mark.parametrize("name", IN_TURN)
def test_hair_and_outline_are_as_if_taken_before_the_new_backdrop(replaced, segment, name):
    known = scene(name)
    targets = ((WHITE, SCENES[name][5]), (LIGHT_BLUE, SCENES[name][6]), (GREY, SCENES[name][6] - 5))
    every = 1 if examples(1) > 1 else 3  # one new backdrop each in turn; all of them at night
    for target, floor in targets[list(SCENES).index(name) % every :: every]:
        result, wanted = replaced(name, target), known.truth(target)
        assert result.usable
        ours = truth.psnr(result.rgb, wanted, known.edge)
        plain = truth.psnr(by_segmentation_alone(known.rgb, segment(known.rgb), target), wanted, known.edge)
        assert ours >= floor
        assert ours >= plain + 8


@pytest.mark.parametrize("name", [pytest.param(one, marks=NIGHTLY) for one in ("short", "long_shadow")] + ["curls"])
def test_a_picture_reduced_after_the_camera_mixed_its_code_values_does_as_well(segment, name):
    sitter, hair, colour, kind, behind, *_ = SCENES[name]
    known = truth.scene(sitter, SIZE, hair, behind, kind, colour=colour, mixed_in_light=False)
    result = replace_background(known.rgb, segment(known.rgb), WHITE)
    assert truth.psnr(result.rgb, known.truth(WHITE), known.edge) >= 30


@pytest.mark.parametrize("name", IN_TURN)
def test_the_person_is_copied_bit_for_bit(replaced, segment, name):
    known, result = scene(name), replaced(name, WHITE)
    untouched = (result.rgb == known.rgb).all(axis=2)
    assert untouched[result.alpha == 1].all()
    # The sure core: face and clothes, from 15 px inside the outline that truth and segmentation agree on.
    sure = (known.alpha > 0.999) & (segment(known.rgb) > 0.9)
    core = cv2.erode(sure.astype(np.uint8), np.ones((31, 31), np.uint8)) > 0
    assert core.mean() > 0.25
    assert untouched[core].all()


@pytest.mark.parametrize("target", [WHITE, LIGHT_BLUE, GREY])
def test_away_from_the_person_the_backdrop_is_exactly_the_target(replaced, target):
    known, result = scene("loose_shadow"), replaced("loose_shadow", target)
    clear = cv2.dilate((known.alpha > 0).astype(np.uint8), np.ones((41, 41), np.uint8)) == 0
    assert (result.rgb[clear] == target).all()


def holes_of(known):
    """Pixels of bare backdrop that lie inside the person's outline."""
    bare = (known.alpha < 0.01).astype(np.uint8)
    _, pieces = cv2.connectedComponents(bare, connectivity=4)
    edges = set(np.unique(np.concatenate([pieces[0], pieces[:, 0], pieces[:, -1]])))
    return (bare > 0) & ~np.isin(pieces, list(edges))


def test_pockets_of_backdrop_inside_curls_are_found(replaced):
    known, result = scene("curls"), replaced("curls", WHITE)
    holes = holes_of(known)
    assert holes.sum() > 300
    assert result.quality.pocket_share > 0
    assert float(result.alpha[holes].mean()) < 0.05


def test_the_gap_between_neck_and_long_hair_is_backdrop(replaced):
    known, result = scene("long_shadow"), replaced("long_shadow", WHITE)
    rows = slice(round(0.45 * SIZE[1]), round(0.6 * SIZE[1]))
    gap = known.alpha[rows] < 0.01
    assert float(result.alpha[rows][gap].mean()) < 0.02
    locks = known.alpha[rows] > 0.99
    assert float(result.alpha[rows][locks].mean()) > 0.98


def test_a_pale_collar_before_a_pale_wall_stays(replaced):
    known, result = scene("pale_wall"), replaced("pale_wall", WHITE)
    collar = (known.alpha > 0.999) & (known.rgb.min(axis=2) > 205)
    assert collar.sum() > 2000
    difference = np.abs(result.rgb[collar].astype(int) - known.rgb[collar])
    assert float((difference.max(axis=1) > 12).mean()) < 0.15


def test_a_badge_of_the_backdrops_colour_stays_on_the_chest(segment):
    rgb = scene("short").rgb.copy()
    rgb[560:590, 300:340] = rgb[40, 40]
    result = replace_background(rgb, segment(rgb), WHITE)
    assert (result.rgb[560:590, 300:340] == rgb[560:590, 300:340]).all()


def test_a_shaded_scarf_that_meets_the_backdrops_colour_by_degrees_is_no_pocket(segment):
    rgb = scene("short").rgb.copy()
    scarf = (slice(390, 440), slice(215, 275))
    shading = np.linspace(-30, 30, 60)[None, :, None]
    rgb[scarf] = np.clip(rgb[390:440, 40:41] + shading, 0, 255).astype(np.uint8)
    result = replace_background(rgb, segment(rgb), WHITE, chin_y_px=380)
    assert (result.rgb[scarf] == rgb[scarf]).all()


def test_a_gleam_on_dark_hair_is_no_hole(segment):
    rgb = scene("short").rgb.copy()
    person = segment(rgb)
    top = int(np.flatnonzero(person[:, 240] > 0.9)[0])
    rgb[top + 14 : top + 17, 215:265] = (135, 135, 140)
    result = replace_background(rgb, person, WHITE)
    assert (result.rgb[top + 14 : top + 17, 215:265] == (135, 135, 140)).all()


def test_pixels_to_be_kept_are_kept_whatever_their_colour(segment):
    rgb = scene("short").rgb
    keep = np.zeros(rgb.shape[:2], bool)
    keep[5:40, 5:40] = True
    result = replace_background(rgb, segment(rgb), WHITE, keep=keep)
    assert (result.rgb[keep] == rgb[keep]).all()
    assert (result.rgb[5:40, 50:80] == 255).all()


def test_gradient_and_soft_shadow_are_part_of_the_surface(replaced):
    known, model = scene("loose_shadow"), replaced("loose_shadow", WHITE).backdrop
    bare = known.alpha < 0.001
    miss = np.abs(model.whole().astype(int) - known.rgb).max(axis=2)[bare]
    assert model.residual_delta_e < 1.5
    assert float(np.percentile(miss, 95)) < 8
    assert 0.5 <= model.noise < 3


def refused(rgb, person, **options):
    before = rgb.copy()
    result = replace_background(rgb, person, WHITE, **options)
    assert not result.usable
    assert result.reason.zh
    assert result.reason.en
    assert (result.rgb == before).all()
    assert (result.alpha == 1).all()
    assert result.quality.unsure_share is None
    return result.refusal.code


def test_a_patterned_backdrop_is_refused_and_the_picture_left_alone(segment):
    rgb = truth.scene("person_02", SIZE, "short", LIGHT_BLUE, "stripes").rgb
    assert refused(rgb, segment(rgb)) == "portrait.matte_patterned"


def test_two_walls_are_not_one_surface(segment):
    known = scene("short")
    behind = np.broadcast_to(truth.to_light(np.array(LIGHT_BLUE)), known.cut_out.light.shape).copy()
    behind[:, behind.shape[1] // 2 :] = truth.to_light(np.array((220, 200, 150)))
    rgb = truth.photograph(known.cut_out, behind, True, 1.2)
    assert refused(rgb, segment(rgb)) in ("portrait.matte_many_colours", "portrait.matte_patterned")


def test_a_shirt_of_the_backdrops_colour_is_refused(segment, pipeline, mb2017):
    data = picture("defect_blue_shirt")
    rgb = render(decode(data), pipeline.assess(data, mb2017).crop)
    assert refused(rgb, segment(rgb)) == "portrait.matte_alike"


def test_without_backdrop_or_without_a_person_there_is_nothing_to_do():
    rgb = scene("short").rgb
    assert refused(rgb, np.ones(rgb.shape[:2], np.float32)) == "portrait.matte_unseen"
    empty = np.full((640, 480, 3), 200, np.uint8)
    assert refused(empty, np.zeros((640, 480), np.float32)) == "portrait.matte_no_person"


def test_a_hint_of_another_colour_finds_no_backdrop(segment):
    rgb = scene("short").rgb
    assert replace_background(rgb, segment(rgb), WHITE, backdrop_hint=LIGHT_BLUE).usable
    assert refused(rgb, segment(rgb), backdrop_hint=RED) == "portrait.matte_unseen"


@pytest.mark.parametrize(
    "size", [(144, 192), (390, 567), pytest.param((960, 1280), marks=[pytest.mark.slow, pytest.mark.nightly])]
)
def test_every_output_size_is_served(segment, size):
    known = truth.scene("person_05", size, "short", LIGHT_BLUE, "gradient")
    result = replace_background(known.rgb, segment(known.rgb), WHITE)
    assert result.usable
    assert result.alpha.shape == known.rgb.shape[:2]
    assert result.alpha.dtype == np.float32
    assert truth.psnr(result.rgb, known.truth(WHITE), known.edge) >= 28


def test_a_real_portrait_before_a_mottled_studio_wall(pipeline, studio_jpeg, mb2017, segment):
    rgb = render(decode(studio_jpeg), pipeline.assess(studio_jpeg, mb2017).crop)
    result = replace_background(rgb, segment(rgb), WHITE)
    assert result.usable
    assert (result.rgb[:40] == 255).mean() > 0.99
    face = (slice(200, 330), slice(180, 300))
    assert (result.rgb[face] == rgb[face]).all()


def test_the_same_picture_gives_the_same_result_and_is_not_changed(segment):
    rgb = scene("curls").rgb
    before, person = rgb.copy(), segment(rgb)
    first, second = (replace_background(rgb, person, GREY) for _ in range(2))
    assert (first.rgb == second.rgb).all()
    assert (first.alpha == second.alpha).all()
    assert first.quality == second.quality
    assert (rgb == before).all()


def test_a_jpegs_own_noise_does_no_harm(segment):
    known = scene("loose")
    rgb = simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(known.rgb, quality=90, colorsubsampling="420"))
    result = replace_background(rgb, segment(rgb), WHITE)
    loss_of_the_jpeg = truth.psnr(rgb, known.rgb, known.edge)
    assert truth.psnr(result.rgb, known.truth(WHITE), known.edge) >= loss_of_the_jpeg - 2


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (3, 3), (40, 1), (17, 23), (90, 61)])
def test_any_small_picture_and_any_mask_end_in_a_result(size):
    random = np.random.default_rng(size[0] * 100 + size[1])
    for _ in range(12):
        rgb = random.integers(0, 256, (*size, 3), dtype=np.uint8)
        rgb = rgb if random.random() < 0.5 else np.full_like(rgb, 180)
        person = (random.random(size) ** random.integers(1, 9)).astype(np.float32)
        result = replace_background(rgb, person, WHITE)
        assert result.rgb.shape == rgb.shape
        assert np.isfinite(result.alpha).all()


def test_arrays_that_do_not_fit_together_are_refused():
    rgb = np.zeros((20, 10, 3), np.uint8)
    with pytest.raises(ValueError, match="mask"):
        replace_background(rgb, np.zeros((10, 20), np.float32), WHITE)
    with pytest.raises(ValueError, match="keep"):
        replace_background(rgb, np.zeros((20, 10), np.float32), WHITE, keep=np.zeros((2, 2), bool))


@pytest.mark.parametrize(("at_row", "left"), [(330, 144), (100, 0), (600, 0)])
def test_a_piece_of_the_backdrop_left_beside_the_neck_is_counted(at_row, left):
    """Only between cheek and shoulder: what is as blue elsewhere may be a ribbon or a badge."""
    rgb = np.full((640, 480, 3), (100, 197, 255), np.uint8)
    rgb[80:, 120:360] = (90, 70, 60)
    person = np.zeros((640, 480), np.float32)
    person[80:, 120:360] = 1.0
    model = SurfaceFit(rgb, person, (100, 197, 255)).fit()
    rgb[at_row : at_row + 12, 234:246] = (100, 197, 255)
    assert _left_at_the_neck(person, rgb, model, 300.0) == left
