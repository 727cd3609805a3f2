"""What is still open before a step that ends something: later rooms tell it, the page of the step shows it.

A room registers with ``@tells_matters`` what it knows of a step's target: so many photographs missing, a session still
open. What ``blocks`` refuses the step; everything else is for a person to see before confirming.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that is open: how many, in words, with the list behind the number where one stands."""

    count: int
    words: Wording
    url: str = ""
    blocks: bool = False

    @property
    def said(self) -> Wording:
        return self.words.format(n=self.count)


Provider = Callable[[Actor, Any], Iterator[Matter]]
_PROVIDERS: dict[str, list[Provider]] = defaultdict(list)


def tells_matters(*steps: str) -> Callable[[Provider], Provider]:
    """Register what a room knows of a step's target."""

    def register(provider: Provider) -> Provider:
        for step in steps:
            _PROVIDERS[step].append(provider)
        return provider

    return register


def matters(actor: Actor, step: str, target: Any) -> list[Matter]:
    """What is open before a step, the blocking ones first; what counts nothing is left out."""
    told = [one for provider in _PROVIDERS[step] for one in provider(actor, target) if one.count]
    return sorted(told, key=lambda one: not one.blocks)


class StepBlocked(Refusal):
    """Something stands in the way of a step; the sentence names all of it."""

    def __init__(self, blocking: list[Matter]) -> None:
        zh, en = "；".join(one.said.zh for one in blocking), "; ".join(one.said.en for one in blocking)
        super().__init__(
            "campaigns.step_blocked",
            Wording(f"还不能办理：{zh}。", f"Not possible yet: {en}."),
            Wording("请先处理这些事项。", "See to these first."),
        )


def require_unblocked(actor: Actor, step: str, target: Any) -> None:
    """Raises ``campaigns.step_blocked`` where something stands in the way."""
    if blocking := [one for one in matters(actor, step, target) if one.blocks]:
        raise StepBlocked(blocking)
