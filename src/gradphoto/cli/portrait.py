"""``gradphoto portrait``: making, checking, remaking and laying out portraits without any server."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from gradphoto.cli.exit_status import EXIT_FOUND
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.portrait.folder import FolderProgress, make_folder
from gradphoto.engine.portrait.verdict import PICTURE_OUTCOMES, Outcome, Verdict
from gradphoto.engine.standards.profiles import PhotoProfile, load_profile, load_profile_file, profile_codes

_COLOURS = {Outcome.PASS: "green", Outcome.REVIEW: "yellow", Outcome.FAIL: "red", Outcome.NOT_ASSESSED: "cyan"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def _profile(name: str) -> PhotoProfile:
    return load_profile_file(Path(name)) if name.endswith(".toml") else load_profile(name)


@click.group()
def portrait() -> None:
    """Portraits: make, check, remake, print."""


@portrait.command("make")
@click.argument("in_dir", metavar="IN", type=_FOLDER)
@click.argument("out_dir", metavar="OUT", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option(
    "--profile", "profiles", multiple=True, default=("mb2017_99",), show_default=True, help="Code or a .toml file."
)
@click.option("--workers", default=os.cpu_count() or 1, show_default=True, help="Processes, one a core.")
@click.option("--background", help="Replace the backdrop by one of the profile's (only where your rules allow it).")
@click.option("--quiet", is_flag=True, help="No line per file that is not fine.")
def make(
    in_dir: Path, out_dir: Path | None, profiles: tuple[str, ...], workers: int, background: str | None, quiet: bool
) -> None:
    """Measure, judge and render every photograph in IN (default OUT: IN/portraits).

    A run that was stopped goes on where it ended. Exit status 1 when a photograph failed.
    """
    chosen = [_profile(name) for name in profiles]
    total = sum(1 for path in in_dir.iterdir() if path.is_file() and not path.name.startswith("."))
    done = 0
    with click.progressbar(length=total, label="照片 photographs", file=sys.stderr, show_pos=True) as bar:

        def tell(step: FolderProgress) -> None:
            nonlocal done
            bar.update(step.done - done)
            done = step.done

        report = make_folder(
            in_dir, out_dir or in_dir / "portraits", chosen, tell, workers=workers, new_background=background
        )
    if not quiet:
        for line in report.lines:
            if line.outcome is not Outcome.PASS:
                click.secho(f"{line.file} {line.profile_code}: ", fg=_COLOURS[line.outcome], nl=False)
                click.echo(f"{line.message.zh}{line.advice.zh}  [{line.code}]")
                for finding in line.findings:
                    if finding.code != line.code:
                        click.echo(f"    {finding.message.zh}{finding.advice.zh}  [{finding.code}]")
    counts = ", ".join(f"{outcome} {report.count(outcome)}" for outcome in PICTURE_OUTCOMES)
    resumed = f" ({report.resumed} 已由上次完成 done by an earlier run)" if report.resumed else ""
    click.echo(f"{counts}{resumed} → {report.report_path}, {report.html_path.name}")
    sys.exit(EXIT_FOUND if report.count(Outcome.FAIL) else 0)


@portrait.command("check")
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--profile", default="mb2017_99", show_default=True, help="Code or a .toml file.")
@click.option("--source", is_flag=True, help="Judge camera pictures (with the best crop) instead of finished files.")
@click.option("--json", "as_json", is_flag=True, help="Print verdicts, measurements and OFIQ scores as JSON.")
def check(files: tuple[Path, ...], profile: str, source: bool, as_json: bool) -> None:
    """Judge finished FILES as they are: format, size, geometry and every rule. Exit status 1 when one fails."""
    from gradphoto.engine.portrait.finished import check_finished
    from gradphoto.engine.portrait.pipeline import process_pipeline

    chosen, pipeline = _profile(profile), process_pipeline()
    told: list[dict[str, object]] = []
    worst = 0
    for file in files:
        try:
            data = file.read_bytes()
            judged = pipeline.assess(data, chosen) if source else check_finished(pipeline, data, chosen)
        except GradPhotoError as error:
            worst = EXIT_FOUND
            told.append(
                {"file": str(file), "error": error.code, "message": error.message.zh, "message_en": error.message.en}
            )
            if not as_json:
                click.secho(f"{file}: {error.message.zh} {error.message.en}  [{error.code}]", fg="red")
            continue
        worst = max(worst, EXIT_FOUND if judged.verdict.outcome is Outcome.FAIL else 0)
        measured = judged.measurements
        told.append(
            {
                "file": str(file), "profile": chosen.code, "verdict": judged.verdict.to_json(),
                "measurements": measured.to_json() if measured else None, "ofiq": measured.ofiq() if measured else {},
            }
        )  # fmt: skip
        if not as_json:
            _print_verdict(file, judged.verdict)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    sys.exit(worst)


def _print_verdict(file: Path, verdict: Verdict) -> None:
    click.secho(f"{file}: {verdict.outcome.value}", fg=_COLOURS[verdict.outcome])
    for finding in verdict.findings:
        click.secho(f"  {finding.outcome.value:6} ", fg=_COLOURS[finding.outcome], nl=False)
        cause = f" ← {finding.explained_by}" if finding.explained_by else ""
        click.echo(f"{finding.sentence.zh}{finding.advice.zh}\n         {finding.sentence.en}  [{finding.code}]{cause}")
    for unknown in verdict.not_assessed:
        click.secho("  ?      ", fg=_COLOURS[Outcome.NOT_ASSESSED], nl=False)
        click.echo(f"{unknown.sentence.zh} {unknown.sentence.en}  [{unknown.code}]")


@portrait.command("remake")
@click.argument("sidecar", type=_FILE)
@click.argument("source", type=_FILE)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--profile", help="A .toml file, when the profile is not one of the product's.")
def remake_one(sidecar: Path, source: Path, out: Path, profile: str | None) -> None:
    """Make a portrait again from its SIDECAR (json) and SOURCE and prove it the same, byte for byte."""
    from gradphoto.engine.portrait.remake import read_provenance, remake

    provenance = read_provenance(json.loads(sidecar.read_text(encoding="utf-8")))
    data = remake(source.read_bytes(), provenance, _profile(profile or provenance.profile_code))
    out.write_bytes(data)
    click.secho(f"一致 the same, sha256 {provenance.output_sha256} → {out}", fg="green")


@portrait.command("sheet")
@click.argument("in_dir", metavar="IN", type=_FOLDER)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--profile", default="print_48x33", show_default=True)
@click.option("--paper", type=click.Choice(["5inch", "6inch", "a4"]), default="a4", show_default=True)
@click.option("--copies", default=1, show_default=True, help="Of each portrait; 0 fills a sheet with each.")
@click.option("--contact", is_flag=True, help="A contact sheet to look at instead of sheets to cut.")
@click.option("--names", type=_FILE, help="CSV with the columns file stem, name, number.")
@click.option("--title", default="")
def sheet(
    in_dir: Path, out: Path, profile: str, paper: str, copies: int, contact: bool, names: Path | None, title: str
) -> None:
    """Lay out the portraits IN/*_PROFILE.jpg as PDF: print sheets with cut marks, or contact sheets."""
    from gradphoto.engine.portrait.sheets import PAPERS, SheetItem, contact_sheets, print_sheets

    chosen = _profile(profile)
    told = _names(names)
    suffix = f"_{chosen.code}.jpg"
    items = []
    for path in sorted(in_dir.glob(f"*{suffix}")):
        stem = path.name.removesuffix(suffix)
        name, number = told.get(stem, ("", stem))
        items.append(SheetItem(name, number, path.read_bytes()))
    dated = datetime.now(UTC)
    made = (
        contact_sheets(items, columns=6, title=title or in_dir.name, dated=dated)
        if contact
        else print_sheets(items, chosen, PAPERS[paper], copies=copies, title=title or in_dir.name, dated=dated)
    )
    out.write_bytes(made)
    click.echo(f"{len(items)} 张 portraits → {out}")


def _names(path: Path | None) -> dict[str, tuple[str, str]]:
    if path is None:
        return {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows: Sequence[list[str]] = list(csv.reader(stream))
    return {row[0].strip(): (row[1].strip(), row[2].strip()) for row in rows if len(row) >= 3}


@portrait.command("rules")
@click.option("--profile", default="mb2017_99", show_default=True, help="Code or a .toml file.")
def rules(profile: str) -> None:
    """List every rule with its thresholds in a profile, what it says, and who asks for it."""
    from gradphoto.engine.portrait.rule_list import listed_rules

    chosen = _profile(profile)
    click.echo(f"{chosen.title.zh} {chosen.title.en} ({chosen.source}); 已有 known: {', '.join(profile_codes())}")
    for rule in listed_rules(chosen):
        note = " 启发式 heuristic" if rule.heuristic else ""
        click.echo(f"{rule.code}: {rule.limits}{note} [{rule.source}]\n    {rule.sentence.zh} {rule.advice.zh}")
        if rule.with_model:
            click.echo(f"    有人脸解析模型时 with a face-parsing model: {rule.with_model}")
