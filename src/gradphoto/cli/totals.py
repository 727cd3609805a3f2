"""``gradphoto totals``: everybody counted anew beside the kept totals (docs/scale.md)."""

from __future__ import annotations

import sys

import click

from gradphoto.cli.exit_status import EXIT_FOUND
from gradphoto.cli.installation import open_installation

_SHOWN = 20


@click.command()
@click.option("--mend", is_flag=True, help="Make the totals anew where they differ.")
def totals(mend: bool) -> None:
    """Prove the totals of home pages and dashboards by counting everybody. Exit status 1 when a number differs."""
    open_installation()
    from gradphoto.apps.roster.totals import recount

    found = recount.differences()
    for one in found[:_SHOWN]:
        click.echo(
            f"campaign {one.campaign} unit {one.department} {one.season} {one.status} {one.column}: "
            f"记录 kept {one.kept}, 实数 counted {one.counted}"
        )
    if not found:
        click.secho("统计数与逐人清点一致 every total is what counting finds", fg="green")
    elif mend:
        recount.mend()
        click.secho(f"已重算 {len(found)} 个统计数 made anew", fg="yellow")
    else:
        click.secho(f"{len(found)} 个统计数不符 totals differ: gradphoto totals --mend", fg="red", err=True)
    sys.exit(EXIT_FOUND if found and not mend else 0)
