"""Who acts: a signed-in user, a graduate in the portal, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ActorKind(StrEnum):
    USER = "user"
    GRADUATE = "graduate"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever an audit entry names. ``key`` is stable (``user:12``) and never holds personal data."""

    kind: ActorKind
    key: str
    label: str
    user: Any = None

    @classmethod
    def of(cls, user: Any) -> Actor:
        """The actor for a signed-in user."""
        return cls(ActorKind.USER, f"user:{user.pk}", user.get_username(), user)

    @classmethod
    def system(cls, part: str) -> Actor:
        """A part of the product acting on its own, e.g. the worker or the sweeper."""
        return cls(ActorKind.SYSTEM, f"system:{part}", part)

    @classmethod
    def graduate(cls, case_pk: int) -> Actor:
        """A graduate in the verification portal, known by the case that was opened with the image card."""
        return cls(ActorKind.GRADUATE, f"graduate:{case_pk}", "graduate")
