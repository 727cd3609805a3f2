"""The forms of the fonts, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from pathlib import Path

import playwright
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages import font_pages
from gradphoto.apps.pages.fonts import add_font
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World

ICONS = next(Path(playwright.__file__).parent.rglob("codicon*.ttf"))
"""A real font of signs in the private area, which the tools of the tests bring along."""


def upload(data: bytes = b"", name: str = "codicon.ttf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or ICONS.read_bytes())


@form_case(font_pages.AddFont)
def add(world: World) -> Stage:
    return Stage(
        reverse("fonts:list"),
        staff(world, Role.ADMINISTRATOR),
        {"file": upload()},
        {"file": (upload(b"%PDF-1.7", "a.ttf"), "core.upload_wrong_kind")},
    )


@form_case(font_pages.RemoveFont)
def remove(world: World) -> Stage:
    made = add_font(world.actor(Role.ADMINISTRATOR), world.national, file_name="a.ttf", data=ICONS.read_bytes())
    return Stage(
        reverse("fonts:detail", args=[made.pk]),
        staff(world, Role.ADMINISTRATOR),
        {"reason": "字形有误"},
        {"reason": ("很长" * 150, "pages.too_long")},
    )
