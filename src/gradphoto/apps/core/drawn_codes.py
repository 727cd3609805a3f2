"""Secret codes that are drawn by lot: one that is somebody's already is drawn again, however many draw at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, models, transaction

from gradphoto.apps.core.encryption import blind_index

T = TypeVar("T")
_DRAWS = 20
"""So often in a row no lot of millions hits; more says that it is none."""


def store_drawn(model: type[models.Model], draw: Callable[[], str], store: Callable[[str], T]) -> T:
    """Store a drawn code with ``store``, within the caller's transaction.

    ``model`` holds all codes, each once, under ``code_index``. Raises the database's refusal where it has another reason.
    """
    for left in reversed(range(_DRAWS)):
        code = draw()
        taken = model._default_manager.filter(code_index=blind_index(code))
        if taken.exists():
            continue
        try:
            with transaction.atomic():
                return store(code)
        except IntegrityError:
            if not left or not taken.exists():
                raise
    raise RuntimeError(f"{_DRAWS} codes in a row were all in use: the lot draws from too few.")
