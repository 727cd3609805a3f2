"""``gradphoto roster check``: the engine's check with progress, fixes and the admissions comparison, in words or JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import (
    AppliedFix,
    Difference,
    Finding,
    LintResult,
    LintRules,
    Progress,
    Severity,
    Table,
    apply_fixes,
    compare_with_admissions,
    fixed_table,
    lint,
    propose_mapping,
    read_table,
    write_marked_workbook,
)
from gradphoto.engine.roster.layout import FIELD_TITLES, required_in
from gradphoto.engine.tables.access import Bounded
from gradphoto.engine.wording import Wording

_SHOWN_FINDINGS = 200
"""More than this is no reading for a terminal; the marked workbook and the JSON have them all."""
_LARGE_ROWS = 5_000
BOUNDED = Bounded()


@dataclass(frozen=True, slots=True)
class Asked:
    """The command line."""

    file: Path
    out: Path | None
    fix: Path | None
    admissions: Path | None
    sheet: str | None
    class_of: int | None
    as_json: bool
    test_regions: tuple[str, ...]
    leave_hidden: bool = False
    leave_struck: bool = False


def check_roster(asked: Asked) -> int:
    """Check a file and print what was found; returns how many rows must be mended or differ from the admissions data.

    ``out`` is the file marked as it came, ``fix`` the same with its safe fixes made.
    """
    _refuse_to_overwrite(asked)
    table = _read(asked.file, asked.sheet, "读取 reading", hidden=asked.leave_hidden, struck=asked.leave_struck)
    required = required_in(table.header.layout)
    today = datetime.now(UTC).astimezone().date()
    rules = LintRules(today, frozenset(asked.test_regions), required, graduation_year=asked.class_of)
    result = _checked(table, rules)
    differences = _compared(table, asked.admissions)
    if asked.out is not None:
        _write_marked(asked.out, table, result, (), differences)
    fixes: tuple[AppliedFix, ...] = ()
    if asked.fix is not None:
        fixes = apply_fixes(table.rows, result.findings).changes
        table = fixed_table(table, fixes)
        result = _checked(table, rules)
        differences = _compared(table, asked.admissions)
        _write_marked(asked.fix, table, result, fixes, differences)
    report = _print_json if asked.as_json else _print_words
    report(table, result.findings, fixes, differences, result.good_count)
    for written in (asked.out, asked.fix):
        if written is not None:
            click.echo(f"→ {written}", err=asked.as_json)
    return len(result.bad) + len(differences)


def _refuse_to_overwrite(asked: Asked) -> None:
    inputs = {path.resolve() for path in (asked.file, asked.admissions) if path is not None}
    if any(path is not None and path.resolve() in inputs for path in (asked.out, asked.fix)):
        raise GradPhotoError(
            "cli.overwrites_input",
            Wording("输出文件与输入文件相同，未作改动。", "The output is the input itself; nothing was done."),
            Wording("请换一个文件名。", "Name another file."),
        )


def _read(path: Path, sheet: str | None, step: str, *, hidden: bool = False, struck: bool = False) -> Table:
    data = path.read_bytes()
    mapping = None
    if sheet or hidden or struck:
        mapping = propose_mapping(data, path.name, sheet, reader=BOUNDED).mapping()
        also = tuple(replace(one, leave_hidden=hidden, leave_struck=struck) for one in mapping.also)
        mapping = replace(mapping, also=also, leave_hidden=hidden, leave_struck=struck)
    with _progress(step) as progress:
        return read_table(data, path.name, mapping=mapping, progress=progress, reader=BOUNDED)


def _checked(table: Table, rules: LintRules) -> LintResult:
    with _progress("检查 checking", len(table.rows)) as progress:
        return lint(table, rules, progress)


def _compared(table: Table, admissions: Path | None) -> tuple[Difference, ...]:
    if admissions is None:
        return ()
    reference = _read(admissions, None, "读取录取数据 reading admissions")
    return compare_with_admissions(table.rows, reference.rows)


def _write_marked(
    target: Path, table: Table, result: LintResult, fixes: Sequence[AppliedFix], differences: Sequence[Difference]
) -> None:
    with _progress("写出 writing", sum(part.cells.count for part in table.parts)) as progress:
        marked = write_marked_workbook(table, result.findings, fixes, differences, progress)
    _write_whole(target, marked)


def _write_whole(target: Path, data: bytes) -> None:
    """Write beside the target and move it there, so that a full disk leaves no half workbook."""
    partial = target.with_name(f".{target.name}.part")
    try:
        partial.write_bytes(data)
        os.replace(partial, target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise GradPhotoError(
            "cli.cannot_write",
            Wording(f"无法写入 {target}：{error.strerror}。", f"Cannot write {target}: {error.strerror}."),
            Wording(
                "请检查目录是否存在、是否可写、磁盘是否已满。", "See that the folder exists, is writable and has room."
            ),
        ) from error


@contextmanager
def _progress(step: str, total: int | None = None) -> Iterator[Progress | None]:
    """A line on the terminal that tells how far a large file is; nothing for small ones and when nobody watches."""
    if not sys.stderr.isatty() or (total is not None and total < _LARGE_ROWS):
        yield None
        return
    told = False

    def tell(done: int) -> None:
        nonlocal told
        told = True
        click.echo(f"\r{step} {done}{f'/{total}' if total is not None else ''} ", nl=False, err=True)

    try:
        yield tell
    finally:
        if told:
            click.echo(err=True)


def _where(table: Table, number: int) -> dict[str, Any]:
    """The row as the spreadsheet shows it, and its sheet where several were read."""
    place = table.place(number)
    return {"sheet": place.sheet, "row": place.row} if place.sheet else {"row": place.row}


def _print_json(
    table: Table, findings: Sequence[Finding], fixes: Sequence[AppliedFix], differences: Sequence[Difference], good: int
) -> None:
    """The findings as a list; with fixes or differences an object with all three."""
    listed = [
        {
            **_where(table, f.row_number), "field": f.field, "column": f.column_title, "value": f.value, "code": f.code,
            "severity": str(f.severity), "reason": f.reason.zh, "reason_en": f.reason.en, "remedy": f.remedy.zh,
            "remedy_en": f.remedy.en, "fix": f.fix.shown if f.fix else None,
        }
        for f in findings
    ]  # fmt: skip
    if not fixes and not differences:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    made = [
        {
            **_where(table, c.row_number),
            "field": c.field,
            "before": c.shown_before,
            "after": c.shown_after,
            "codes": c.codes,
        }
        for c in fixes
    ]
    told: list[dict[str, Any]] = [{**asdict(d), "route": str(d.route), "copies": d.route.copies} for d in differences]
    click.echo(json.dumps({"findings": listed, "fixes": made, "differences": told}, ensure_ascii=False, indent=1))


def _said(table: Table, number: int) -> str:
    place = table.place(number)
    return f"{place.sheet} 第{place.row}行".strip()


def _print_words(
    table: Table, findings: Sequence[Finding], fixes: Sequence[AppliedFix], differences: Sequence[Difference], good: int
) -> None:
    # Errors first when not all are shown: they are what keeps rows out.
    ordered = sorted(
        findings, key=lambda f: (f.severity is not Severity.ERROR) if len(findings) > _SHOWN_FINDINGS else 0
    )
    for f in ordered[:_SHOWN_FINDINGS]:
        colour = "red" if f.severity is Severity.ERROR else "yellow"
        click.secho(f"{_said(table, f.row_number)} {f.column_title}「{f.value}」", fg=colour, nl=False)
        click.echo(f" {f.reason.zh}{f.remedy.zh}\n    {f.reason.en} {f.remedy.en}  [{f.code}]")
    if len(findings) > _SHOWN_FINDINGS:
        more = len(findings) - _SHOWN_FINDINGS
        click.echo(f"…… 另有 {more} 条，见标注的 xlsx（--out）或 --json。 {more} more: see --out or --json.")
    for change in fixes[:_SHOWN_FINDINGS]:
        click.secho(f"{_said(table, change.row_number)} {change.column_title}", fg="green", nl=False)
        click.echo(f" 「{change.shown_before}」→「{change.shown_after}」  [{', '.join(change.codes)}]")
    for d in differences[:_SHOWN_FINDINGS]:
        click.secho(
            f"第{d.row_number or '—'}行 ↔ 录取第{d.reference_row or '—'}行 {d.column_title}", fg="magenta", nl=False
        )
        click.echo(
            f"「{d.ours}」/「{d.theirs}」 {d.reason.zh}{d.remedy.zh}\n    {d.reason.en} {d.remedy.en}  [{d.code}]"
        )
    titles = "、".join(FIELD_TITLES[name] for name in table.header.columns)
    read = "、".join(
        f"{part.sheet}（{len(part.numbers)}）" if len(table.parts) > 1 else part.sheet for part in table.parts
    )
    click.echo(f"版式 layout {table.header.layout}{f' {read}' if read else ''}: {titles}")
    summary = f"{len(table.rows)} 行 rows, {good} 可用 good, {len(table.rows) - good} 有误 bad"
    summary += f", {len(fixes)} 处已修正 fixed" if fixes else ""
    summary += f", {len(differences)} 处与录取数据不同 differences" if differences else ""
    for code, zh, en in (("hidden_row", "行隐藏或筛选掉", "hidden"), ("struck_row", "行画了删除线", "struck through")):
        told = sum(f.code == f"roster.{code}" for f in table.notes)
        summary += f", {told} {zh} {en}" if told else ""
    click.echo(summary)
