"""Organisations and people as rows of a table: which heading means what, and what is wrong with a row, before anything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from gradphoto.apps.orgs.kinds import OrganisationKind, Role
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.orgs.permissions import CHILDREN, fits
from gradphoto.engine.tables.headings import plain_heading, plain_without_notes
from gradphoto.engine.wording import Wording

MOST_ROWS = 5000
_USERNAME = re.compile(r"[\w.@+-]{1,150}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableField:
    """A field of the table: its heading in our template, how else schools call it, and how long it may be."""

    name: str
    title: Wording
    longest: int
    required: bool = False
    also: tuple[str, ...] = ()


UNIT_FIELDS = (
    TableField(
        "name", Wording("单位名称", "Name"), 120, True, ("名称", "院系", "院系名称", "学院", "学院名称", "部门")
    ),
    TableField("code", Wording("代码", "Code"), 20, False, ("单位代码", "院系代码", "学院代码", "院系编号", "编号")),
    TableField("parent", Wording("上级单位", "Below"), 120, False, ("上级", "上级名称", "所属单位")),
    TableField("kind", Wording("类别", "Kind"), 20, False, ("单位类别", "类型")),
    TableField("name_en", Wording("英文名称", "English name"), 160, False, ("英文名", "英文")),
)
PEOPLE_FIELDS = (
    TableField("display_name", Wording("姓名", "Name"), 60, True, ("教师姓名", "人员姓名", "负责人")),
    TableField("username", Wording("用户名", "User name"), 150, True, ("账号", "工号", "教工号", "职工号", "登录名")),
    TableField("unit", Wording("单位", "Organisation"), 120, True, ("单位名称", "院系", "学院", "部门", "所在单位")),
    TableField("role", Wording("角色", "Role"), 40, True, ("职务", "岗位", "身份")),
    TableField("telephone", Wording("电话", "Telephone"), 40, False, ("联系电话", "手机", "手机号", "办公电话")),
    TableField("office", Wording("办公室", "Office"), 120, False, ("办公地点", "地点", "地址")),
    TableField("email", Wording("邮箱", "Mail address"), 254, False, ("电子邮箱", "E-mail", "email", "电子邮件")),
)


def headings(fields: Iterable[TableField]) -> list[str]:
    """Every heading that is known for these fields."""
    return [word for one in fields for word in (one.title.zh, one.title.en, *one.also)]


def proposed(fields: Sequence[TableField], header: Sequence[str]) -> dict[str, int]:
    """Which column holds which field, as far as its heading says; each column and each field once."""
    plain = [plain_without_notes(plain_heading(cell)) for cell in header]
    found: dict[str, int] = {}
    for one in fields:
        for word in (one.title.zh, one.title.en, *one.also):
            wanted = plain_heading(word)
            if wanted in plain and plain.index(wanted) not in found.values():
                found[one.name] = plain.index(wanted)
                break
    return found


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


def _labelled(text: str, labels: Iterable[tuple[str, object]]) -> str:
    """The value whose label in either language, or whose code, a person wrote."""
    wanted = plain_heading(text)
    return next((value for value, label in labels if wanted in (plain_heading(value), plain_heading(label))), "")


def check_units(rows: Iterable[tuple[int, Mapping[str, str], Sequence[Fault]]], units: Units) -> list[CheckedRow]:
    """Units row by row: new, changed (another code or English name), the same, or wrong. Rows may name those before them."""
    of_file: dict[str, tuple[OrganisationKind, int]] = {}
    checked: list[CheckedRow] = []
    for number, values, told in rows:
        faults = list(told)
        kind = OrganisationKind.DEPARTMENT
        if values["kind"]:
            named = _labelled(values["kind"], OrganisationKind.choices)
            kind = OrganisationKind(named) if named else kind
            if not named:
                faults.append(_unknown(UNIT_FIELDS[3], values["kind"], (str(k.label) for k in OrganisationKind)))
        parent_kind, parent = _parent(values["parent"], units, of_file, faults)
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
        checked.append(CheckedRow(number, values, "wrong" if faults else state, tuple(faults), found))
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
        role = _labelled(values["role"], Role.choices) if values["role"] else ""
        if values["role"] and not role:
            faults.append(_unknown(PEOPLE_FIELDS[3], values["role"], (str(one.label) for one in Role)))
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
        checked.append(CheckedRow(number, values, "wrong" if faults else state, tuple(faults), found))
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


def _unknown(field: TableField, text: str, offered: Iterable[str]) -> Fault:
    some = list(dict.fromkeys(offered))[:6]
    return Fault(
        field.title,
        Wording(f"“{text}”不能唯一确定。", f"“{text}” is not known, or stands for several."),
        Wording("可用：" + "、".join(some) + "。", "Known: " + ", ".join(some) + "."),
    )


def _twice(field: TableField, row: int) -> Fault:
    told = Wording("与第 {n} 行重复。", "The same as in row {n}.").format(n=row)
    return Fault(field.title, told, Wording("只保留一行。", "Keep one of them."))


def _shape(field: TableField, zh: str, en: str) -> Fault:
    return Fault(field.title, Wording(zh, en), Wording("请核对后修改。", "Check and correct it."))
