"""The commands that need no server: their work and their words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from gradphoto.engine.packet import verify_package
from gradphoto.engine.portrait.folder import FolderProgress, make_folder
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.standards.profiles import load_profile

_COLOURS = {Outcome.PASS: "green", Outcome.REVIEW: "yellow", Outcome.FAIL: "red"}


def make_portraits(directory: Path, out: Path, profiles: Sequence[str]) -> int:
    """Make the portraits of a folder with a line a file; returns how many lines failed."""

    def tell(progress: FolderProgress) -> None:
        click.secho(
            f"[{progress.done}/{progress.total}] {progress.file}: {progress.outcome}", fg=_COLOURS[progress.outcome]
        )

    report = make_folder(directory, out, [load_profile(code) for code in profiles], tell)
    for line in report.lines:
        if line.outcome is not Outcome.PASS:
            click.echo(f"  {line.file} {line.profile_code}: {line.message.zh}{line.advice.zh}")
    counts = ", ".join(f"{outcome} {report.count(outcome)}" for outcome in Outcome)
    click.echo(f"{counts} → {report.report_path}")
    return report.count(Outcome.FAIL)


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
