"""One cell by itself: what it says, in its canonical form, and what is wrong with it.

A value is judged once a file, however often it stands there: the check of a column is a dictionary that fills itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import faults
from gradphoto.engine.roster.findings import Fault, Severity, Verdict
from gradphoto.engine.roster.layout import DATE_FIELDS
from gradphoto.engine.roster.lint_ids import check_id_type
from gradphoto.engine.roster.rules import LintRules
from gradphoto.engine.standards import characters
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.dates import compact, from_serial, is_compact, parse_date, parse_month, without_time
from gradphoto.engine.standards.identity import Sex
from gradphoto.engine.standards.name_faults import check_name, name_hints
from gradphoto.engine.standards.names import ORDINARY_NAME, canonical_name
from gradphoto.engine.standards.native_place import canonical_native_place, is_native_place

SEASONS = {"春季": "spring", "春": "spring", "秋季": "autumn", "秋": "autumn"}
_SEASON = re.compile(r"(?:[0-9]{4}年?)?(春|秋)季?(?:毕业)?生?")
_SEASON_MONTH = re.compile(
    r"(?:[0-9]{4}(?:[年./-]))?(?:0?([1-9]|1[0-2])(?:月(?:份)?)?|[0-9]{4}(0[1-9]|1[0-2])(?:[0-3][0-9])?|(十?[一二三四五六七八九十])月(?:份)?)(?:毕业)?生?"
)
_MONTH_WORDS = {
    word: str(n)
    for n, word in enumerate(["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], start=1)
}
_SEXES = {"男": Sex.MALE, "女": Sex.FEMALE}
# GB/T 2261.1 codes and what else people write.
_SEXES_WRITTEN = {"1": "男", "2": "女", "01": "男", "02": "女", "男性": "男", "女性": "女", "男生": "男", "女生": "女",
                  "M": "男", "F": "女", "MALE": "男", "FEMALE": "女"}  # fmt: skip
_POLITICAL_WRITTEN = {
    "团员": "共青团员", "共青团": "共青团员", "中国共产主义青年团团员": "共青团员", "中国共产党党员": "中共党员",
    "中国共产党预备党员": "中共预备党员", "预备党员": "中共预备党员",
}  # fmt: skip
_UNCOUNTED_GROUPS = frozenset({"穿青人", "穿青人族", "革家人", "摩梭人"})
_LENGTHS_WRITTEN = {
    "二": "2",
    "两": "2",
    "两年半": "2.5",
    "二年半": "2.5",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "七": "7",
    "八": "8",
}
_GRADUATION_WRITTEN = {
    "毕业生": "毕业", "结业生": "结业", "准予毕业": "毕业", "准予结业": "结业", "毕": "毕业", "结": "结业",
}  # fmt: skip
_PLACEHOLDERS = frozenset(
    {
        "无",
        "/",
        "-",
        "--",
        "—",
        "——",
        "null",
        "NULL",
        "Null",
        "(null)",
        "none",
        "None",
        "nan",
        "NaN",
        "NaT",
        "<NA>",
        "\\N",
        "N/A",
    }
)
_ERROR_VALUES = frozenset({
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "####", "#SPILL!", "#CALC!", "#GETTING_DATA", "#FIELD!",
    "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!",
})  # fmt: skip
_FIGURE = re.compile(r"[0-9](?:\.[0-9]+)?E\+[0-9]{2}", re.IGNORECASE)
_STUDENT_NO = re.compile(r"[0-9A-Za-z-]{1,20}")
_CANDIDATE_NO = re.compile(r"[0-9]{10,18}")
_MAJOR_CODE = re.compile(r"[0-9]{4,6}[0-9A-Z]{0,2}")
_SCHOOL_CODE = re.compile(r"[0-9]{5}|[0-9]{10}")
_DEPARTMENT_CODE = re.compile(r"[0-9]{2,3}")
_OLDEST, _YOUNGEST = 90, 12

CODED = frozenset({
    "student_no", "sex", "birth_date", "political_status", "ethnic_group", "level", "length_of_study", "entry_date",
    "season", "degree_category", "school_kind", "candidate_no", "major_code", "study_form", "expected_graduation",
    "department_code", "school_code", "shooting_no", "id_type", "graduation_kind",
})  # fmt: skip
"""Fields whose values are numbers, codes or words of a table: no space and no full width has a meaning in them."""
_FREE = frozenset({"remarks", "direction"})
_WIDEST = {"class_name": 60, "major": 80, "direction": 80, "level": 20, "native_place": 80, "degree_category": 20,
           "school_kind": 20, "graduation_kind": 20, "remarks": 200, "department": 80, "branch_school": 80, "school_name": 80}  # fmt: skip


Check = Callable[[str, LintRules], Verdict]


class ColumnCheck(dict[str, Verdict]):
    """The verdicts of one column by the raw text of the cell. ``faulty`` once any of them has a fault."""

    def __init__(self, name: str, rules: LintRules, *, required: bool, layout: str = "own") -> None:
        super().__init__()
        self._name, self._rules, self._required = name, rules, required
        # The summary table is made after the session, when every shooting number has been born (R52).
        self._check: Check = _plain if (name, layout) == ("shooting_no", "r52") else CHECKS.get(name, _plain)
        self.faulty = False

    def __missing__(self, raw: str) -> Verdict:
        verdict = self[raw] = self._judged(raw)
        self.faulty = self.faulty or bool(verdict.faults)
        return verdict

    def _judged(self, raw: str) -> Verdict:
        text, found = tidied(self._name, _day_of(raw) if self._name in DATE_FIELDS else raw)
        if not text:
            return Verdict("", _EMPTY.get(self._name, ""), (faults.REQUIRED,) if self._required else ())
        if text in _PLACEHOLDERS and self._name not in _FREE:
            fault = faults.PLACEHOLDER_IN_REQUIRED if self._required else faults.PLACEHOLDER
            return Verdict("", _EMPTY.get(self._name, ""), (fault,))
        if (text[0] == "#" and text in _ERROR_VALUES) or (text[:4] == "Err:" and text[4:].isdigit()):
            return Verdict(text, None, (faults.CELL_ERROR,))
        if len(text) > _WIDEST.get(self._name, len(text)):
            return Verdict(text, None, (*found, faults.too_long(_WIDEST[self._name])))
        verdict = self._check(text, self._rules)
        return Verdict(verdict.text, verdict.value, (*found, *verdict.faults)) if found else verdict


def _day_of(raw: str) -> str:
    """The cell without its time of day, whatever width and invisible characters that stands in; else the cell as it is."""
    plain = characters.half_width(characters.INVISIBLE.sub("", raw)).strip() if characters.is_untidy(raw) else raw
    day = without_time(plain)
    return raw if day == plain else day


def check_value(name: str, text: str, rules: LintRules) -> Verdict:
    """One value by itself, as a cell of that field is judged."""
    return ColumnCheck(name, rules, required=name in rules.required)[text]


_EMPTY: dict[str, object] = {"sex": None, "birth_date": None, "entry_date": None}


def tidied(name: str, raw: str) -> tuple[str, tuple[Fault, ...]]:
    """The text without what nobody means by it, and what that was. Inside of names only the ends are touched here."""
    if not characters.is_untidy(raw) and (name not in CODED or " " not in raw):
        return raw, ()
    found = []
    text = raw.strip()
    if text != raw:
        found.append(faults.OUTER_SPACE)
    if name == "name":
        return text, tuple(found)
    for fault, mend in _TIDYING[name in CODED]:
        mended = mend(text)
        if mended != text:
            found.append(fault)
            text = mended
    # Behind an invisible character there may have been another space.
    return text.strip(), tuple(found)


_SPACES = re.compile(r"\s+")
_BREAKS = re.compile(r"[\t\r\n\x0b\x0c]+")
_TIDYING: dict[bool, tuple[tuple[Fault, Callable[[str], str]], ...]] = {
    True: (
        (faults.INVISIBLE, lambda text: characters.INVISIBLE.sub("", text)),
        (faults.INNER_SPACE, lambda text: _SPACES.sub("", text)),
        (faults.FULL_WIDTH, characters.half_width),
    ),
    False: (
        (faults.INVISIBLE, lambda text: characters.INVISIBLE.sub("", text)),
        (faults.LINE_BREAK, lambda text: _BREAKS.sub("", text)),
        (faults.FULL_WIDTH, characters.half_width_letters),
    ),
}


def _plain(text: str, rules: LintRules) -> Verdict:
    return Verdict(text, text)


def _name(text: str, rules: LintRules) -> Verdict:
    name = canonical_name(text)
    found = [faults.of_name(fault, Severity.ERROR) for fault in check_name(text)]
    found += [faults.of_name(hint, Severity.WARNING) for hint in name_hints(name)]
    return Verdict(name, name, tuple(found))


def _sex(text: str, rules: LintRules) -> Verdict:
    if text in _SEXES:
        return Verdict(text, _SEXES[text])
    meant = _SEXES_WRITTEN.get(text.upper())
    if meant is None:
        return Verdict(text, None, (faults.SEX_UNKNOWN,))
    return Verdict(meant, _SEXES[meant], (faults.CODE_FOR_NAME if text.isdigit() else faults.SHORT_FORM,))


def _birth_date(text: str, rules: LintRules) -> Verdict:
    verdict = _date(text)
    born = verdict.value
    if isinstance(born, date) and not plausible_birth(born, rules.today):
        return Verdict(verdict.text, born, (*verdict.faults, faults.BIRTH_DATE_UNLIKELY))
    return verdict


def plausible_birth(born: date, today: date) -> bool:
    """Whether somebody born then may graduate now."""
    return date(today.year - _OLDEST, 1, 1) < born < date(today.year - _YOUNGEST, 12, 31)


def _date(text: str) -> Verdict:
    try:
        day = parse_date(text)
    except GradPhotoError:
        serial = from_serial(text)
        return Verdict(compact(serial), None, (faults.DATE_SERIAL,)) if serial else Verdict(text, None, (faults.DATE,))
    return Verdict(compact(day), day, () if is_compact(text) else (faults.DATE_FORM,))


def _entry_date(text: str, rules: LintRules) -> Verdict:
    verdict = _date_or_month(text)
    if isinstance(verdict.value, date) and verdict.value > rules.today:
        return Verdict(verdict.text, verdict.value, (*verdict.faults, faults.ENTRY_DATE_AHEAD))
    return verdict


def _date_or_month(text: str) -> Verdict:
    month = parse_month(text)
    return Verdict(text, month, (faults.DATE_MONTH,)) if month else _date(text)


def _expected_graduation(text: str, rules: LintRules) -> Verdict:
    month = parse_month(text)  # R13: a month of graduation is all that is known of it, and enough
    verdict = Verdict(compact(month), month) if month else _date(text)
    day = verdict.value
    return Verdict(verdict.text, compact(day) if isinstance(day, date) else "", verdict.faults)


def _season(text: str, rules: LintRules) -> Verdict:
    found = _SEASON.fullmatch(text)
    if found is not None:
        return Verdict(f"{found[1]}季", SEASONS[found[1]])
    # R13: graduates of January and of July; which season a month is, is a rule.
    month = _SEASON_MONTH.fullmatch(text)
    number = month and (month[1] or month[2] or _MONTH_WORDS.get(month[3] or ""))
    if not number:
        return Verdict(text, None, (faults.SEASON_UNKNOWN,))
    return _season_of_month(text, int(number), rules, (faults.SEASON_BY_MONTH,))


def _season_of_month(text: str, month: int, rules: LintRules, told: tuple[Fault, ...]) -> Verdict:
    season = rules.season_months.get(str(month))
    if season in SEASONS:
        return Verdict(season, SEASONS[season], told)
    return Verdict(text, None, (faults.season_of_no_month(month),))


def season_of_graduation(text: str, rules: LintRules) -> Verdict:
    """The season that a day or month of graduation stands for by rule (R13); nothing is to be mended where it is one."""
    wanted = text.strip()
    if not wanted:
        return Verdict("", None, (faults.REQUIRED,))
    day = parse_month(wanted) or _date(wanted).value
    if not isinstance(day, date):
        return Verdict(text, None, (faults.SEASON_UNKNOWN,))
    return _season_of_month(text, day.month, rules, ())


def _political_status(text: str, rules: LintRules) -> Verdict:
    table = load_table("political_status")
    if rules.knows("political_status", text):
        return Verdict(text, text)
    national = load_table("political_status_national")
    by_code = national.name_of(text)
    if by_code is not None:
        more = () if by_code in table else (faults.POLITICAL_OTHER,)
        return Verdict(by_code, by_code, (faults.CODE_FOR_NAME, *more))
    if text in national:
        return Verdict(text, text, (faults.POLITICAL_OTHER,))
    meant = _POLITICAL_WRITTEN.get(text)
    allowed = "、".join(rules.words("political_status"))
    fault = faults.not_in_table("political_status", allowed, Severity.ERROR, safe=meant is not None)
    return Verdict(meant or text, None, (fault,))


def _ethnic_group(text: str, rules: LintRules) -> Verdict:
    table = load_table("ethnic_group")
    if rules.knows("ethnic_group", text):
        return Verdict(text, text)
    if f"{text}族" in table:
        return Verdict(f"{text}族", f"{text}族", (faults.SHORT_FORM,))
    by_code = table.name_of(text)
    if by_code is not None:
        return Verdict(by_code, by_code, (faults.CODE_FOR_NAME,))
    if text in _UNCOUNTED_GROUPS:
        return Verdict(text, text, (faults.ETHNIC_UNCOUNTED,))
    return Verdict(text, None, (faults.ETHNIC_UNKNOWN,))


def _length_of_study(text: str, rules: LintRules) -> Verdict:
    if rules.knows("length_of_study", text):
        return Verdict(text, text)
    short = text.removesuffix("制").removesuffix("年").removesuffix(".0")
    meant = _LENGTHS_WRITTEN.get(short, short)
    if rules.knows("length_of_study", meant):
        return Verdict(meant, meant, (faults.SHORT_FORM,))
    allowed = "、".join(rules.words("length_of_study"))
    return Verdict(text, None, (faults.not_in_table("length_of_study", allowed, Severity.ERROR),))


def _from_table(name: str) -> Check:
    def check(text: str, rules: LintRules) -> Verdict:
        if rules.knows(name, text):
            return Verdict(text, text)
        # No official list of these was found (facts 2.2): an unknown word is only pointed out, and a school may add it.
        allowed = "、".join(rules.words(name))
        return Verdict(text, text, (faults.not_in_table(name, allowed, Severity.WARNING),))

    return check


def _graduation_kind(text: str, rules: LintRules) -> Verdict:
    """Graduating or completing (R15). What is neither of the two decides which certificate is made: it is asked about."""
    meant = _GRADUATION_WRITTEN.get(text, text)
    if rules.knows("graduation_kind", meant):
        return Verdict(meant, meant, () if meant == text else (faults.SHORT_FORM,))
    by_code = load_table("graduation_kind").name_of(text)
    if by_code is not None:
        return Verdict(by_code, by_code, (faults.CODE_FOR_NAME,))
    allowed = "、".join(rules.words("graduation_kind"))
    return Verdict(text, None, (faults.not_in_table("graduation_kind", allowed, Severity.ERROR),))


def _native_place(text: str, rules: LintRules) -> Verdict:
    if is_native_place(text):
        return Verdict(text, text)
    whole = canonical_native_place(text)
    return Verdict(whole or text, whole or text, (faults.NATIVE_PLACE_FORM,))


def _of_form(form: re.Pattern[str], fault: Fault) -> Check:
    def check(text: str, rules: LintRules) -> Verdict:
        text = text.removeprefix("'")
        if form.fullmatch(text):
            return Verdict(text, text)
        return Verdict(text, text, (faults.FIGURE_LOST if _FIGURE.fullmatch(text) else fault,))

    return check


def _department(text: str, rules: LintRules) -> Verdict:
    name = rules.departments.get(text)
    return Verdict(name, name, (faults.CODE_FOR_NAME,)) if name else Verdict(text, text)


def _department_code(text: str, rules: LintRules) -> Verdict:
    if rules.departments:
        return Verdict(text, text, () if text in rules.departments else (faults.DEPARTMENT_CODE_UNKNOWN,))
    return Verdict(text, text, () if _DEPARTMENT_CODE.fullmatch(text) else (faults.DEPARTMENT_CODE_FORM,))


def _school_code(text: str, rules: LintRules) -> Verdict:
    if not _SCHOOL_CODE.fullmatch(text):
        return Verdict(text, text, (faults.SCHOOL_CODE_FORM,))
    # The identifier of ten digits ends in the school code of five (facts 2.2).
    other = rules.school_code and text[-5:] != rules.school_code[-5:]
    return Verdict(text, text, (faults.SCHOOL_OTHER,) if other else ())


def _school_name(text: str, rules: LintRules) -> Verdict:
    other = rules.school_name and text != rules.school_name
    return Verdict(text, text, (faults.SCHOOL_NAME_OTHER,) if other else ())


ORDINARY: dict[str, re.Pattern[str]] = {
    "name": ORDINARY_NAME,
    "student_no": _STUDENT_NO,
    "candidate_no": _CANDIDATE_NO,
}
"""Columns of ever new values, with the form that needs no judging: such a cell is its own canonical text and value."""


def _shooting_no(text: str, rules: LintRules) -> Verdict:
    return Verdict(text, text, (faults.SHOOTING_NO_FILLED,))


CHECKS: dict[str, Check] = {
    "student_no": _of_form(_STUDENT_NO, faults.STUDENT_NO_FORM),
    "name": _name,
    "sex": _sex,
    "birth_date": _birth_date,
    "political_status": _political_status,
    "ethnic_group": _ethnic_group,
    "native_place": _native_place,
    "department": _department,
    "level": _from_table("level"),
    "length_of_study": _length_of_study,
    "entry_date": _entry_date,
    "season": _season,
    "degree_category": _from_table("degree_category"),
    "school_kind": _from_table("school_kind"),
    "graduation_kind": _graduation_kind,
    "candidate_no": _of_form(_CANDIDATE_NO, faults.CANDIDATE_NO_FORM),
    "major_code": _of_form(_MAJOR_CODE, faults.MAJOR_CODE_FORM),
    "study_form": _from_table("study_form"),
    "expected_graduation": _expected_graduation,
    "department_code": _department_code,
    "school_code": _school_code,
    "school_name": _school_name,
    "id_type": check_id_type,
    "shooting_no": _shooting_no,
}
