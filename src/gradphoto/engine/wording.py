"""Every sentence a person reads stands beside its twin: Chinese first, English second."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """One sentence in the two languages of the product."""

    zh: str
    en: str

    def in_language(self, code: str) -> str:
        """The sentence for a language code such as ``zh-hans`` or ``en``; Chinese unless English is asked for."""
        return self.en if code.lower().startswith("en") else self.zh

    def format(self, **values: object) -> Wording:
        """The same sentence with its ``{fields}`` filled in, in both languages."""
        return Wording(self.zh.format(**values), self.en.format(**values))

    def __str__(self) -> str:
        return self.zh
