"""Where a row of a file belongs: under which department, and to which person that the campaign knows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.corrections import STORED, longest, too_long
from gradphoto.apps.roster.models import Candidate, RosterImport
from gradphoto.engine.roster import Finding, Header, RosterRecord, Severity
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_PLACES = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)


@dataclass(frozen=True, slots=True)
class Placed:
    """A clean row with its department found; the record names the department as we do."""

    row: int
    record: RosterRecord
    department: Organisation


class Placing:
    """Finds departments for the rows of one file and keeps the findings of those that find no place."""

    def __init__(self, roster_import: RosterImport, header: Header) -> None:
        self.roster_import = roster_import
        self.header = header
        self.findings: list[Finding] = []
        self._places = _places_of(roster_import.campaign)
        self._limits = {name: longest(name) for name in STORED if name not in {"department", "id_number"}}

    def place(self, rows: Iterable[tuple[int, RosterRecord]]) -> list[Placed]:
        """The rows that fit, in their order."""
        placed = []
        for number, record in rows:
            department = self._department(number, record)
            if self._fits(number, record) and department is not None:
                if record.department != department.name:
                    record = replace(record, department=department.name)
                placed.append(Placed(number, record, department))
        return placed

    def _department(self, number: int, record: RosterRecord) -> Organisation | None:
        """The one place meant by this name or code, if the file's sender may list people there."""
        meant = self._places.get(record.department, [])
        own = [place for place in meant if place.path.startswith(self.roster_import.organisation.path)]
        if len(own) == 1:
            return own[0]
        words = _AMBIGUOUS if own else _NOT_YOURS if meant else _UNKNOWN
        self.say(number, "department", record.department, *words)
        return None

    def _fits(self, number: int, record: RosterRecord) -> bool:
        fits = True
        for name, limit in self._limits.items():
            text = getattr(record, name)
            if isinstance(text, str) and len(text) > limit:
                self.say(number, name, text, "too_long", too_long(name))
                fits = False
        return fits

    def say(
        self,
        row: int,
        name: str,
        value: str,
        code: str,
        words: tuple[Wording, Wording],
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Keep one finding; the value is masked where it is an ID number."""
        shown = mask(value) if name == "id_number" else value[:100]
        title = self.header.title_of(name)
        self.findings.append(Finding(row, name, title, shown, f"roster.{code}", severity, *words))

    def tell_other_schools(self, placed: Sequence[Placed]) -> None:
        """Warn of people whom another school lists for the same class: an ID number belongs to one person."""
        campaign = self.roster_import.campaign
        indexes = {blind_index(one.record.id_number): one for one in placed}
        elsewhere = Candidate.objects.filter(campaign__cohort_year=campaign.cohort_year).exclude(
            campaign__school=campaign.school_id
        )
        for index in elsewhere.values_list("id_number_index", flat=True).iterator():
            if one := indexes.get(index):
                self.say(
                    one.row, "id_number", one.record.id_number, "listed_at_another_school", _ELSEWHERE, Severity.WARNING
                )


def _places_of(campaign: Campaign) -> dict[str, list[Organisation]]:
    """The school's departments and learning centres by name and by code; a name outranks an equal code."""
    places = Organisation.objects.filter(path__startswith=campaign.school.path, kind__in=_PLACES)
    by_name, by_code = defaultdict(list), defaultdict(list)
    for place in places:
        by_name[place.name].append(place)
        if place.code:
            by_code[place.code].append(place)
    return {**by_code, **by_name}


LISTED_ELSEWHERE = (
    "already_listed",
    (
        Wording("此人已列在本批次的其他院系。", "This person is listed in another department of this campaign."),
        Wording("请由教务处核实后处理。", "The registry finds out and settles it."),
    ),
)
NOT_ON_LIST = (
    "not_on_list",
    (
        Wording(
            "此人在本批次中已删除或另行采集。", "This person was removed from this campaign or deferred to a later one."
        ),
        Wording("如需列入，请先在名册中恢复。", "Take the person back in the roster first."),
    ),
)
_ELSEWHERE = (
    Wording("同届的另一所学校也列有此证件号码。", "Another school lists this ID number for the same class."),
    Wording("请核对是否转学或号码有误。", "Find out whether it is a transfer or a wrong number."),
)
_UNKNOWN = (
    "unknown_department",
    (
        Wording("没有这个院系或学习中心。", "There is no such department or learning centre."),
        Wording("请使用系统中的院系名称或代码。", "Use a name or code that the system knows."),
    ),
)
_NOT_YOURS = (
    "foreign_department",
    (
        Wording("该院系不属于导入单位。", "This department is not part of the unit that handed in the file."),
        Wording("请由该院系或教务处导入。", "Let that department or the registry import it."),
    ),
)
_AMBIGUOUS = (
    "ambiguous_department",
    (
        Wording("有多个院系使用这个名称或代码。", "Several departments have this name or code."),
        Wording("名称相同时请填代码，代码相同时请填名称。", "Give the code where names are equal, or the name."),
    ),
)
