"""What the lists of the desk need in their cells."""

from __future__ import annotations

from typing import Any

from django import template

from gradphoto.apps.desk.queries import line_of

register = template.Library()


@register.filter
def line_address(row: Any) -> str:
    """Where a thing that waits is dealt with."""
    return line_of(row).url
