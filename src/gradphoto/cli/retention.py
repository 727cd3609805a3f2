"""``gradphoto retention``: what is due for deletion, and its deletion (docs/privacy.md)."""

from __future__ import annotations

import json
import sys

import click

from gradphoto.cli.installation import open_installation


@click.group()
def retention() -> None:
    """Deletion of what has been kept long enough."""


@retention.command("plan")
def plan() -> None:
    """Show what would be deleted now; nothing is touched."""
    open_installation()
    _show()


@retention.command("run")
@click.option("--yes", is_flag=True, help="Do not ask: for a timer.")
def run(yes: bool) -> None:
    """Show the plan, ask, delete. Every deletion is on record in the audit trail, without personal data."""
    open_installation()
    from gradphoto.apps.desk.retention import run as delete

    _show()
    if not yes and not click.confirm("删除不可恢复，是否继续？ Deletion cannot be undone. Go on?"):
        sys.exit(1)
    done = delete()
    click.echo(json.dumps({due.kept.name: due.count for due in done}))


def _show() -> None:
    from gradphoto.apps.desk.retention import plan as due_now

    for due in due_now():
        when = f"{due.kept.since.zh}后 {due.kept.days} 天 / {due.kept.days} days after {due.kept.since.en}"
        click.echo(f"{due.kept.name:<12} {due.count:>8}  {due.kept.what.zh} {due.kept.what.en}（{when}）")
