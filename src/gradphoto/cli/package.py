"""``gradphoto package``: a delivery package proven away from any server, by school or province."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gradphoto.cli.exit_status import EXIT_FOUND


@click.group()
def package() -> None:
    """Delivery packages."""


@package.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The sender's public key (PEM)."
)
def verify(file: Path, key: Path | None) -> None:
    """Check signature, hashes and completeness of a delivery FILE. Exit status 1 when anything is wrong."""
    from gradphoto.engine.packet import verify_package  # cryptography takes a moment to load

    report = verify_package(file, key)
    for problem in report.problems:
        click.secho(f"{problem.file or file.name}: {problem.message.zh} {problem.message.en}", fg="red")
        click.echo(f"    → {problem.remedy.zh} {problem.remedy.en}  [{problem.code}]")
    if report.ok:
        click.secho(f"完整 whole: {report.photo_count} photos, key {report.key_id}", fg="green")
        if not report.trusted:
            click.echo("签名密钥来自包内；请用 --key 指定发送方公钥以确认来源。")
            click.echo("The key came with the package: name the sender's public key with --key to know whose it is.")
    sys.exit(EXIT_FOUND if report.problems else 0)
