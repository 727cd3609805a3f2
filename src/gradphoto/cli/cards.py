"""``gradphoto cards``: the machine-readable collection card, printed and read without any server."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gradphoto.cli.exit_status import EXIT_FOUND

if TYPE_CHECKING:
    from gradphoto.engine.cards import CardForm, CardReading
    from gradphoto.engine.cards.from_roster import CardDefaults, RosterCards

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, path_type=Path)


@click.group()
def cards() -> None:
    """Machine-readable collection cards (机读卡)."""


def _form_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that printing and reading must share."""
    for option in (
        click.option("--department-digits", type=click.IntRange(2, 3), help="Length of department codes."),
        click.option(
            "--student-no-length", type=click.IntRange(1, 15), help="Length of this school's student numbers."
        ),
        click.option("--degree-categories", help="Options of 学历类别, separated by commas."),
        click.option("--school-kinds", help="Options of 所在校别, separated by commas."),
    ):
        command = option(command)
    return command


@cards.command("print")
@click.argument("data", type=_FILE)
@click.argument("out", type=_OUT)
@click.option("--school-name", default="", help="School name where the roster has no such column.")
@click.option("--school-code", default="", help="School code, e.g. 10543.")
@click.option(
    "--department", "departments", multiple=True, metavar="NAME=CODE", help="Code of a department; repeatable."
)
@click.option("--degree-category", default="", help="学历类别 of rows that name none.")
@click.option("--school-kind", default="", help="所在校别 of rows that name none.")
@click.option("--make-up", nargs=3, metavar="ADDRESS POSTCODE RECIPIENT", help="Where made-up photographs are sent.")
@click.option("--pinyin", multiple=True, metavar="CHARACTER=READING", help="A confirmed reading (R109); repeatable.")
@click.option("--series", default="", help="What card numbers begin with; default: the school code.")
@click.option("--by-hand", is_flag=True, help="Print the bubbles empty, for the students to fill in.")
@_form_options
def cards_print(data: Path, out: Path, by_hand: bool, **options: Any) -> None:
    """Print a card for every row of the roster DATA (xlsx, csv) into the PDF OUT. Exit status 1 when a row got none."""
    from gradphoto.engine.cards import print_cards
    from gradphoto.engine.cards.from_roster import cards_of_table
    from gradphoto.engine.roster import read_table
    from gradphoto.engine.tables.access import Bounded

    form = _form(options)
    made = cards_of_table(
        read_table(data.read_bytes(), data.name, reader=Bounded()), form, _defaults(options), marks=not by_hand
    )
    _tell_rows(made)
    if made.cards:
        out.write_bytes(print_cards(made.cards, form))
        click.echo(f"→ {out}")
    click.echo(f"{len(made.cards)} 张卡 cards, {len({f.row_number for f in made.faults})} 行未制卡 rows without")
    sys.exit(EXIT_FOUND if made.faults else 0)


@cards.command("blank")
@click.argument("count", type=click.IntRange(1, 5000))
@click.argument("out", type=_OUT)
@click.option("--series", default="BLANK", show_default=True, help="What card numbers begin with.")
@_form_options
def cards_blank(count: int, out: Path, series: str, **options: Any) -> None:
    """Print COUNT empty cards into the PDF OUT."""
    from gradphoto.engine.cards import blank_cards, print_cards

    out.write_bytes(print_cards(blank_cards(count, series), _form(options)))
    click.echo(f"{count} 张空白卡 blank cards → {out}")


@cards.command("read")
@click.argument("scans", nargs=-1, required=True, type=_FILE)
@click.argument("out", type=_OUT)
@click.option(
    "--school", "schools", multiple=True, metavar="CODE=NAME", help="Name of a school, for cards filled by hand."
)
@_form_options
def cards_read(scans: tuple[Path, ...], out: Path, schools: tuple[str, ...], **options: Any) -> None:
    """Read SCANS (PDF, JPEG, PNG, TIFF) into the workbook OUT. Exit status 1 when a page needs a person."""
    from gradphoto.engine.cards.workbook import repeated_ids, write_readings

    readings = []
    for reading in _read_all(scans, _form(options), _pairs(schools)):
        readings.append(reading)
        _tell_page(reading)
    repeated = repeated_ids(readings)
    for card_id, pages in repeated.items():
        told = "、".join(map(str, pages))
        click.secho(f"卡号 {card_id} 出现在第 {told} 页。 The card number stands on several pages.", fg="yellow")
    out.write_bytes(write_readings(readings))
    unread = sum(1 for reading in readings if reading.data is None)
    click.echo(f"{len(readings)} 页 pages, {len(readings) - unread} 已读出 read, {unread} 待核对 to decide → {out}")
    sys.exit(EXIT_FOUND if unread or repeated else 0)


def _read_all(scans: Sequence[Path], form: CardForm, schools: dict[str, str]) -> Iterator[CardReading]:
    from gradphoto.engine.cards import read_cards

    page = 1
    for scan in scans:
        for reading in read_cards(scan.read_bytes(), form, schools, first_page=page):
            yield reading
            page += 1


def _form(options: dict[str, Any]) -> CardForm:
    from gradphoto.engine.cards import CardForm, standard_form

    form = standard_form()
    return CardForm(
        _names(options["degree_categories"]) or form.degree_categories,
        _names(options["school_kinds"]) or form.school_kinds,
        options["department_digits"],
        options["student_no_length"],
    )


def _names(listed: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (listed or "").replace("，", ",").split(",") if name.strip())


def _defaults(options: dict[str, Any]) -> CardDefaults:
    from gradphoto.engine.cards import MakeUp
    from gradphoto.engine.cards.from_roster import CardDefaults

    return CardDefaults(
        options["school_name"],
        options["school_code"],
        _pairs(options["departments"]),
        options["degree_category"],
        options["school_kind"],
        MakeUp(*options["make_up"]) if options["make_up"] else None,
        options["series"],
        tuple(_pairs(options["pinyin"]).items()),
    )


def _pairs(given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        key, separator, value = text.partition("=")
        if not separator or not key or not value:
            raise click.BadParameter(f"“{text}” 应为 名称=值 / should be NAME=VALUE")
        pairs[key] = value
    return pairs


def _tell_rows(made: RosterCards) -> None:
    for fault in made.faults:
        click.secho(f"第{fault.row_number}行 {fault.name}", fg="red", nl=False)
        click.echo(f" {fault.message.zh}{fault.remedy.zh}\n    {fault.message.en} {fault.remedy.en}  [{fault.code}]")
    for line in made.to_confirm:
        note = line.note
        others = f"（或 or {'、'.join(note.alternatives)}）" if note.alternatives else ""
        click.secho(f"第{line.row_number}行 {line.name}", fg="yellow", nl=False)
        click.echo(
            f" “{note.character}”无区位码，拼音 {note.pinyin}{others} 请确认 --pinyin {note.character}={note.pinyin}"
        )


def _tell_page(reading: CardReading) -> None:
    name = reading.texts.get(_name_field(), "")
    click.secho(f"第{reading.page}页 {reading.card_id or '—'} {name}", fg="green" if reading.data else "red", nl=False)
    click.echo(" 已读出 read" if reading.data else "")
    for finding in reading.findings:
        click.echo(
            f"    {finding.seen.zh}{finding.remedy.zh}\n    {finding.seen.en} {finding.remedy.en}  [{finding.code}]"
        )


def _name_field() -> Any:
    from gradphoto.engine.cards import CardField

    return CardField.NAME
