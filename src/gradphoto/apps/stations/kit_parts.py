"""What later apps put into a kit and take out of it again: capture carries their facts without knowing them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from gradphoto.apps.campaigns.models import Campaign

Gather = Callable[[Campaign, Collection[int]], Any]
"""At the centre: the campaign and the primary keys of the kit's people, to a JSON value without ID numbers."""
Load = Callable[[Campaign, Any], None]
"""At the station, inside the transaction that opens the kit, when campaign, people and timetable are there."""


@dataclass(frozen=True, slots=True)
class KitPart:
    gather: Gather
    load: Load


_PARTS: dict[str, KitPart] = {}


def kit_part(name: str, gather: Gather, load: Load) -> None:
    """Register a part by the name under which it travels; the same name again takes its place."""
    _PARTS[name] = KitPart(gather, load)


def gather_parts(campaign: Campaign, people: Collection[int]) -> dict[str, Any]:
    """All parts by name, for a kit."""
    return {name: part.gather(campaign, people) for name, part in _PARTS.items()}


def load_parts(campaign: Campaign, parts: dict[str, Any]) -> None:
    """Take out every part that this program knows."""
    for name, facts in parts.items():
        if (part := _PARTS.get(name)) is not None:
            part.load(campaign, facts)
