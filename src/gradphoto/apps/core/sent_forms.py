"""A Django form bound to what a page sent: for every room, those beneath ``pages`` as well."""

from __future__ import annotations

from typing import Any, TypeVar

from django.forms import BaseForm
from django.http import HttpRequest

SentForm = TypeVar("SentForm", bound=BaseForm)


def sent_form(request: HttpRequest, kind: type[SentForm], **options: Any) -> SentForm:
    """A form that asks for no action, e.g. a search by POST: bound to what was sent, empty when the page opens."""
    if request.method == "POST":
        return kind(request.POST, request.FILES, **options)
    return kind(**options)
