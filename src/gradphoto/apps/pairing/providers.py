"""Photographs on file (admission, student record) to hold a frame against; a later room keeps them and tells them here.

The picture in an ID card's chip would be another: it needs a licensed decoder, and this product reads none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gradphoto.apps.core.models import Blob

Keeper = Callable[[Collection[int]], Mapping[int, Blob]]
"""Primary keys of candidates -> the photograph on file of those who have one."""
Forget = Callable[[Collection[int]], int]
"""Those of these candidates go, as their people took the consent back; how many went. Within the caller's transaction."""
_KEEPERS: list[tuple[Keeper, Forget]] = []


def tell_references(keeper: Keeper, forget: Forget) -> None:
    """Register who keeps photographs on file, and lets them go."""
    _KEEPERS.append((keeper, forget))


def references_of(people: Collection[int]) -> dict[int, Blob]:
    """The photographs on file of these people."""
    return {candidate: blob for keeper, _ in _KEEPERS for candidate, blob in keeper(people).items()}


def forget_references(people: Collection[int]) -> int:
    """The photographs on file of people who took the consent back are kept no longer, nor is any left in the store."""
    return sum(forget(people) for _, forget in _KEEPERS)
