"""The field of one rule's value: what it looks like, what was filled in, and the value that this means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from gradphoto.apps.campaigns import options
from gradphoto.apps.campaigns.settings_keys import (
    Key,
    colour,
    department_digits,
    fen,
    least_and_most,
    month_days,
    table,
    texts,
    yes_or_no,
)
from gradphoto.apps.core.wording import say
from gradphoto.engine.wording import Wording

_FEN_PER_YUAN = 100
_KINDS = {
    yes_or_no: "yes_no",
    int: "number",
    fen: "money",
    colour: "colour",
    date.fromisoformat: "date",
    month_days: "days",
    least_and_most: "span",
    table: "table",
}
MOST_NUMBER = 9999
"""No count or number of days of this product is larger; money has its own limit."""
MOST_YUAN = 99999

WRONG: Mapping[str, Wording] = {
    "number": Wording("请填写 0 到 9999 的整数。", "Give a whole number from 0 to 9999."),
    "money": Wording("请以元填写金额，最多两位小数，如 15 或 15.50。", "Give the sum in yuan, such as 15 or 15.50."),
    "date": Wording("请从日历选择日期。", "Choose a day of the calendar."),
    "days": Wording("请从日历选择首日和末日。", "Choose the first and the last day in the calendar."),
    "span": Wording("请填写两个整数，最少不大于最多。", "Give two whole numbers, the least not above the most."),
    "checks": Wording("请至少选一项。", "Choose at least one."),
    "table": Wording("请至少为一项选定。", "Choose at least one line."),
    "lines": Wording("请至少填写一行。", "Give at least one line."),
}
_CHOOSE = Wording("请从列出的选项中选择。", "Choose one of what is offered.")
_WRITE = Wording("请填写，最多 200 字。", "Give a text of at most 200 characters.")


def wrong(key: Key[Any]) -> Wording:
    """What to tell a person whose value cannot be used."""
    kind = kind_of(key)
    return WRONG.get(kind) or (_WRITE if kind == "text" else _CHOOSE)


@dataclass(frozen=True, slots=True)
class Line:
    """A choice of the form: a box to tick, an entry of a select, a swatch, or a line of a table with its code."""

    code: str
    label: str
    chosen: bool = False
    value: str = ""
    swatch: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """How a value is filled in; ``kind`` is one of those of ``kind_of``. ``second`` is the other end of a span."""

    kind: str
    text: str
    choices: list[Line]
    table: list[Line]
    second: str = ""


def kind_of(key: Key[Any]) -> str:
    """Which field a setting needs."""
    if key.read is texts:
        return "checks" if options.values_of(key) else "lines"
    if key.read in (str, department_digits):
        return "choice" if options.values_of(key) else "text"
    return _KINDS.get(key.read, "text")


def field_of(key: Key[Any], value: Any, year: int | None = None) -> Field:
    """The field with a stored value filled in (None: nothing yet). What is stored stays on offer, whatever it is."""
    return field_from(key, typed_for(key, value, year or timezone.localdate().year))


def field_from(key: Key[Any], typed: Mapping[str, Sequence[str]]) -> Field:
    """The field with what a person typed, right or wrong: nothing has to be typed twice."""
    kind, known = kind_of(key), options.values_of(key)
    entered = list(typed.get("value", ()))
    if kind == "yes_no":
        offered = {"yes": options.in_words(key, True)[0], "no": options.in_words(key, False)[0]}
    elif kind in ("checks", "choice", "colour"):
        offered = {**known, **{one: one for one in entered if one and one not in known}}
    else:
        offered = known
    swatches = options.swatches() if kind == "colour" else {}
    choices = [Line(code, label, code in entered, swatch=swatches.get(code, "")) for code, label in offered.items()]
    lines = [Line(code, label, value=_first(typed, f"value.{code}")) for code, label in options.lines_of(key).items()]
    if kind in ("days", "span"):
        return Field(kind, _first(typed, "value.first"), [], [], _first(typed, "value.last"))
    return Field(kind, _first(typed, "value"), choices, lines if kind == "table" else [])


def _first(typed: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(typed.get(name, ())), "")


def typed_for(key: Key[Any], value: Any, year: int) -> dict[str, list[str]]:
    """What a person would have typed for a stored value."""
    kind = kind_of(key)
    if value is None:
        return {}
    if kind == "yes_no":
        return {"value": ["yes" if value else "no"]}
    if kind == "checks":
        return {"value": [str(one) for one in value]}
    if kind == "lines":
        return {"value": ["\n".join(map(str, value))]}
    if kind == "money":
        return {"value": [yuan(value)]}
    if kind == "table":
        return {f"value.{line}": [str(code)] for line, code in value.items()}
    if kind in ("days", "span"):
        first, last = (f"{year}-{one}" if kind == "days" else str(one) for one in value)
        return {"value.first": [first], "value.last": [last]}
    return {"value": [str(value)]}


def yuan(amount_fen: int) -> str:
    """A sum in yuan as it is typed: ``15``, ``15.50``."""
    whole, rest = divmod(amount_fen, _FEN_PER_YUAN)
    return f"{whole}.{rest:02d}" if rest else str(whole)


def value_in(key: Key[Any], asked: MultiValueDict[str, str]) -> Any:
    """The value that was filled in, as it is stored. Raises ValueError where it is none."""
    kind, text = kind_of(key), asked.get("value", "").strip()
    value: Any = text
    if kind == "checks":
        value = list(dict.fromkeys(code for code in asked.getlist("value") if code))
    elif kind == "lines":
        value = [line.strip() for line in text.splitlines() if line.strip()]
    elif kind == "table":
        value = {line: code for line in options.lines_of(key) if (code := asked.get(f"value.{line}", ""))}
    elif kind == "yes_no":
        value = {"yes": True, "no": False}.get(text)
    elif kind == "number":
        value = _whole(text)
    elif kind == "money":
        value = _fen(text)
    elif kind == "days":
        value = [f"{date.fromisoformat(asked.get(f'value.{end}', '')):%m-%d}" for end in ("first", "last")]
    elif kind == "span":
        value = [str(_whole(asked.get(f"value.{end}", ""))) for end in ("first", "last")]
    if value in ("", [], {}, None) or (kind == "text" and len(value) > 200):
        raise ValueError(f"no value for {key.name}")
    _require_known(key, kind, value)
    key.read(value)
    return value


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number <= MOST_NUMBER:
        raise ValueError(f"{number} is out of range")
    return number


def _fen(text: str) -> int:
    try:
        amount = Decimal(text.strip().removesuffix("元")) * _FEN_PER_YUAN
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is no sum of money") from error
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= MOST_YUAN * _FEN_PER_YUAN:
        raise ValueError(f"{text!r} is no sum of money")
    return int(amount)


def _require_known(key: Key[Any], kind: str, value: Any) -> None:
    known = options.values_of(key)
    if kind in ("checks", "choice", "table", "colour") and known:
        codes = value.values() if kind == "table" else value if kind == "checks" else [value]
        if unknown := [code for code in codes if code not in known]:
            raise ValueError(f"{key.name} knows no {unknown}")


class RuleValue(forms.Widget):
    """The inputs of a value, which are called ``value`` or ``value.<part>``; what it holds is each one's texts."""

    template_name = "campaigns/rule_field.html"

    def __init__(self, key: Key[Any]) -> None:
        super().__init__()
        self.key = key

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        return context | {"field": field_from(self.key, dict((value or MultiValueDict()).lists()))}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> MultiValueDict[str, str]:
        given = data if isinstance(data, MultiValueDict) else MultiValueDict({one: [data[one]] for one in data})
        parts = [one for one in given if one == name or one.startswith(f"{name}.")]
        return MultiValueDict({one: given.getlist(one) for one in parts})

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False  # a box that is not ticked is not sent


class RuleValueField(forms.Field):
    """The value of one rule; cleaned it is what the rule set stores."""

    template_name = "campaigns/rule_value.html"
    css = "col-12"

    def __init__(self, key: Key[Any], **options: Any) -> None:
        self.key = key
        super().__init__(widget=RuleValue(key), **options)

    def clean(self, value: MultiValueDict[str, str]) -> Any:
        try:
            return value_in(self.key, value)
        except (ValueError, TypeError) as error:
            typed = any(text.strip() for texts in dict(value.lists()).values() for text in texts)
            code = "campaigns.rule_value" if typed else "pages.required"
            raise ValidationError(say(wrong(self.key)), code=code) from error
