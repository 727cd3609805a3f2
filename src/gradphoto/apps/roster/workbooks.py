"""The roster as a file: xlsx or csv, in the template's columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from enum import StrEnum

from django.db import transaction
from django.db.models import Prefetch, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.actions import record_export
from gradphoto.apps.roster.corrections import texts_of
from gradphoto.apps.roster.models import Candidate, CaseSource, CorrectionCase
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.template import new_workbook
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.wording import Wording

NUMBER_READERS = (Role.REGISTRAR, Role.LEARNING_CENTRE)
"""Whose exports hold whole ID numbers, and only for the people of their own part of the tree."""


class Format(StrEnum):
    """What a roster can be exported as."""

    XLSX = "xlsx"
    CSV = "csv"


@transaction.atomic
def export_roster(actor: Actor, candidates: QuerySet[Candidate], made_as: Format = Format.XLSX) -> bytes:
    """The rows in the template's columns, put on record with every campaign they belong to."""
    people = list(candidates.select_related("department").prefetch_related("status_changes", _FIRST_AUDIT))
    whole = set(scoped(actor, Candidate, NUMBER_READERS).values_list("pk", flat=True))
    for campaign in Campaign.objects.filter(pk__in={person.campaign_id for person in people}):
        own = [person for person in people if person.campaign_id == campaign.pk]
        record_export(actor, campaign, count=len(own), with_id_numbers=sum(1 for person in own if person.pk in whole))
    headings = (*TITLES.values(), say(Wording("状态", "State")))
    lines = (_line(person, whole=person.pk in whole) for person in people)
    return _as_csv(headings, lines) if made_as is Format.CSV else _as_xlsx(headings, lines, len(people))


_FIRST_AUDIT = Prefetch(
    "correction_cases",
    CorrectionCase.objects.filter(source=CaseSource.FIRST_AUDIT, status__in=OPEN_CASE),
    to_attr="failed_audits",
)


def _line(person: Candidate, *, whole: bool) -> tuple[str, ...]:
    texts = texts_of(person)
    if not whole:
        texts["id_number"] = str(person.id_number)
    # Changes of status and the reasons of the first audit stand in the remarks (R22, R31).
    said = [f"{change.get_kind_display()}（{change.changed_on:%Y%m%d}）" for change in person.status_changes.all()]
    said += [f"初审未通过：{TITLES[case.field]} {case.note}" for case in person.failed_audits]  # type: ignore[attr-defined]
    texts["remarks"] = "；".join(filter(None, (texts["remarks"], *said)))
    return (*(texts[name] for name in TITLES), str(person.get_status_display()))


def _as_xlsx(headings: Sequence[str], lines: Iterable[Sequence[str]], count: int) -> bytes:
    out, workbook, sheet = new_workbook("名册", headings)
    for number, line in enumerate(lines, start=1):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text)
    sheet.autofilter(0, 0, max(1, count), len(headings) - 1)
    workbook.close()
    return out.getvalue()


def _as_csv(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([_tame(text) for text in line] for line in lines)
    # Excel reads a csv as UTF-8 only with the mark at its beginning.
    return out.getvalue().encode("utf-8-sig")


def _tame(text: str) -> str:
    """A cell that a spreadsheet would run as a formula is made a text."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
