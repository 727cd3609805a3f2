"""The commands that need no server: their work and their words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from gradphoto.engine.packet import verify_package
from gradphoto.engine.roster import LintRules, Severity, check_file, write_marked_workbook


def check_roster(file: Path, out: Path | None, as_json: bool, test_regions: Sequence[str]) -> int:
    """Print the findings of a roster file and return how many rows an error keeps out."""
    report = check_file(file, LintRules(datetime.now(UTC).date(), frozenset(test_regions)))
    findings = report.result.findings
    if as_json:
        rows = [
            {
                "row": f.row_number, "field": f.field, "column": f.column_title, "value": f.value, "code": f.code,
                "severity": str(f.severity), "reason": f.reason.zh, "reason_en": f.reason.en, "remedy": f.remedy.zh,
                "remedy_en": f.remedy.en,
            }
            for f in findings
        ]  # fmt: skip
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for f in findings:
            colour = "red" if f.severity is Severity.ERROR else "yellow"
            click.secho(f"第{f.row_number}行 {f.column_title}「{f.value}」", fg=colour, nl=False)
            click.echo(f" {f.reason.zh}{f.remedy.zh}\n    {f.reason.en} {f.remedy.en}  [{f.code}]")
        click.echo(
            f"{len(report.table.rows)} 行 rows, {len(report.result.good)} 可用 good, {report.error_rows} 有误 bad"
        )
    if out is not None:
        out.write_bytes(write_marked_workbook(report.table, findings))
        click.echo(f"→ {out}", err=as_json)
    return report.error_rows


def verify_package_file(file: Path, key: Path | None) -> int:
    """Print what is wrong with a package and return how many problems there are."""
    report = verify_package(file, key)
    for problem in report.problems:
        click.secho(f"{problem.file or file.name}: {problem.message.zh} {problem.message.en}", fg="red")
        click.echo(f"    → {problem.remedy.zh} {problem.remedy.en}  [{problem.code}]")
    if report.ok:
        click.secho(f"完整 whole: {report.photo_count} photos, key {report.key_id}", fg="green")
        if not report.trusted:
            click.echo("签名密钥来自包内；请用 --key 指定发送方公钥以确认来源。")
            click.echo("The key came with the package: name the sender's public key with --key to know whose it is.")
    return len(report.problems)
