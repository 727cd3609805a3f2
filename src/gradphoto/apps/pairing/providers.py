"""Photographs on file (admission, student record) to hold a frame against; a later room keeps them and tells them here.

The picture in an ID card's chip would be another: it needs a licensed decoder, and this product reads none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from gradphoto.apps.core.models import Blob

Keeper = Callable[[Collection[int]], Mapping[int, Blob]]
"""Primary keys of candidates -> the photograph on file of those who have one."""
_KEEPERS: list[Keeper] = []


def tell_references(keeper: Keeper) -> None:
    """Register who keeps photographs on file."""
    _KEEPERS.append(keeper)


def references_of(people: Collection[int]) -> dict[int, Blob]:
    """The photographs on file of these people."""
    return {candidate: blob for keeper in _KEEPERS for candidate, blob in keeper(people).items()}
