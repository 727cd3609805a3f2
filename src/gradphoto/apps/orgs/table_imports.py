"""Organisations and people in one go: a table is read, its columns mapped, checked row by row, looked at, then taken over."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs import actions, table_columns, table_rows
from gradphoto.apps.orgs.kinds import OrganisationKind, Role
from gradphoto.apps.orgs.models import ImportKind, ImportState, Organisation, TableImport
from gradphoto.apps.orgs.table_columns import PEOPLE_FIELDS, UNIT_FIELDS, TableField
from gradphoto.apps.orgs.table_rows import CheckedRow, Units
from gradphoto.engine.tables.model import Limits
from gradphoto.engine.tables.plain import read_plain
from gradphoto.engine.workbooks import open_workbook

LIMIT_MB = 8
_LIMITS = Limits(
    bytes=LIMIT_MB * 1024 * 1024, unpacked_bytes=64 * 1024 * 1024, rows=table_rows.MOST_ROWS + 50, columns=60
)
_EXAMPLES: Mapping[str, Sequence[Sequence[str]]] = {
    ImportKind.UNITS: (("计算机学院", "01", "", "院系", ""), ("江城学习中心", "901", "", "校外学习中心", "")),
    ImportKind.PEOPLE: (
        ("王老师", "t2001", "计算机学院", "学院负责人", "0731-0000000", "教一楼208", ""),
        ("李老师", "t2002", "计算机学院", "毕业班辅导员", "", "", ""),
    ),
}


def fields_of(kind: str) -> tuple[TableField, ...]:
    """The fields of a kind of table."""
    return UNIT_FIELDS if kind == ImportKind.UNITS else PEOPLE_FIELDS


def template_file(kind: str) -> bytes:
    """An xlsx with our headings, two rows to write over, and a second sheet that explains them."""
    out, fields = io.BytesIO(), fields_of(kind)
    with open_workbook(out) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8F1F9", "border": 1})
        sheet = book.add_worksheet("导入")
        for column, one in enumerate(fields):
            sheet.write_string(0, column, one.title.zh + ("*" if one.required else ""), head)
        for row, cells in enumerate(_EXAMPLES[kind], start=1):
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text)
        sheet.set_column(0, len(fields) - 1, 18, book.add_format({"num_format": "@"}))
        help_sheet = book.add_worksheet("说明")
        offered = OrganisationKind.choices if kind == ImportKind.UNITS else Role.choices
        lines = [
            "带 * 的列必填；示例行请改写或删除。",
            "可用的" + ("类别" if kind == ImportKind.UNITS else "角色") + "：",
        ]
        for row, line in enumerate([*lines, *(str(label) for _, label in offered)]):
            help_sheet.write_string(row, 0, line)
    return out.getvalue()


@action("orgs.read_table", permission="orgs.manage")
def read_table(
    actor: Actor, organisation: Organisation, *, kind: ImportKind, file_name: str, data: bytes
) -> TableImport:
    """Read a file (xlsx, xls, csv, dbf) and propose which column is which; nothing else is changed.

    Raises what the reader raises, and ``orgs.table_empty`` or ``orgs.table_too_long``.
    """
    fields = fields_of(kind)
    rows = read_plain(data, table_columns.headings(fields), _LIMITS)
    header = table_columns.header_row(fields, [cells for _, cells in rows])
    body = rows[header + 1 :]
    if not body:
        raise invalid(
            "orgs.table_empty", "表头下面没有内容。", "There is nothing below the headings.",
            "请在模板的第二行起填写。", "Fill in the template from its second row on.", field="file",
        )  # fmt: skip
    if len(body) > table_rows.MOST_ROWS:
        raise invalid(
            "orgs.table_too_long", f"超过 {table_rows.MOST_ROWS} 行。", f"More than {table_rows.MOST_ROWS} rows.",
            "请分成几个文件。", "Divide the file.", field="file",
        )  # fmt: skip
    titles = list(rows[header][1])
    units = actions.managed_organisations(actor).filter(archived_at=None).values_list("name", "code")
    known = {text for pair in units for text in pair if text}
    audit.note(kind=str(kind), file=file_name[:120], rows=len(body))
    return TableImport.objects.create(
        organisation=organisation, kind=kind, file_name=file_name[:120], header=titles,
        rows=[[number, *cells] for number, cells in body],
        mapping=table_columns.proposed(fields, titles, [cells for _, cells in body], known),
        made_by=str(actor.user or actor.label)[:150],
    )  # fmt: skip


@action("orgs.map_table", permission="orgs.manage")
def map_table(actor: Actor, table: TableImport, *, mapping: Mapping[str, int]) -> None:
    """Say which column is which. Raises ``orgs.column_twice`` or ``orgs.table_over``."""
    _require_open(table)
    known = {one.name for one in fields_of(table.kind)}
    chosen = {name: column for name, column in mapping.items() if name in known and 0 <= column < len(table.header)}
    if len(set(chosen.values())) != len(chosen):
        raise invalid(
            "orgs.column_twice", "同一列选给了两项。", "One column was chosen for two items.",
            "每一列只选一次。", "Choose each column once.",
        )  # fmt: skip
    table.mapping = chosen
    table.save(update_fields=["mapping"])


def checked(actor: Actor, table: TableImport) -> list[CheckedRow]:
    """Every row against the organisations and people as they are now."""
    fields = fields_of(table.kind)
    rows = []
    for number, *cells in table.rows:
        values, faults = table_rows.cells_by_field(fields, table.mapping, cells)
        rows.append((int(number), values, faults))
    units = Units(actions.managed_organisations(actor).filter(archived_at=None).order_by("path"))
    check = table_rows.check_units if table.kind == ImportKind.UNITS else table_rows.check_people
    return check(rows, units)


@action("orgs.take_table", permission="orgs.manage")
def take_table(actor: Actor, table: TableImport) -> int:
    """Take over every good row; the wrong ones stay on the page. Returns how many were added or changed.

    Raises ``orgs.table_over``, or ``orgs.table_nothing`` where no row is good.
    """
    _require_open(table)
    rows = [row for row in checked(actor, table) if row.state in ("new", "changed")]
    if not rows:
        raise refuse(
            "orgs.table_nothing", "没有可以接收的行。", "No row can be taken over.",
            "请按提示改正文件后重新上传。", "Correct the file as the page says and hand it in again.",
        )  # fmt: skip
    take = _take_units if table.kind == ImportKind.UNITS else _take_people
    take(actor, rows)
    taken = {row.number for row in rows}
    table.state, table.taken = ImportState.TAKEN, len(rows)
    table.rows = [row for row in table.rows if int(row[0]) not in taken]  # what is kept elsewhere is not kept twice
    table.save(update_fields=["state", "taken", "rows"])
    audit.note(kind=table.kind, taken=len(rows))
    return len(rows)


def _take_units(actor: Actor, rows: Sequence[CheckedRow]) -> None:
    made: dict[str, Organisation] = {}
    for row in rows:
        found = row.found or {}
        if row.state == "changed":
            known = Organisation.objects.get(pk=found["pk"])
            actions.change_organisation(
                actor, known, name=known.name, code=row.values["code"] or known.code,
                name_en=row.values["name_en"] or known.name_en,
            )  # fmt: skip
            continue
        place = found["parent"]
        parent = made[place] if isinstance(place, str) else Organisation.objects.get(pk=place)
        made[row.values["name"]] = actions.add_organisation(
            actor, parent, kind=OrganisationKind(str(found["kind"])), name=row.values["name"], code=row.values["code"],
            name_en=row.values["name_en"],
        )  # fmt: skip


def _take_people(actor: Actor, rows: Sequence[CheckedRow]) -> None:
    for row in rows:
        found, values = row.found or {}, row.values
        actions.add_user(
            actor, Organisation.objects.get(pk=found["unit"]), username=values["username"],
            display_name=values["display_name"], role=Role(str(found["role"])), email=values["email"],
            telephone=values["telephone"], office=values["office"],
        )  # fmt: skip


@action("orgs.discard_table", permission="orgs.manage")
def discard_table(actor: Actor, table: TableImport) -> None:
    """Leave the file; nothing of it was taken over. Raises ``orgs.table_over``."""
    _require_open(table)
    table.state, table.rows = ImportState.DISCARDED, []
    table.save(update_fields=["state", "rows"])


def _require_open(table: TableImport) -> None:
    if table.state != ImportState.OPEN:
        raise refuse(
            "orgs.table_over", "这个文件已经办理过。", "This file is dealt with already.",
            "需要时请重新上传。", "Hand it in again where needed.",
        )  # fmt: skip
