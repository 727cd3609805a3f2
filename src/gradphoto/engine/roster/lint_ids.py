"""The column of ID numbers: judged by the kind of document that the roster names, or by the number itself."""

from __future__ import annotations

import re

from gradphoto.engine.roster import faults
from gradphoto.engine.roster.findings import Fault, Verdict
from gradphoto.engine.roster.rules import LintRules
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.identity import (
    IdKind,
    IdNumber,
    IdNumberError,
    parse_document,
    parse_id_number,
    repair_id_number,
    tidy_id_number,
)

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIGURE = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}", re.IGNORECASE)
_RESIDENT = frozenset({IdKind.RESIDENT_18, IdKind.RESIDENT_15})
_OTHER_DOCUMENTS = frozenset({IdKind.PASSPORT, IdKind.OFFICER})
_KINDS: dict[str, frozenset[IdKind]] = {
    "居民身份证": _RESIDENT,
    "港澳居民居住证": frozenset({IdKind.PERMIT_HMT}),
    "台湾居民居住证": frozenset({IdKind.PERMIT_HMT}),
    "外国人永久居留身份证": frozenset({IdKind.FOREIGNER_2023, IdKind.FOREIGNER_OLD}),
    "护照": frozenset({IdKind.PASSPORT}),
    "军官证": frozenset({IdKind.OFFICER}),
    "港澳居民来往内地通行证": frozenset({IdKind.TRAVEL_PERMIT}),
    "台湾居民来往大陆通行证": frozenset({IdKind.TRAVEL_PERMIT}),
    "其他": frozenset({IdKind.OTHER}),
}
_WRITTEN = {
    "身份证": "居民身份证", "二代身份证": "居民身份证", "居民身份证(户口簿)": "居民身份证", "外国护照": "护照",
    "军人证件": "军官证", "士兵证": "军官证", "军人证": "军官证", "港澳通行证": "港澳居民来往内地通行证",
    "回乡证": "港澳居民来往内地通行证", "台胞证": "台湾居民来往大陆通行证", "外国人永久居留证": "外国人永久居留身份证",
}  # fmt: skip


def check_id_type(text: str, rules: LintRules) -> Verdict:
    """The kind of document as the table names it; an unknown one is pointed out and the number judged by itself."""
    table = load_table("document_type")
    if rules.knows("document_type", text):
        return Verdict(text, text)
    meant = _WRITTEN.get(text)
    if meant is not None:
        return Verdict(meant, meant, (faults.SHORT_FORM,))
    by_code = table.name_of(text)
    if by_code is not None:
        return Verdict(by_code, by_code, (faults.CODE_FOR_NAME,))
    return Verdict(text, text, (faults.ID_TYPE_UNKNOWN,))


class IdCheck:
    """Judges ID numbers of one kind of document. Nothing is kept: a number should stand in a file once."""

    def __init__(self, rules: LintRules, document_type: str = "", *, required: bool = True) -> None:
        self._regions, self._required = rules.test_regions, required
        self._expected = _KINDS.get(document_type, frozenset())

    def judge(self, raw: str) -> tuple[IdNumber | None, tuple[Fault, ...], str]:
        """The number if it is a good one, what is wrong with the cell, and the cell's canonical text."""
        if not self._expected and _EIGHTEEN.fullmatch(raw):
            try:
                return parse_id_number(raw, self._regions), (), raw
            except IdNumberError as problem:
                return None, (faults.of_id_number(problem),), raw
        verdict = self._judged(raw)
        return verdict.value if isinstance(verdict.value, IdNumber) else None, verdict.faults, verdict.text

    def _judged(self, raw: str) -> Verdict:
        text = raw.strip()
        found: list[Fault] = [] if text == raw else [faults.OUTER_SPACE]
        if not text:
            return Verdict("", None, (faults.REQUIRED,) if self._required else ())
        if _FIGURE.fullmatch(text):
            return Verdict(text, None, (faults.ID_AS_NUMBER,))
        tidy = tidy_id_number(text)
        try:
            number = self._parsed(tidy)
        except IdNumberError as problem:
            mended = repair_id_number(text, self._regions)
            if mended is None or mended == tidy:
                return Verdict(text, None, (*found, faults.of_id_number(problem)))
            return Verdict(mended, None, (*found, faults.ID_LOOK_ALIKE))
        if number.as_given != text:
            found.append(faults.ID_FORM)
        found.extend(self._remarks(number))
        return Verdict(number.number, number, tuple(found))

    def _parsed(self, text: str) -> IdNumber:
        """A number that carries its own check is what it is, whatever the roster calls it; any other is what it is called."""
        kind = next(iter(self._expected)) if len(self._expected) == 1 else None
        try:
            return parse_id_number(text, self._regions)
        except IdNumberError:
            return parse_document(text, kind, self._regions)

    def _remarks(self, number: IdNumber) -> list[Fault]:
        if number.kind is IdKind.RESIDENT_15:
            return [faults.ID_15_DIGITS]
        if not self._expected:
            return [faults.ID_OTHER_DOCUMENT] if number.kind in _OTHER_DOCUMENTS else []
        contradicts = number.kind not in self._expected and IdKind.OTHER not in self._expected
        return [faults.ID_TYPE_CONTRADICTS] if contradicts else []
