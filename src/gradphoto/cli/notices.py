"""``gradphoto notices``: take in what mail servers answer to notices."""

from __future__ import annotations

from pathlib import Path

import click

from gradphoto.cli.installation import open_installation


@click.group()
def notices() -> None:
    """Notices to graduates."""


@notices.command("receipts")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def receipts(paths: tuple[Path, ...]) -> None:
    """Read delivery status notifications (RFC 3464) from .eml files or folders of them (a Maildir's new/, for instance).

    A notice that was refused is no proof any more; one that was delivered says when. Files read twice change nothing.
    """
    open_installation()
    from gradphoto.apps.verification.notices.receipts import read_dsn, take_reports

    files = [one for path in paths for one in (sorted(path.rglob("*")) if path.is_dir() else [path]) if one.is_file()]
    reports = [report for one in files for report in read_dsn(one.read_bytes())]
    changed = take_reports(reports)
    click.echo(f"邮件 mails {len(files)}  回执 reports {len(reports)}  有变化 changed {changed}")
