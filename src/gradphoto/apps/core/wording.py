"""The bilingual sentence inside Django: lazy, so that a label follows the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import lazy
from django.utils.translation import get_language, override

from gradphoto.engine.wording import Wording

CHINESE = "zh-hans"


def say(wording: Wording) -> str:
    """The sentence in the language of the current request; Chinese where none is active."""
    return wording.in_language(get_language() or CHINESE)


def listed(parts: Iterable[str]) -> str:
    """Parts side by side, as the reader's language divides them."""
    return say(Wording("、", ", ")).join(parts)


def bracketed(what: object, more: object) -> str:
    """Something with a note behind it, in the reader's kind of brackets."""
    return say(Wording("{what}（{more}）", "{what} ({more})").format(what=what, more=more))


def told_of(whom: object, what: object) -> str:
    """A sentence with the name of whom it is about before it."""
    return say(Wording("{whom}：{what}", "{whom}: {what}").format(whom=whom, what=what))


def _bi(zh: str, en: str) -> str:
    return say(Wording(zh, en))


_lazy_bi = lazy(_bi, str)


def both(label: str) -> Wording:
    """A label made by ``bi`` as the sentence it came from, e.g. that of a choice."""

    def read(language: str) -> str:
        with override(language):
            return str(label)

    return Wording(read(CHINESE), read("en"))


def bi(zh: str, en: str) -> str:
    """A label for models, choices and forms that is read in the language of whoever sees it."""
    return _lazy_bi(zh, en)
