"""Pages by cursor: rows in the order of their keys, so that nothing is told twice or missed while others write."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query
from pydantic import StringConstraints

from gradphoto.apps.api.schemas import MOST_KEY
from gradphoto.apps.core.errors import invalid

M = TypeVar("M", bound=Model)
MOST = 200

Cursor = Annotated[
    str, Query("", description="`next` of the page before"), StringConstraints(max_length=40, pattern="^[A-Za-z0-9_-]*$")
]
Limit = Annotated[int, Query(100, ge=1, le=MOST, description="rows a page")]


def paged(rows: QuerySet[M], cursor: str, limit: int) -> tuple[list[M], str | None]:
    """The rows of one page, and the cursor of the next one. Raises ``api.cursor_unknown``."""
    ordered = rows.order_by("pk")
    if cursor:
        ordered = ordered.filter(pk__gt=_key_of(cursor))
    found = list(ordered[: limit + 1])
    following = _cursor_of(found[limit - 1]) if len(found) > limit else None
    return found[:limit], following


def _cursor_of(row: Model) -> str:
    return base64.urlsafe_b64encode(f"1:{row.pk}".encode()).decode().rstrip("=")


def _key_of(cursor: str) -> int:
    try:
        version, _, key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        number = int(key) if version == "1" and key.isascii() and key.isdecimal() and len(key) < 20 else -1
    except (binascii.Error, UnicodeDecodeError, ValueError):
        number = -1
    if not 0 <= number <= MOST_KEY:
        raise invalid(
            "api.cursor_unknown", "翻页位置无效。", "The cursor is none of ours.",
            "请使用上一页返回的 next，或从头开始。", "Use the `next` of the page before, or begin again.", field="cursor",
        )  # fmt: skip
    return number


def sentence(pair: Any) -> dict[str, str]:
    """A kept pair of sentences as it goes out."""
    said = pair or {}
    return {"zh": str(said.get("zh", "")), "en": str(said.get("en", ""))}
