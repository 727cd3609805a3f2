"""Whether an entered value can be right: each field by itself, and the ID number with birth date and sex (R163.6)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from gradphoto.apps.core.errors import InvalidInput
from gradphoto.apps.roster.models import Candidate, Sex
from gradphoto.apps.verification.items import BY_FIELD, text_of
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import LintRules
from gradphoto.engine.roster.lint_fields import check_value
from gradphoto.engine.standards.characters import is_han
from gradphoto.engine.standards.identity import parse_id_number
from gradphoto.engine.standards.names import canonical_name
from gradphoto.engine.wording import Wording

_NAME_MAX = 80
_MISSING = Wording("请填写正确内容。", "Enter the right value.")
_SAME = Wording("与原内容相同；如无错误请取消“○”。", "The same as shown; if it is right, untick the circle.")
_UNKNOWN = Wording("该项不能在此更正。", "This item cannot be corrected here.")
_SEX_UNKNOWN = Wording("请选择男或女。", "Choose male or female.")
_DATE_WRONG = Wording("日期应为 年-月-日，如 2004-03-05。", "Write the date as year-month-day, such as 2004-03-05.")
_BIRTH_DIFFERS = Wording(
    "与证件号码中的出生日期不一致；若两项都有误，请一并更正。",
    "It differs from the date in the ID number; if both are wrong, correct both.",
)
_SEX_DIFFERS = Wording(
    "与证件号码中的性别不一致；若两项都有误，请一并更正。",
    "It differs from the sex in the ID number; if both are wrong, correct both.",
)
_TITLE = re.compile(r"[\w（）()·、，,.&/＋+ \-]+")
_TITLE_WRONG = Wording(
    "专业名称只能含文字、数字、括号和间隔号。", "A major holds letters, figures, brackets, commas and dots only."
)
_EMPTY = Wording("请至少点选一项错误信息。", "Tick at least one wrong item.")


class CorrectionsRefusal(InvalidInput):
    """Some entered values cannot be right: ``fields`` tells for each field why."""

    def __init__(self, fields: dict[str, Wording], message: Wording | None = None) -> None:
        super().__init__(
            "verification.corrections_invalid",
            message or Wording("有内容需要修改。", "Something has to be changed."),
            Wording("请按各项提示修改后再提交。", "Follow the notes beside the items and submit again."),
        )
        self.fields = fields


def check_entered(candidate: Candidate, entered: Mapping[str, str], regions: Collection[str]) -> dict[str, Any]:
    """The entered values as the record would hold them: text, a date, a sex code.

    ``regions`` are the rule set's region codes for demonstration numbers. Raises ``CorrectionsRefusal``.
    """
    if not entered:
        raise CorrectionsRefusal({}, _EMPTY)
    good: dict[str, Any] = {}
    wrong: dict[str, Wording] = {}
    for field, text in entered.items():
        value = _value(field, str(text), regions)
        if isinstance(value, Wording):
            wrong[field] = value
        elif text_of(value) == text_of(getattr(candidate, field)):
            wrong[field] = _SAME
        else:
            good[field] = value
    if not wrong:
        wrong = _contradictions(candidate, good, regions)
    if wrong:
        raise CorrectionsRefusal(wrong)
    return good


def _value(field: str, text: str, regions: Collection[str]) -> Any:
    """The value of one field, or the sentence that tells why it is none."""
    if field not in BY_FIELD:
        return _UNKNOWN
    if field == "name" and text.strip():
        return _name(text)
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if not text:
        return _MISSING
    if field == "sex":
        return _sex(text) or _SEX_UNKNOWN
    if field == "birth_date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return _DATE_WRONG
    if field == "id_number":
        try:
            return parse_id_number("".join(text.split()), regions).number
        except GradPhotoError as error:
            return error.message
    longest = _longest(field)
    if len(text) > longest:
        return _at_most(longest)
    return _listed(field, text)


def _at_most(count: int) -> Wording:
    return Wording("最多 {n} 个字符。", "At most {n} characters.").format(n=count)


def _listed(field: str, text: str) -> Any:
    """A value of a code table as the table has it, a number or a title in its form; else the sentence that says why not.

    Only what the tables know is taken here, unlike in an import, where somebody looks at each unknown word (facts 2.2).
    """
    verdict = check_value(field, text, LintRules(timezone.localdate()))
    if verdict.faults and not all(fault.safe for fault in verdict.faults):
        told = next(fault for fault in verdict.faults if not fault.safe)
        return Wording(told.reason.zh + told.remedy.zh, f"{told.reason.en} {told.remedy.en}")
    if field == "major" and not _TITLE.fullmatch(verdict.text):
        return _TITLE_WRONG
    return verdict.text


def _longest(field: str) -> int:
    length = getattr(Candidate._meta.get_field(field), "max_length", None)
    return int(length or 0)


def _sex(text: str) -> str | None:
    by_word = {"男": Sex.MALE.value, "女": Sex.FEMALE.value}
    return text if text in Sex.values else by_word.get(text)


def _name(text: str) -> Any:
    # Latin names keep their spaces; a Chinese name with one is the registers' best-known error.
    name = canonical_name(text)
    # 〇 is no letter to Python, nor is a character of an extension newer than it.
    if not all(sign.isalpha() or is_han(sign) or sign in "·. '’‘-" or unicodedata.combining(sign) for sign in name):
        return Wording("姓名只能含文字和间隔号“·”。", "A name holds letters and the dot “·” only.")
    return name if len(name) <= _NAME_MAX else _at_most(_NAME_MAX)


def _contradictions(candidate: Candidate, good: Mapping[str, Any], regions: Collection[str]) -> dict[str, Wording]:
    """A changed ID number, birth date or sex must agree with the two others as they would then stand."""
    if not good.keys() & {"id_number", "birth_date", "sex"}:
        return {}
    try:
        number = parse_id_number(str(good.get("id_number") or text_of(candidate.id_number)), regions)
    except GradPhotoError:
        return {}  # the number on record is faulty itself and was not ticked: nothing to compare with
    found: dict[str, Wording] = {}
    if number.birth_date is not None and number.birth_date != good.get("birth_date", candidate.birth_date):
        found["birth_date" if "birth_date" in good else "id_number"] = _BIRTH_DIFFERS
    if number.sex is not None and number.sex != good.get("sex", candidate.sex):
        found["sex" if "sex" in good else "id_number"] = _SEX_DIFFERS
    return found
