"""What an entry of the audit trail is called where people read it; the code itself stands beside it for who must quote it."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources

from gradphoto.engine.wording import Wording


@functools.cache
def action_words() -> Mapping[str, Wording]:
    """By the action's name what it is called."""
    text = resources.files(__package__).joinpath("action_words.toml").read_text(encoding="utf-8")
    return {
        f"{room}.{name}": Wording(zh, en)
        for room, names in tomllib.loads(text).items()
        for name, (zh, en) in names.items()
    }


def words_of(action: str) -> Wording:
    """An action in words; one that this release does not know (from a newer station, say) is its own name."""
    return action_words().get(action, Wording(action, action))
