"""What the portal's pages have in common, put together once a language instead of once a page."""

from __future__ import annotations

import functools

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def fixed(name: str) -> SafeString:
    """A template that is the same for everybody: nothing of the request or of a person may stand in it."""
    return _fixed(name, get_language() or "")


@functools.cache
def _fixed(name: str, language: str) -> SafeString:
    return render_to_string(name)
