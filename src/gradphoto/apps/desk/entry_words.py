"""An entry of the audit trail in words: what it is about, and its details with the labels that pages use.

The trail keeps names of models, fields and states, so that its chain can be proven by any release; people read words.
What this release has no word for (a newer station's detail, say) is shown as it is.
"""

from __future__ import annotations

import functools
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources
from typing import Any

from django.apps import apps
from django.utils import timezone

from gradphoto.apps.campaigns.settings_keys import KEYS
from gradphoto.apps.core.action_words import action_words
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.wording import listed, say
from gradphoto.apps.pages.listing import LISTINGS
from gradphoto.engine.wording import Wording

_STATES = ("from", "to")
_FIELDS = ("field", "fields", "corrected", "columns", "defaults")
_FINGERPRINT = 40
"""A text without a blank as long as this is a fingerprint: its beginning is enough to compare it by."""
_SHOWN_OF_IT = 12
_SHOWN_OF_MANY = 8


@functools.cache
def _words(section: str) -> Mapping[str, Wording]:
    text = resources.files(__package__).joinpath("entry_words.toml").read_text(encoding="utf-8")
    return {name: Wording(zh, en) for name, (zh, en) in tomllib.loads(text)[section].items()}


def target_words() -> Mapping[str, Wording]:
    """What the records are called that entries are about, by the model's label."""
    return _words("target")


def detail_words() -> Mapping[str, Wording]:
    """What details are called, by their name."""
    return _words("detail")


def target_of(entry: AuditEntry) -> str:
    """What the entry is about: the kind of record and its number."""
    kind = target_words().get(entry.target_type)
    return f"{say(kind) if kind else entry.target_type} {entry.target_key}".strip()


def detail_of(entry: AuditEntry) -> str:
    """The details as one line: each with its label, values in the words of the pages."""
    said = {name: value for name, value in (entry.detail or {}).items() if value not in (None, "", [], {})}
    pairs = sorted(said.items(), key=lambda pair: _STATES.index(pair[0]) if pair[0] in _STATES else len(_STATES))
    between = say(Wording("；", "; "))
    return between.join(
        f"{_label(name)}{say(Wording('：', ': '))}{_value(entry.target_type, name, value)}" for name, value in pairs
    )


def _label(name: str) -> str:
    known = detail_words().get(name)
    return say(known) if known else name


def _value(target: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return say(Wording("是", "yes") if value else Wording("否", "no"))
    if isinstance(value, list | tuple):
        shown = [_value(target, name, one) for one in value[:_SHOWN_OF_MANY]]
        more = [say(Wording("等", "…"))] if len(value) > _SHOWN_OF_MANY else []
        return listed(shown + more)
    if isinstance(value, dict):
        return say(Wording("，", ", ")).join(f"{_label(key)} {_value(target, key, one)}" for key, one in value.items())
    if name.endswith("_fen") and isinstance(value, int):
        return f"{value / 100:.2f}"
    return _text(target, name, str(value))


def _text(target: str, name: str, value: str) -> str:
    if value in KEYS:
        return say(KEYS[value].title)
    if name == "listing" and value in LISTINGS:
        return say(LISTINGS[value].title)
    if name in _FIELDS and value in detail_words():
        return _label(value)
    if (done := action_words().get(value)) is not None:
        return say(done)
    if (label := _choice(target, name, value)) is not None:
        return label
    if value in _words("value"):
        return say(_words("value")[value])
    if " " not in value and len(value) >= _FINGERPRINT and value.isascii():
        return f"{value[:_SHOWN_OF_IT]}…"
    return _moment(value) or value


def _choice(target: str, name: str, value: str) -> str | None:
    """The label of a choice: of the record's own field, else of any field of that name if all say the same."""
    own = _labels(target)
    for field in ("status", "state") if name in _STATES else (name,):
        if value in own.get(field, {}):
            return str(own[field][value])
    labels = {str(label) for label in _everywhere().get((name, value), ())}
    return labels.pop() if len(labels) == 1 else None


@functools.cache
def _labels(target: str) -> Mapping[str, Mapping[str, Any]]:
    """Field -> value -> label of the fields of a model that offer choices; nothing for a model that is not known here."""
    try:
        model = apps.get_model(target)
    except (LookupError, ValueError):
        return {}
    return {one.name: dict(one.flatchoices) for one in model._meta.concrete_fields if one.choices}


@functools.cache
def _everywhere() -> Mapping[tuple[str, str], list[Any]]:
    """(field, value) -> its labels in all models."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for name, value, label in _all_choices():
        found[name, value].append(label)
    return found


def _all_choices() -> Iterator[tuple[str, str, Any]]:
    for model in apps.get_models():
        for field, labels in _labels(model._meta.label_lower).items():
            for value, label in labels.items():
                yield field, str(value), label


def _moment(value: str) -> str:
    """A time of the trail as a clock here shows it; empty for what is none."""
    if len(value) < 19 or value[10] != "T":
        return ""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at.tzinfo else f"{at:%Y-%m-%d %H:%M}"
