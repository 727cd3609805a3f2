"""What was typed is not lost: when a session ends in the middle of a form, or a sensitive step asks for a proof.

The fields are kept sealed, for the person who typed them alone and for one hour; after signing in again (or proving who
it is) the person goes on with them. Passwords and files are not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from gradphoto.apps.access.models import HeldRequest

KEPT_FOR = timedelta(hours=1)
MARK = "held_request"
"""The field by which a form that goes on says which held request it is."""
_KEYS = ("form", "row", "next")
_NOT_KEPT = ("csrfmiddlewaretoken", MARK)
_SECRETS = re.compile("pass(?:word|phrase)|secret|^pin$", re.IGNORECASE)
"""Fields whose words only the person may have: they are typed anew."""
_MOST_BYTES = 1024 * 1024


def hold(request: HttpRequest, user_id: int) -> HeldRequest | None:
    """Keep the fields of a POST for a person; None when there is nothing to keep or far too much of it."""
    forget_old()
    fields = {
        name: values for name, values in request.POST.lists() if name not in _NOT_KEPT and not _SECRETS.search(name)
    }
    text = json.dumps(fields, ensure_ascii=False)
    if len(text.encode()) > _MOST_BYTES:
        return None
    return HeldRequest.objects.create(
        user_id=user_id,
        path=request.get_full_path()[:2000],
        page=page_of(request)[:2000],
        fields=text,
        had_files=bool(request.FILES),
        is_fragment=bool(getattr(request, "htmx", False)),
    )


def of_person(user: Any, pk: int) -> HeldRequest | None:
    """The held request of this very person, if it is young enough."""
    return HeldRequest.objects.filter(pk=pk, user_id=user.pk, held_at__gt=timezone.now() - KEPT_FOR).first()


def fields_of(held: HeldRequest) -> list[tuple[str, str]]:
    """The typed fields in their order; a field with several values comes several times."""
    typed: dict[str, list[str]] = json.loads(held.fields.decrypt())
    return [(name, value) for name, values in typed.items() for value in values]


Reader = Callable[[Sequence[tuple[str, str]]], list[tuple[str, str]] | None]
_READERS: list[Reader] = []


def read_by(reader: Reader) -> Reader:
    """Register who knows the words of forms; this room knows none."""
    _READERS.append(reader)
    return reader


def readable(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """What the person recognises: words and numbers typed, by their labels, without the form's own keys."""
    found = next((told for reader in _READERS if (told := reader(fields)) is not None), None)
    if found is not None:
        return found
    return [(name, value) for name, value in fields if value.strip() and name not in _KEYS and not name.startswith("_")]


def let_go(user: Any, mark: str) -> None:
    """The person went on with it, or threw it away."""
    if mark.isdigit():
        HeldRequest.objects.filter(pk=int(mark), user_id=user.pk).delete()


def forget_old() -> None:
    """Drop what nobody came back for."""
    HeldRequest.objects.filter(held_at__lt=timezone.now() - KEPT_FOR).delete()


def page_of(request: HttpRequest) -> str:
    """The page on which the form stood, as a path of this site."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}):
        return ""
    parts = urlsplit(told)
    return parts.path + (f"?{parts.query}" if parts.query else "")
