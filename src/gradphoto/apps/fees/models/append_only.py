"""Rows that are written once. The database's triggers say the same (``fees.triggers``); this says it earlier."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class WrittenOnce(models.QuerySet[M]):
    """Refuses what would go round ``AppendOnly.save``."""

    def update(self, **kwargs: Any) -> int:
        raise TypeError("A ledger row is never changed; a counter-entry takes it back.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("A ledger row is never deleted.")


class AppendOnly(models.Model):
    """A row that is neither changed nor deleted: a mistake is answered by a second row."""

    objects = WrittenOnce.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A ledger row is never changed; a counter-entry takes it back.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("A ledger row is never deleted.")
