"""Reading an imported roster in the background: good rows become candidates, bad ones findings."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import TEST_REGIONS
from gradphoto.apps.core import blobs
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.actions import finish_import
from gradphoto.apps.roster.models import Candidate, ImportStatus, RosterFinding, RosterImport
from gradphoto.engine.roster import (
    Finding,
    LintRules,
    RosterRecord,
    Severity,
    Table,
    lint,
    read_table,
    write_marked_workbook,
)
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_CHUNK = 500
_STORED = tuple(
    name
    for name in RosterRecord.__dataclass_fields__
    if name != "department" and name in {field.name for field in Candidate._meta.get_fields()}
)
"""What of a record the candidate keeps; the engine reads more than is stored."""


@handles("roster.import")
def import_file(run: JobRun) -> None:
    """Read, check and store one file. A second run after a kill finds its rows there and adds none twice."""
    roster_import = RosterImport.objects.select_related("campaign__school", "organisation").get(pk=run.params["import"])
    if roster_import.status == ImportStatus.CHECKED:
        return
    table = read_table(blobs.read(roster_import.source), roster_import.file_name)
    run.start(len(table.rows) * 2)
    rules = LintRules(timezone.localdate(), value_of(roster_import.campaign, TEST_REGIONS))
    result = lint(table, rules, progress=run.advance)
    placed = _Placing(roster_import, table)
    good = [(row.row_number, row.record) for row in result.rows if row.record is not None]
    for start in range(0, len(good), _CHUNK):
        placed.store(good[start : start + _CHUNK])
        run.advance(len(table.rows) + start)
    findings = sorted([*result.findings, *placed.findings], key=lambda finding: finding.row_number)
    with transaction.atomic():
        roster_import.findings.all().delete()
        RosterFinding.objects.bulk_create([_row(roster_import, finding) for finding in findings], batch_size=_CHUNK)
        bad = result.bad | {finding.row_number for finding in placed.findings if finding.severity is Severity.ERROR}
        finish_import(
            run.actor,
            roster_import,
            counts={"row_count": len(table.rows), "good_count": len(table.rows) - len(bad), "bad_count": len(bad)},
            marked_up=write_marked_workbook(table, findings) if findings else None,
        )


class _Placing:
    """Puts records under their department, unless the campaign knows the person already."""

    def __init__(self, roster_import: RosterImport, table: Table) -> None:
        self.roster_import = roster_import
        self.campaign: Campaign = roster_import.campaign
        self.table = table
        self.findings: list[Finding] = []
        kinds = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)
        below = Organisation.objects.filter(path__startswith=roster_import.organisation.path, kind__in=kinds)
        self.departments = {key: org for org in below for key in (org.name, org.code) if key}

    def store(self, rows: Sequence[tuple[int, RosterRecord]]) -> None:
        indexes = {number: blind_index(record.id_number) for number, record in rows}
        listed = Candidate.objects.filter(campaign=self.campaign)
        known_ids = dict(
            listed.filter(id_number_index__in=indexes.values()).values_list("id_number_index", "imported_row")
        )
        known_numbers = set(
            listed.filter(student_no__in=[record.student_no for _, record in rows])
            .exclude(imported_from=self.roster_import)
            .values_list("student_no", flat=True)
        )
        mine = set(listed.filter(imported_from=self.roster_import).values_list("imported_row", flat=True))
        fresh = []
        for number, record in rows:
            if number in mine:
                continue
            if indexes[number] in known_ids:
                self._say(number, "id_number", mask(record.id_number), "already_listed", _LISTED)
            elif record.student_no in known_numbers:
                self._say(number, "student_no", record.student_no, "already_listed", _LISTED)
            elif record.department not in self.departments:
                self._say(number, "department", record.department, "unknown_department", _UNKNOWN)
            else:
                fresh.append(self._candidate(number, record, indexes[number]))
        Candidate.objects.bulk_create(fresh)

    def _candidate(self, number: int, record: RosterRecord, index: str) -> Candidate:
        values = {name: getattr(record, name) for name in _STORED}
        return Candidate(
            campaign=self.campaign,
            department=self.departments[record.department],
            id_number_index=index,
            imported_from=self.roster_import,
            imported_row=number,
            **values,
        )

    def _say(self, row: int, name: str, value: str, code: str, words: tuple[Wording, Wording]) -> None:
        title = self.table.header.title_of(name)
        self.findings.append(Finding(row, name, title, value, f"roster.{code}", Severity.ERROR, *words))


_LISTED = (
    Wording("本批次名册中已有此人。", "This campaign lists the person already."),
    Wording(
        "如需修改，请在名册中更正并注明依据；导入不会覆盖已有数据。",
        "Correct it in the roster; an import never overwrites.",
    ),
)
_UNKNOWN = (
    Wording("没有这个院系或学习中心。", "There is no such department or learning centre."),
    Wording("请使用系统中的院系名称或代码。", "Use a name or code that the system knows."),
)


def _row(roster_import: RosterImport, finding: Finding) -> RosterFinding:
    return RosterFinding(
        roster_import=roster_import,
        row=finding.row_number,
        field=finding.field,
        column_title=finding.column_title[:60],
        value=finding.value[:120],
        code=finding.code,
        severity=str(finding.severity),
        reason={"zh": finding.reason.zh, "en": finding.reason.en},
        remedy={"zh": finding.remedy.zh, "en": finding.remedy.en},
    )
