"""Every sentence a person reads stands beside its twin: Chinese first, English second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape


class Counted(int):
    """A number that brings its noun in the right form: ``"{n:day|days}"`` is "1 day" or "5 days".

    ``"{n:~day|days}"`` is the noun alone, where the number stands apart.
    """

    def __format__(self, spec: str) -> str:
        one, divided, many = spec.removeprefix("~").partition("|")
        if not divided:
            return int.__format__(self, spec)
        noun = one if self == 1 else many
        return noun if spec.startswith("~") else f"{int(self)} {noun}"

    def __html__(self) -> Counted:
        """A number needs no escaping; pages format it as it is."""
        return self


class CountedText(str):
    """A count that arrives as text, as a template's filter leaves it (``"3"``, ``"1,204"``); it brings its noun, too."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        one, divided, many = spec.removeprefix("~").partition("|")
        if not divided:
            return str.__format__(self, spec)
        noun = one if self.strip() == "1" else many
        return noun if spec.startswith("~") else f"{self!s} {noun}"

    def __html__(self) -> CountedText:
        """The same escaped once; what is safe already comes as a safe text of Django and stays as it is."""
        return CountedText(escape(self))


class _CountedSafe(CountedText):
    """A count given as text that is escaped already."""

    __slots__ = ()

    def __html__(self) -> CountedText:
        return self


def counted(values: Mapping[str, object]) -> dict[str, object]:
    """The values with every count, a number or its text, ready to bring its noun."""
    return {name: _counted(value) for name, value in values.items()}


def _counted(value: object) -> object:
    if type(value) is int:
        return Counted(value)
    if isinstance(value, str):
        return _CountedSafe(value) if hasattr(value, "__html__") else CountedText(value)
    return value


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence in the two languages of the product."""

    zh: str
    en: str

    def in_language(self, code: str) -> str:
        """The sentence for a language code such as ``zh-hans`` or ``en``; Chinese unless English is asked for."""
        return self.en if code.lower().startswith("en") else self.zh

    def format(self, **values: object) -> Wording:
        """The same sentence with its ``{fields}`` filled in, in both languages; ``{n:day|days}`` counts."""
        filled = counted(values)
        return Wording(self.zh.format(**filled), self.en.format(**filled))

    def __str__(self) -> str:
        return self.zh
