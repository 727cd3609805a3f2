"""Where an imported row goes: under its department, unless the campaign knows the person already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.corrections import fields_of, longest, too_long
from gradphoto.apps.roster.models import Candidate, RosterImport
from gradphoto.engine.roster import Finding, RosterRecord, Severity
from gradphoto.engine.roster.layout import Header
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_PLACES = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)


class Placing:
    """Stores the clean rows of one file and keeps the findings of those that find no place."""

    def __init__(self, roster_import: RosterImport, header: Header) -> None:
        self.roster_import = roster_import
        self.header = header
        self.findings: list[Finding] = []
        self._places = _places_of(roster_import.campaign)

    def store(self, rows: Sequence[tuple[int, RosterRecord]]) -> None:
        """Store the rows that are new, all in one transaction. Rows stored by an earlier run are passed over."""
        with transaction.atomic():
            # Two files of one campaign may hold the same person: one after the other, the second is told.
            Campaign.objects.select_for_update().get(pk=self.roster_import.campaign_id)
            listed = Candidate.objects.filter(campaign=self.roster_import.campaign_id)
            mine = set(listed.filter(imported_from=self.roster_import).values_list("imported_row", flat=True))
            fresh = {number: record for number, record in rows if number not in mine}
            indexes = {number: blind_index(record.id_number) for number, record in fresh.items()}
            ids = set(listed.filter(id_number_index__in=indexes.values()).values_list("id_number_index", flat=True))
            numbers = set(
                listed.filter(student_no__in=[record.student_no for record in fresh.values()]).values_list(
                    "student_no", flat=True
                )
            )
            made = []
            for number, record in fresh.items():
                known_id, known_number = indexes[number] in ids, record.student_no in numbers
                if known_id:
                    self._say(number, "id_number", mask(record.id_number), "already_listed", _LISTED)
                if known_number:
                    self._say(number, "student_no", record.student_no, "already_listed", _LISTED)
                department = self._department(number, record)
                if department and self._fits(number, record) and not known_id and not known_number:
                    made.append(self._candidate(number, record, department, indexes[number]))
            Candidate.objects.bulk_create(made)

    def _department(self, number: int, record: RosterRecord) -> Organisation | None:
        """The one place meant by this name or code, if the file's sender may list people there."""
        meant = self._places.get(record.department, [])
        own = [place for place in meant if place.path.startswith(self.roster_import.organisation.path)]
        if len(own) == 1:
            return own[0]
        words = _AMBIGUOUS if own else _NOT_YOURS if meant else _UNKNOWN
        self._say(number, "department", record.department, *words)
        return None

    def _fits(self, number: int, record: RosterRecord) -> bool:
        fits = True
        for name, text in fields_of(record).items():
            if name != "id_number" and isinstance(text, str) and len(text) > longest(name):
                self._say(number, name, text, "too_long", too_long(name))
                fits = False
        return fits

    def _candidate(self, number: int, record: RosterRecord, department: Organisation, index: str) -> Candidate:
        return Candidate(
            campaign_id=self.roster_import.campaign_id,
            department=department,
            id_number_index=index,
            imported_from=self.roster_import,
            imported_row=number,
            **fields_of(record),
        )

    def _say(self, row: int, name: str, value: str, code: str, words: tuple[Wording, Wording]) -> None:
        title = self.header.title_of(name)
        self.findings.append(Finding(row, name, title, value[:100], f"roster.{code}", Severity.ERROR, *words))


def _places_of(campaign: Campaign) -> dict[str, list[Organisation]]:
    """The school's departments and learning centres by name and by code; a name outranks an equal code."""
    places = Organisation.objects.filter(path__startswith=campaign.school.path, kind__in=_PLACES)
    by_name, by_code = defaultdict(list), defaultdict(list)
    for place in places:
        by_name[place.name].append(place)
        if place.code:
            by_code[place.code].append(place)
    return {**by_code, **by_name}


_LISTED = (
    Wording("本批次名册中已有此人。", "This campaign lists the person already."),
    Wording(
        "如需修改，请在名册中更正并注明依据；导入不会覆盖已有数据。",
        "Correct it in the roster; an import never overwrites.",
    ),
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
