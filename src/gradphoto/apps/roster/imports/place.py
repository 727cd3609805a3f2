"""Where a row of a file belongs: under which department, and whether the database can keep it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.blind_indexes import present_indexes
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.corrections import STORED, longest, too_long
from gradphoto.apps.roster.models import Candidate, RosterImport
from gradphoto.engine.roster import Finding, Severity, Table
from gradphoto.engine.roster.lint import CheckedBlock
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_NO_TEXTS = frozenset({"department", "id_number", "sex", "season", "birth_date", "entry_date"})
_PLACES = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)
Words = tuple[str, tuple[Wording, Wording]]


class Placing:
    """Finds departments for the rows of one file and keeps the findings of those that find no place.

    A block is placed by its columns: a file has few departments, and no text of a sound one is too long.
    """

    def __init__(self, roster_import: RosterImport, table: Table) -> None:
        self.roster_import = roster_import
        self.table = table
        self.findings: list[Finding] = []
        self._places = departments_of(roster_import.campaign)
        self._limits = {name: longest(name) for name in STORED if name not in _NO_TEXTS}
        self._known: dict[str, Organisation | Words] = {}
        elsewhere = Candidate.objects.filter(campaign__cohort_year=roster_import.campaign.cohort_year).exclude(
            campaign__school=roster_import.campaign.school_id
        )
        self._elsewhere = {index for _, index in present_indexes(elsewhere, "id_number_index")}

    def place(self, block: CheckedBlock) -> list[tuple[int, Organisation]]:
        """The rows that fit: their place in the block, and their department."""
        names = block.values["department"]
        known = {name: self._department(name) for name in set(names) if name}
        too_long = self._too_long(block)
        placed = []
        for place, number in enumerate(block.numbers):
            if number in block.bad:
                continue
            found = known[names[place]]
            if not isinstance(found, Organisation):
                self.say(number, "department", names[place], *found)
            elif place not in too_long:
                placed.append((place, found))
        return placed

    def _department(self, name: str) -> Organisation | Words:
        """The one place meant by this name or code, if the file's sender may list people there, or why none is."""
        if name not in self._known:
            meant = self._places.get(name, [])
            own = [place for place in meant if place.path.startswith(self.roster_import.organisation.path)]
            words = _AMBIGUOUS if own else _NOT_YOURS if meant else _UNKNOWN
            self._known[name] = own[0] if len(own) == 1 else words
        return self._known[name]

    def _too_long(self, block: CheckedBlock) -> set[int]:
        found: set[int] = set()
        for name, limit in self._limits.items():
            column: Sequence[Any] = block.values[name]
            try:
                longest_here = max(map(len, column), default=0)
            except TypeError:  # a row with an error has no value here
                longest_here = max(map(len, filter(_is_text, column)), default=0)
            if longest_here <= limit:
                continue
            for place, text in enumerate(column):
                number = block.numbers[place]
                if isinstance(text, str) and len(text) > limit and number not in block.bad:
                    self.say(number, name, text, "too_long", too_long(name))
                    found.add(place)
        return found

    @property
    def knows_other_schools(self) -> bool:
        """Whether another school has people of this class at all."""
        return bool(self._elsewhere)

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
        title = self.table.part_of(row).header.title_of(name)
        self.findings.append(Finding(row, name, title, shown, f"roster.{code}", severity, *words))

    def tell_other_school(self, row: int, index: str, id_number: str) -> None:
        """Warn of somebody whom another school lists for the same class: an ID number belongs to one person."""
        if index in self._elsewhere:
            words = ("listed_at_another_school", _ELSEWHERE)
            self.say(row, "id_number", id_number, *words, severity=Severity.WARNING)


def _is_text(value: object) -> bool:
    return value.__class__ is str


def departments_of(campaign: Campaign) -> Mapping[str, list[Organisation]]:
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
