"""The roster held against the admissions data (R31), and what failed made into cases with the reason and the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.roster.cases import fail_first_audit
from gradphoto.apps.roster.corrections import KEY_FIELDS, texts_of
from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import AdmissionsCheck, AdmissionsDifference, Candidate, CorrectionCase, Route
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.typed import without_id_numbers
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster import RawRow, compare_with_admissions, propose_mapping, read_table
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.tables.access import Bounded
from gradphoto.engine.wording import Wording

BOUNDED = Bounded()
AT_ONCE = 100
_CHUNK = 500
_TELL_APART = ("candidate_no", "id_number", "student_no")
_PROPOSED = {"admission": Route.ADMISSION, "status": Route.STATUS, "identity": Route.IDENTITY}


@action("roster.check_admissions", permission="roster.audit")
def check_admissions(actor: Actor, campaign: Campaign, *, file_name: str, data: bytes) -> AdmissionsCheck:
    """Keep the admissions file and compare in the background.

    Raises ``roster.admissions_columns`` where no column tells people apart or none of the key fields is there, or the
    reader's own error.
    """
    columns = propose_mapping(data, file_name, reader=BOUNDED).mapping(with_similar=True).columns
    missing = [name for name in KEY_FIELDS if name not in columns]
    if not set(_TELL_APART) & set(columns) or len(missing) == len(KEY_FIELDS):
        titles = "、".join(FIELD_TITLES[name] for name in (*_TELL_APART, *missing))
        raise invalid(
            "roster.admissions_columns",
            f"招生数据中没有可供核对的列（{titles}）。",
            "The admissions file has no columns to compare by.",
            "请使用带考生号或身份证号，以及姓名、性别、出生日期的录取数据。",
            "Use the admissions data with candidate or ID number, name, sex and birth date.",
        )
    made = AdmissionsCheck.objects.create(
        campaign=campaign,
        user=actor.user,
        source=blobs.put(data, Kind.TABLE.value[1]),
        file_name=without_id_numbers(file_name)[:200],
    )
    made.job = jobs.enqueue(
        "roster.check_admissions",
        actor,
        Wording("与招生数据比对", "Compare with the admissions data"),
        {"check": made.pk},
        organisation_id=campaign.school_id,
        result_url=reverse("roster:admissions_result", args=[made.pk]),
    )
    made.save(update_fields=["job"])
    audit.note(check=made.pk, sha256=made.source_id)
    return made


@handles("roster.check_admissions", Queue.QUICK)
def run_check(run: JobRun) -> None:
    """Compare everybody on the list whom the person who asked may see. Run again, it puts the same result in place."""
    made = AdmissionsCheck.objects.select_related("campaign__school", "source", "user").get(pk=run.params["check"])
    if made.finished_at is not None:
        return
    actor = Actor.of(User.objects.get(pk=made.user_id))
    data = blobs.read(made.source)
    mapping = propose_mapping(data, made.file_name, reader=BOUNDED).mapping(with_similar=True)
    theirs = read_table(data, made.file_name, mapping=mapping, reader=BOUNDED).rows
    listed = changeable(actor, Candidate, "roster.audit").filter(campaign=made.campaign, status__in=CHAIN)
    people = list(listed.select_related("department").order_by("-season", "department__path", "student_no"))
    run.start(2 * len(people) + 1)
    ours = []
    for n, person in enumerate(people, start=1):
        ours.append(RawRow(n, texts_of(person)))
        run.advance(n)
    found = compare_with_admissions(ours, theirs)
    rows = [
        AdmissionsDifference(
            check_run=made, candidate=people[one.row_number - 1], field=one.field, ours=one.ours[:120],
            theirs=one.theirs[:120], code=one.code, route=str(one.route), reason=_pair(one.reason), remedy=_pair(one.remedy),
        )
        for one in found if one.row_number is not None
    ]  # fmt: skip
    counts = {"our_rows": len(people), "their_rows": len(theirs), "only_there": len(found) - len(rows)}
    keep_comparison(run.actor, made, rows=rows, counts=counts)
    run.advance(2 * len(people) + 1)


@action("roster.keep_comparison", permission=by_system)
def keep_comparison(
    actor: Actor, made: AdmissionsCheck, *, rows: list[AdmissionsDifference], counts: dict[str, int]
) -> None:
    """Put the result in place."""
    made.differences.all().delete()
    AdmissionsDifference.objects.bulk_create(rows, batch_size=_CHUNK)
    for name, value in (counts | {"finished_at": timezone.now()}).items():
        setattr(made, name, value)
    made.save(update_fields=[*counts, "finished_at"])
    audit.note(differences=len(rows), **counts)


@dataclass(slots=True)
class Noted:
    """How many cases were made, and how many could not be."""

    made: int = 0
    refused: int = 0


def may_become_cases(differences: QuerySet[AdmissionsDifference]) -> QuerySet[AdmissionsDifference]:
    """Differences of a key field that are not a case yet."""
    return differences.filter(field__in=KEY_FIELDS, case=None)


def note_differences(actor: Actor, differences: Iterable[AdmissionsDifference]) -> Noted:
    """Make a first-audit case of each: the reason goes into the remarks of the issued file, the way to the right form.

    Each stands by itself; what is refused keeps the reason. A difference whose item is noted already is tied to that
    case.
    """
    told = Noted()
    for one in differences:
        try:
            with transaction.atomic():
                case = fail_first_audit(
                    actor, one.candidate, field=one.field, reason=one.reason["zh"], route=_PROPOSED.get(one.route)
                )
                AdmissionsDifference.objects.filter(pk=one.pk).update(case=case, refused=None)
            told.made += 1
        except GradPhotoError as error:
            known = CorrectionCase.objects.filter(
                candidate=one.candidate, field=one.field, status__in=OPEN_CASE
            ).first()
            AdmissionsDifference.objects.filter(pk=one.pk).update(case=known, refused=_pair(error.message))
            told.refused += 1
    return told


@action("roster.note_admissions", permission="roster.audit")
def note_admissions(actor: Actor, made: AdmissionsCheck, *, chosen: list[int] | None, route: str = "") -> Noted | None:
    """Make cases of the chosen differences, or of all (of one way); many go to the background and None comes back."""
    wanted = may_become_cases(made.differences.all())
    if chosen is not None:
        wanted = wanted.filter(pk__in=chosen)
    elif route:
        wanted = wanted.filter(route=route)
    pks = list(wanted.values_list("pk", flat=True))
    if not pks:
        raise invalid(
            "roster.nothing_chosen", "没有可登记的差异。", "There is nothing to note.", "请勾选要登记的行。", "Tick the rows.",
        )  # fmt: skip
    audit.note(check=made.pk, count=len(pks), route=route)
    if len(pks) <= AT_ONCE:
        return note_differences(actor, made.differences.filter(pk__in=pks).select_related("candidate"))
    made.job = jobs.enqueue(
        "roster.note_admissions",
        actor,
        Wording(f"登记初审未通过（{len(pks)} 项）", f"Note {len(pks)} failures of the first audit"),
        {"check": made.pk, "chosen": pks, "user": actor.user.pk},
        organisation_id=made.audit_organisation_id,
        result_url=reverse("roster:admissions_result", args=[made.pk]),
    )
    made.save(update_fields=["job"])
    return None


@handles("roster.note_admissions", Queue.QUICK)
def run_note(run: JobRun) -> None:
    """Make the cases as the registrar who asked; a second run goes on with what is no case yet."""
    made = AdmissionsCheck.objects.get(pk=run.params["check"])
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    waiting = list(may_become_cases(made.differences.filter(pk__in=run.params["chosen"])).values_list("pk", flat=True))
    run.start(len(waiting))
    refused = 0
    for start in range(0, len(waiting), 25):
        batch = made.differences.filter(pk__in=waiting[start : start + 25]).select_related("candidate")
        refused += note_differences(actor, batch).refused
        run.advance(min(start + 25, len(waiting)), refused)


def _pair(wording: Wording) -> dict[str, str]:
    return {"zh": wording.zh, "en": wording.en}
