"""Annex 6 (R60): one form, filled from what is wrong online, or blank with room to write where nothing is told yet.

The errors are known to later rooms (verification, errata): they register where theirs come from. The roster prints
the form among its papers with masked numbers; errata prints the same form with whole ones, on record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.papers.sheet import SEASONS
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class OnlineError:
    """A line of annex 6: a person, what is wrong online, what is right, and how far it is. ``field`` if one is wrong."""

    person: Candidate
    shooting_number: int | None
    wrong: str
    shown: str
    right: str
    state: str
    field: str = ""


Source = Callable[[Campaign, Organisation], Mapping[str, Sequence[OnlineError]]]
"""What is wrong online with the people of a college, by season."""
_SOURCES: list[Source] = []
_BLANK_LINES = 10
_COLUMNS = (
    Column(Wording("序号", "No."), 10),
    Column(Wording("学号", "Student no."), 26),
    Column(Wording("姓名", "Name"), 24),
    Column(Wording("证件号码", "ID number"), 38),
    Column(Wording("专业 / 班级", "Major / class"), 32),
    Column(Wording("拍摄序号", "Shooting number"), 15),
    Column(Wording("错误项目", "Wrong item"), 22),
    Column(Wording("网上内容", "As shown online"), 30),
    Column(Wording("正确内容或说明", "Right value or words"), 0, "left"),
    Column(Wording("办理情况", "State"), 17),
    Column(Wording("学生签名", "Student's signature"), 18),
)


def online_errors_from(source: Source) -> Source:
    """Register where online errors come from."""
    _SOURCES.append(source)
    return source


def online_errors(campaign: Campaign, organisation: Organisation, season: str) -> list[OnlineError]:
    """What every registered source tells of the people of a college and a season; empty without any."""
    return [line for source in _SOURCES for line in source(campaign, organisation).get(season, ())]


def annex_6(
    campaign: Campaign,
    organisation: Organisation,
    lines: Mapping[str, Sequence[OnlineError]],
    *,
    number_of: Callable[[Candidate], str],
    dated: datetime,
    notes: Sequence[Wording] = (),
) -> TableForm:
    """The form of a college, a section a season (R12); a season without lines has empty rows to write in by hand.

    ``number_of`` says how a person's ID number stands on the paper; where it is masked, so are wrong and right value.
    """
    year, school = campaign.cohort_year, campaign.school
    return TableForm(
        title=Wording(
            f"{year}届预计毕业生网上图像信息检查勘误汇总表", f"Errata summary of the online images, class of {year}"
        ),
        issuer=Wording(school.name, school.name_en or school.name),
        columns=_COLUMNS,
        sections=tuple(_section(organisation, season, found, number_of) for season, found in lines.items()),
        dated=dated,
        notes=(
            Wording(
                "附表6。由学院教务办根据毕业生校对情况汇总填写，签字盖章后连同电子文档报教务处学籍管理科；每人仅有一次校对机会。",
                "Annex 6. Compiled by the college's teaching office from its graduates' reports; signed and sealed, to the "
                "registry with the electronic file. Each person checks only once.",
            ),
            *notes,
        ),
        signatures=(Wording("填表人", "Filled in by"), Wording("教学副院长", "Vice dean for teaching")),
        seal=Wording("（学院公章）", "(seal of the college)"),
        landscape=True,
        size_pt=8.5,
        row_height_mm=0 if any(lines.values()) else 7,
    )


def _section(
    organisation: Organisation, season: str, lines: Sequence[OnlineError], number_of: Callable[[Candidate], str]
) -> Section:
    rows = tuple(_rows(lines, number_of)) or tuple(
        (str(number), *[""] * (len(_COLUMNS) - 1)) for number in range(1, _BLANK_LINES + 1)
    )
    facts = (
        Fact(Wording("学院", "College"), organisation.name),
        Fact(Wording("毕业季", "Season"), SEASONS[season].zh),
    )
    return Section(rows, facts, Wording(f"共 {len(lines)} 行", f"{len(lines)} rows") if lines else None)


def _rows(lines: Iterable[OnlineError], number_of: Callable[[Candidate], str]) -> Iterable[tuple[str, ...]]:
    for number, line in enumerate(lines, start=1):
        person = line.person
        identity = number_of(person)
        hidden = line.field == "id_number" and identity != person.id_number.decrypt()
        shown, right = (mask(text) if hidden and len(text) > 1 else text for text in (line.shown, line.right))
        yield (
            str(number), person.student_no, person.name, identity,
            " / ".join(part for part in (person.major, person.class_name) if part),
            f"{line.shooting_number:05d}" if line.shooting_number else "—",
            line.wrong, shown, right, line.state, "",
        )  # fmt: skip
