"""Copies of one exposure are found whatever they were saved as; different people never are."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageEnhance

from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.portrait.same_picture import groups_of_copies, signature


def saved(image: Image.Image, **options: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def sitters():
    return {name: signature(picture(name)) for name in good_sitters()}


def test_no_two_sitters_are_the_same_picture(sitters):
    assert groups_of_copies(sitters) == []


@pytest.mark.parametrize("change", ["quality", "size", "small", "brightness"])
def test_a_copy_is_found_among_all(sitters, change):
    name = good_sitters()[3]
    image = Image.open(io.BytesIO(picture(name))).convert("RGB")
    copy = {
        "quality": lambda: saved(image, quality=40),
        "size": lambda: saved(image.resize((image.width // 2, image.height // 2))),
        "small": lambda: saved(image.resize((144, 192))),
        "brightness": lambda: saved(ImageEnhance.Brightness(image).enhance(1.15)),
    }[change]()
    assert groups_of_copies({**sitters, "copy": signature(copy)}) == [{name, "copy"}]


def test_three_copies_are_one_group(sitters):
    name = good_sitters()[0]
    image = Image.open(io.BytesIO(picture(name))).convert("RGB")
    more = {f"copy{n}": signature(saved(image, quality=q)) for n, q in enumerate((50, 70))}
    assert groups_of_copies({**sitters, **more}) == [{name, "copy0", "copy1"}]
    assert groups_of_copies({}) == []
