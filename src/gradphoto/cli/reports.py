"""What a package file's verification says on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from gradphoto.engine.packet import verify_package


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
