"""Organisations and people as rows of a table: which heading means what, and what is wrong with a row, before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from gradphoto.apps.orgs.kinds import OrganisationKind, Role
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.orgs.permissions import CHILDREN, fits
from gradphoto.apps.orgs.table_columns import (
    PEOPLE_FIELDS,
    UNIT_FIELDS,
    TableField,
    kind_by_name,
    kind_named,
    role_named,
)
from gradphoto.engine.wording import Wording

MOST_ROWS = 5000
_MOST_OFFERED = 20
_USERNAME = re.compile(r"[\w.@+-]{1,150}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a row, and what to do."""

    title: Wording
    message: Wording
    remedy: Wording


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with what it says; ``state`` is new, changed, same or wrong. ``found`` is what was meant by its words."""

    number: int
    values: Mapping[str, str]
    state: str
    faults: tuple[Fault, ...] = ()
    found: Mapping[str, int | str] | None = None
    meant: Mapping[str, str] = field(default_factory=dict)
    """Fields whose words mean ours, or that are empty and become this: shown beside the words of the file."""


def cells_by_field(
    fields: Sequence[TableField], mapping: Mapping[str, int], cells: Sequence[str]
) -> tuple[dict[str, str], list[Fault]]:
    """The texts of a row by field, and what is missing or too long."""
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for one in fields:
        place = mapping.get(one.name)
        text = " ".join(cells[place].split()) if place is not None and place < len(cells) else ""
        values[one.name] = text
        if one.required and not text:
            faults.append(Fault(one.title, Wording("没有填写。", "It is empty."), Wording("请补充。", "Fill it in.")))
        elif len(text) > one.longest:
            told = Wording("超过 {n} 字。", "It is longer than {n} characters.").format(n=one.longest)
            faults.append(Fault(one.title, told, Wording("请缩短。", "Make it shorter.")))
    return values, faults


class Units:
    """The organisations an administrator changes, found by name or code; the ones of the file count, too."""

    def __init__(self, known: Iterable[Organisation]) -> None:
        self.all = list(known)
        self.root = min(self.all, key=lambda one: one.path.count("/"), default=None)

    def find(self, text: str) -> list[Organisation]:
        return [one for one in self.all if text in (one.name, one.code)]


def check_units(rows: Iterable[tuple[int, Mapping[str, str], Sequence[Fault]]], units: Units) -> list[CheckedRow]:
    """Units row by row: new, changed (another code or English name), the same, or wrong. Rows may name those before them."""
    of_file: dict[str, tuple[OrganisationKind, int]] = {}
    checked: list[CheckedRow] = []
    for number, values, told in rows:
        faults = list(told)
        parent_kind, parent = _parent(values["parent"], units, of_file, faults)
        kind = kind_named(values["kind"]) if values["kind"] else kind_by_name(values["name"])
        if kind is None:
            kind = OrganisationKind.DEPARTMENT
            offered = CHILDREN[parent_kind] if parent_kind is not None else OrganisationKind
            faults.append(_unknown(UNIT_FIELDS[3], values["kind"], (str(k.label) for k in offered)))
        if parent_kind is not None and kind not in CHILDREN[parent_kind]:
            faults.append(
                Fault(
                    UNIT_FIELDS[3].title,
                    Wording(f"“{kind.label}”不能设在“{parent_kind.label}”之下。", "This kind cannot stand there."),
                    Wording("请核对类别和上级单位。", "Check kind and parent."),
                )
            )
        if values["name"] in of_file:
            faults.append(_twice(UNIT_FIELDS[0], of_file[values["name"]][1]))
        known = [one for one in units.find(values["name"]) if one.name == values["name"] and one.kind == kind]
        state, found = "new", {"kind": str(kind), "parent": parent}
        if known and not faults:
            one = known[0]
            same = (values["code"] or one.code, values["name_en"] or one.name_en) == (one.code, one.name_en)
            state, found = ("same" if same else "changed"), {"pk": one.pk}
        if not faults:
            of_file[values["name"]] = (kind, number)
        meant = {"kind": str(kind.label), "parent": "" if values["parent"] or units.root is None else units.root.name}
        checked.append(CheckedRow(number, values, "wrong" if faults else state, tuple(faults), found, meant))
    return checked


def _parent(
    text: str, units: Units, of_file: Mapping[str, tuple[OrganisationKind, int]], faults: list[Fault]
) -> tuple[OrganisationKind | None, int | str]:
    """The kind of the parent and what finds it later: an id, or the name of a row before."""
    if not text and units.root is not None:
        return OrganisationKind(units.root.kind), units.root.pk
    if text in of_file:
        return of_file[text][0], text
    known = units.find(text)
    if len(known) == 1:
        return OrganisationKind(known[0].kind), known[0].pk
    faults.append(_unknown(UNIT_FIELDS[2], text, (one.name for one in known or units.all)))
    return None, ""


def check_people(rows: Iterable[tuple[int, Mapping[str, str], Sequence[Fault]]], units: Units) -> list[CheckedRow]:
    """People row by row: new, the same (account and role are there), or wrong."""
    names = [values["username"].lower() for _, values, _ in rows]
    known = {one.username.lower(): one for one in User.objects.prefetch_related("memberships")}
    first: dict[str, int] = {}
    checked = []
    for place, (number, values, told) in enumerate(rows):
        faults = list(told)
        found: dict[str, int | str] = {}
        if values["username"] and not _USERNAME.fullmatch(values["username"]):
            faults.append(
                _shape(PEOPLE_FIELDS[1], "只能用字母、数字和 _ . @ + -。", "Letters, figures and _ . @ + - only.")
            )
        if names[place] in first:
            faults.append(_twice(PEOPLE_FIELDS[1], first[names[place]]))
        elif names[place]:
            first[names[place]] = number
        matches = units.find(values["unit"]) if values["unit"] else []
        if values["unit"] and len(matches) != 1:
            faults.append(_unknown(PEOPLE_FIELDS[2], values["unit"], (one.name for one in matches or units.all)))
        role = role_named(values["role"]) if values["role"] else None
        if values["role"] and not role:
            offered = [one for one in Role if len(matches) != 1 or fits(one, matches[0])]
            faults.append(_unknown(PEOPLE_FIELDS[3], values["role"], (str(one.label) for one in offered)))
        if role and len(matches) == 1:
            found = {"unit": matches[0].pk, "role": role}
            if not fits(role, matches[0]):
                told_zh = f"“{Role(role).label}”不能设在“{matches[0].name}”。"
                faults.append(_shape(PEOPLE_FIELDS[3], told_zh, "This role is not held in such an organisation."))
        if values["email"] and not _is_mail(values["email"]):
            faults.append(_shape(PEOPLE_FIELDS[6], "邮箱格式不对。", "This is no mail address."))
        state = "new"
        if (user := known.get(names[place])) is not None and not faults:
            held = {(one.organisation_id, one.role) for one in user.memberships.all()}
            state = "same" if (found.get("unit"), found.get("role")) in held else "wrong"
            if state == "wrong":
                faults.append(_taken())
        meant = {"role": str(role.label)} if role else {}
        checked.append(CheckedRow(number, values, "wrong" if faults else state, tuple(faults), found, meant))
    return checked


def _is_mail(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _taken() -> Fault:
    return Fault(
        PEOPLE_FIELDS[1].title,
        Wording("用户名已被使用。", "This user name is taken."),
        Wording(
            "同一人请在其页面增加角色；不同的人请换用户名。",
            "Give the same person the role on their page; else take another name.",
        ),
    )


def _unknown(column: TableField, text: str, offered: Iterable[str]) -> Fault:
    known = list(dict.fromkeys(offered))
    some, more = known[:_MOST_OFFERED], len(known) > _MOST_OFFERED
    return Fault(
        column.title,
        Wording(f"“{text}”不能唯一确定。", f"“{text}” is not known, or stands for several."),
        Wording(
            "可用：" + "、".join(some) + (" 等。" if more else "。"),
            "Known: " + ", ".join(some) + (" and more." if more else "."),
        ),
    )


def _twice(column: TableField, row: int) -> Fault:
    told = Wording("与第 {n} 行重复。", "The same as in row {n}.").format(n=row)
    return Fault(column.title, told, Wording("只保留一行。", "Keep one of them."))


def _shape(column: TableField, zh: str, en: str) -> Fault:
    return Fault(column.title, Wording(zh, en), Wording("请核对后修改。", "Check and correct it."))
