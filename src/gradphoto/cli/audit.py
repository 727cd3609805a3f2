"""``gradphoto audit``: the proof of the audit trail, and its checkpoints."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from gradphoto.cli.exit_status import EXIT_FOUND
from gradphoto.cli.installation import open_installation


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("verify")
@click.option(
    "--checkpoints",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Hold the trail against the checkpoints in this folder, best one that is kept on another machine.",
)
@click.option("--code", help="A code printed on a paper: the checkpoint that bears it must be among those at hand.")
def verify(folder: Path | None, code: str | None) -> None:
    """Prove that every chain of the audit trail is whole; each fault is named by chain and entry.

    Exit status 1 when one is broken and nobody has put the reason on record.
    """
    open_installation()
    from gradphoto.apps.core import audit_proof, checkpoints

    folder = folder or (checkpoints.folder() if checkpoints.folder().is_dir() else None)
    reports = audit_proof.verify(folder=folder)
    for report in reports:
        click.echo(f"chain {report.chain}: {report.entries} entries{'' if report.faults else ', 完整 whole'}")
        for fault in report.faults:
            colour = "yellow" if fault.acknowledged else "red"
            click.secho(f"  {fault.sentence.zh}\n  {fault.sentence.en}", fg=colour)
            if fault.acknowledged:
                click.echo(f"    已说明 explained: {fault.acknowledged}")
    whole = all(report.whole for report in reports)
    found = audit_proof.find_checkpoint(code, folder) if code else None
    if code:
        whole = whole and found is not None
        _tell_code(code, found)
    click.echo(json.dumps({"chains": len(reports), "whole": whole}))
    sys.exit(0 if whole else EXIT_FOUND)


def _tell_code(code: str, found: object) -> None:
    if found is None:
        click.secho(f"没有核对码为 {code} 的检查点 no checkpoint bears the code {code}", fg="red")
    else:
        click.echo(f"核对码 code {code}: {found}")


@audit.command("checkpoint")
def checkpoint() -> None:
    """Write a signed checkpoint of the whole trail now (the worker writes one a day, and one after every closing)."""
    open_installation()
    from gradphoto.apps.core import checkpoints

    row = checkpoints.write("by hand")
    click.echo(f"{row.code}  {checkpoints.folder() / checkpoints.file_name(row)}")


@audit.command("acknowledge")
@click.argument("chain", type=int)
@click.argument("entry", type=int)
@click.option(
    "--reason", required=True, help="For example: restored from the backup of 2026-11-28 after a disk failure."
)
def acknowledge(chain: int, entry: int, reason: str) -> None:
    """Put on record why CHAIN is broken at ENTRY. The fault stays named, with the reason."""
    open_installation()
    from gradphoto.apps.core import audit_proof
    from gradphoto.apps.core.actors import Actor

    audit_proof.acknowledge(Actor.system("operator"), chain, entry, reason)


@audit.command("reseal")
@click.option("--reason", required=True, help="What was found out about the break.")
def reseal(reason: str) -> None:
    """Go on after the head of the house chain was found broken; break and reason stand in the trail from now on."""
    open_installation()
    from gradphoto.apps.core import audit as trail
    from gradphoto.apps.core.actors import Actor

    entry = trail.reseal_house(Actor.system("operator"), reason)
    click.echo(f"chain {entry.chain} entry {entry.number}")
