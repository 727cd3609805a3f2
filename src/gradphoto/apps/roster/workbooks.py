"""The roster as a file: xlsx or csv, in the template's columns."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.roster.actions import record_export
from gradphoto.apps.roster.corrections import texts_of
from gradphoto.apps.roster.models import Candidate, CandidateStatus, CaseSource, CorrectionCase, StatusChange
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.template import new_workbook
from gradphoto.engine.roster.layout import TITLES
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording


class Format(StrEnum):
    """What a roster can be exported as."""

    XLSX = "xlsx"
    CSV = "csv"


@transaction.atomic
def export_roster(actor: Actor, candidates: QuerySet[Candidate], made_as: Format = Format.XLSX) -> bytes:
    """The rows in the template's columns, put on record with every campaign they belong to."""
    people = list(candidates.select_related("department"))
    whole = set(changeable(actor, Candidate, "roster.whole_numbers").values_list("pk", flat=True))
    for campaign in Campaign.objects.filter(pk__in={person.campaign_id for person in people}):
        own = [person for person in people if person.campaign_id == campaign.pk]
        record_export(actor, campaign, count=len(own), with_id_numbers=sum(1 for person in own if person.pk in whole))
    headings = (*TITLES.values(), say(Wording("状态", "State")))
    remarks = _remarks(candidates)
    states = {str(value): str(label) for value, label in CandidateStatus.choices}
    lines = (
        _line(person, states[person.status], remarks.get(person.pk, ()), whole=person.pk in whole) for person in people
    )
    return _as_csv(headings, lines) if made_as is Format.CSV else _as_xlsx(headings, lines, len(people))


def _remarks(candidates: QuerySet[Candidate]) -> dict[int, list[str]]:
    """What stands in the remarks beside what is written there: changes of status and the first audit (R22, R31)."""
    found: dict[int, list[str]] = defaultdict(list)
    people = candidates.order_by().values("pk")
    for change in StatusChange.objects.filter(candidate__in=people):
        found[change.candidate_id].append(f"{change.get_kind_display()}（{change.changed_on:%Y%m%d}）")
    failed = CorrectionCase.objects.filter(source=CaseSource.FIRST_AUDIT, status__in=OPEN_CASE, candidate__in=people)
    for case in failed:
        found[case.candidate_id].append(f"初审未通过：{TITLES.get(case.field, case.field)} {case.note}")
    return found


def _line(person: Candidate, state: str, remarks: Iterable[str], *, whole: bool) -> tuple[str, ...]:
    texts = texts_of(person)
    if not whole:
        texts["id_number"] = mask(texts["id_number"])
    texts["remarks"] = "；".join(filter(None, (texts["remarks"], *remarks)))
    return (*(texts[name] for name in TITLES), state)


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
