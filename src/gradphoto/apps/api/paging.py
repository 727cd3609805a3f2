"""Pages by cursor: rows in the order of their keys, so that nothing is told twice or missed while others write."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from django.db.models import Model, QuerySet
from ninja import Query
from pydantic import StringConstraints

M = TypeVar("M", bound=Model)
MOST = 200
_MARK = "after"

Cursor = Annotated[
    str, Query("", description="`next` of the page before"), StringConstraints(pattern="^(after[0-9]{1,18})?$")
]
Limit = Annotated[int, Query(100, ge=1, le=MOST, description="rows a page")]


def paged(rows: QuerySet[M], cursor: str, limit: int) -> tuple[list[M], str | None]:
    """The rows of one page, and the cursor of the next one."""
    ordered = rows.order_by("pk")
    if cursor:
        ordered = ordered.filter(pk__gt=int(cursor.removeprefix(_MARK)))
    found = list(ordered[: limit + 1])
    following = f"{_MARK}{found[limit - 1].pk}" if len(found) > limit else None
    return found[:limit], following


def sentence(pair: Any) -> dict[str, str]:
    """A kept pair of sentences as it goes out."""
    said = pair or {}
    return {"zh": str(said.get("zh", "")), "en": str(said.get("en", ""))}
