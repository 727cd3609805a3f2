"""A roster handed in by a program: the way of the pages, with the columns named by headings instead of by a person."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction

from gradphoto.apps.api.authentication import Caller
from gradphoto.apps.api.models import ApiToken, RosterPush
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.encryption import blind_index, is_same_index
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.imports.map import proposal_of, read_import
from gradphoto.apps.roster.imports.receive import homes_for_import, upload_roster
from gradphoto.apps.roster.models import RosterImport
from gradphoto.engine.roster import ColumnMapping, Proposal
from gradphoto.engine.roster.layout import FIELD_TITLES, REQUIRED
from gradphoto.engine.tables.headings import plain_heading
from gradphoto.engine.workbooks import open_workbook

"""The row of the first person in the workbook that rows become: below the headings."""
_SEASONS = {"spring": "春季", "autumn": "秋季"}


@dataclass(frozen=True, slots=True)
class Columns:
    """How a file is to be read: fields by heading (empty: the known headings), values for the whole file, odd rows.

    ``rows``: what a program sent instead of a file; a push is known again by it, as a workbook bears the time of its making.
    """

    headings: Mapping[str, str]
    defaults: Mapping[str, str]
    hidden: str = ""
    struck: str = ""
    rows: str = ""


def push(
    caller: Caller,
    campaign: Campaign,
    unit: Organisation | None,
    *,
    key: str,
    file_name: str,
    data: bytes,
    columns: Columns,
) -> tuple[RosterImport, bool]:
    """Hand the file in and begin to read it; returns the import, and whether it had been pushed before under this key.

    Nothing is kept of what is refused. Raises ``api.key_used_otherwise``, ``api.heading_unknown``, and what the pages
    would say.
    """
    said = [campaign.pk, unit.pk if unit else None, columns.headings, columns.defaults, columns.hidden, columns.struck]
    plain = json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
    whole = hashlib.sha256(columns.rows.encode() if columns.rows else data).digest()
    content = blind_index(hashlib.sha256(whole + plain).hexdigest())
    earlier = _earlier(caller.token, key, content)
    if earlier is not None:
        return earlier, True
    try:
        with transaction.atomic():
            made = RosterPush.objects.create(token=caller.token, key=key, content_index=content)
            made.roster_import = _read(caller, campaign, unit, file_name, data, columns)
            made.save(update_fields=["roster_import"])
    except IntegrityError:
        earlier = _earlier(caller.token, key, content)  # the same push arrived twice at once
        if earlier is None:
            raise
        return earlier, True
    return made.roster_import, False


def _earlier(token: ApiToken, key: str, content: str) -> RosterImport | None:
    before = RosterPush.objects.select_related("roster_import").filter(token=token, key=key).first()
    if before is None:
        return None
    if not is_same_index(before.content_index, content):
        raise invalid(
            "api.key_used_otherwise",
            "这个 Idempotency-Key 已用于另一份名册。",
            "This Idempotency-Key was used for another roster.",
            "请为每份名册使用新的键。", "Use a new key for each roster.", field="Idempotency-Key",
        )  # fmt: skip
    return before.roster_import


def _read(
    caller: Caller, campaign: Campaign, unit: Organisation | None, file_name: str, data: bytes, columns: Columns
) -> RosterImport:
    home = unit or next(iter(homes_for_import(caller.actor, campaign)), campaign.school)
    made = upload_roster(caller.actor, campaign, organisation=home, file_name=file_name, data=data)
    proposal = proposal_of(made)
    mapping = _with_odd_rows(_mapping(proposal, columns.headings), proposal, columns)
    read_import(caller.actor, made, mapping=mapping, defaults=dict(columns.defaults))
    return made


def _mapping(proposal: Proposal, headings: Mapping[str, str]) -> ColumnMapping:
    if not headings:
        return proposal.mapping()
    by_title = {plain_heading(column.title): column.index for column in reversed(proposal.columns)}
    columns: dict[str, int] = {}
    for field, heading in headings.items():
        if field not in FIELD_TITLES:
            raise _unknown(f"没有字段 {field}。", f"There is no field {field}.", field)
        index = by_title.get(plain_heading(heading))
        if index is None:
            raise _unknown(f"文件中没有标题为“{heading}”的列。", f"The file has no column headed “{heading}”.", field)
        columns[field] = index
    if len(set(columns.values())) < len(columns):
        raise _unknown("一列只能对应一个字段。", "A column stands for one field only.", "mapping")
    return ColumnMapping(proposal.sheet, proposal.header_row, columns)


def _unknown(zh: str, en: str, field: str) -> Exception:
    return invalid("api.heading_unknown", zh, en, "请核对 mapping 中的字段和标题。", "Check `mapping`.", field=field)


def _with_odd_rows(mapping: ColumnMapping, proposal: Proposal, columns: Columns) -> ColumnMapping:
    """Rows that a person does not see, or sees struck through, are read or left out only where somebody said which."""
    sheets = {mapping.sheet, *(one.sheet for one in mapping.also)}
    read = [one for one in (proposal, *proposal.offers) if one.sheet in sheets]
    for kind, said in (("hidden", columns.hidden), ("struck", columns.struck)):
        if not said and any(getattr(one, f"{kind}_rows") for one in read):
            raise invalid(
                "roster.rows_undecided", "文件中有隐藏或划去的行。", "The file has rows that are hidden or struck through.",
                f"请用 {kind} 说明 take（读入）或 leave（不读入）。", f"Say take or leave in `{kind}`.", field=kind,
            )  # fmt: skip
    hidden, struck = columns.hidden == "leave", columns.struck == "leave"
    also = tuple(replace(one, leave_hidden=hidden, leave_struck=struck) for one in mapping.also)
    return replace(mapping, leave_hidden=hidden, leave_struck=struck, also=also)


def workbook_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The rows as the file that they go on as: the headings of the template, every cell text."""
    used = [
        name for name in FIELD_TITLES if name in REQUIRED or any(str(row.get(name, "") or "").strip() for row in rows)
    ]
    given = [name for name in used if name not in ("sex", "birth_date", "season") or any(row.get(name) for row in rows)]
    out = io.BytesIO()
    with open_workbook(out) as book:
        sheet = book.add_worksheet("名册")
        for column, name in enumerate(given):
            sheet.write_string(0, column, FIELD_TITLES[name])
            for number, row in enumerate(rows, start=1):
                value = str(row.get(name, "") or "")
                sheet.write_string(number, column, _SEASONS.get(value, value) if name == "season" else value)
    return out.getvalue()


def require_key(key: str) -> str:
    """The key of a push. Raises ``api.key_missing``."""
    plain = key.strip()
    if not 8 <= len(plain) <= 80 or not plain.isascii() or not plain.isprintable():
        raise refuse(
            "api.key_missing", "缺少 Idempotency-Key，或长度不是 8 至 80 个字符。",
            "The header Idempotency-Key is missing, or not 8 to 80 characters.",
            "请为每份名册生成一个唯一的键，重发时使用同一个。", "Give each roster a key of its own, and send it again with the same.",
            field="Idempotency-Key",
        )  # fmt: skip
    return plain
