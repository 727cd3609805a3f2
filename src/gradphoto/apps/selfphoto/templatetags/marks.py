"""``{{ verdict|drawn }}``: a verdict's findings, numbered and laid out on its picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from gradphoto.apps.selfphoto.marks import Drawing, draw

register = template.Library()


@register.filter
def drawn(verdict: Mapping[str, Any]) -> Drawing:
    """What is drawn on the picture of this verdict."""
    picture = verdict["picture"]
    return draw(verdict["findings"], int(picture["width"]), int(picture["height"]))
