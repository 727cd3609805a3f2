"""What the review ends in: corrections that take effect on the candidate, and lines of the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import REASON_LENGTH, invalid, refuse, within
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.registration.models import EntryKind, LedgerEntry, Review
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.corrections import check_entered
from gradphoto.engine.wording import Wording


@action("registration.correct_candidate", permission="registration.approve")
def correct_candidate(actor: Actor, candidate: Candidate, *, entered: Mapping[str, str]) -> None:
    """Let checked corrections take effect on the record (R170). The values are checked again as they are now."""
    regions = value_of(candidate.campaign, settings_keys.TEST_REGIONS)
    good: dict[str, Any] = dict(check_entered(candidate, entered, regions))
    if "id_number" in good:
        good["id_number_index"] = blind_index(good["id_number"])
    for field, value in good.items():
        setattr(candidate, field, value)
    _refuse_double(candidate)
    candidate.save(update_fields=list(good))
    audit.note(fields=sorted(entered))


def _refuse_double(candidate: Candidate) -> None:
    if persons.is_somebody_else(candidate):
        raise refuse(
            "registration.correction_collides",
            "更正后的证件号码或学号与本批次另一人相同。",
            "The corrected ID number or student number belongs to another person of this campaign.",
            "请退回申请单位核对证明材料。",
            "Return it to the applicant, who checks the proofs.",
        )


def enter(candidate: Candidate, kind: EntryKind, review: Review | None) -> LedgerEntry:
    """Write the next line of the campaign's ledger; numbers run without a gap."""
    if LedgerEntry.objects.filter(candidate=candidate).exists():
        raise refuse(
            "registration.already_registered",
            "该毕业生已登记入册。",
            "This graduate stands in the ledger already.",
            "请在注册台账中查看。",
            "See the ledger.",
        )
    # The lock on the campaign makes the numbers run without gap or double.
    campaign = Campaign.objects.select_for_update().get(pk=candidate.campaign_id)
    last = LedgerEntry.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
    return LedgerEntry.objects.create(
        campaign=campaign,
        number=last + 1,
        candidate=candidate,
        kind=kind,
        portrait=review.case.portrait if review else None,
        review=review,
        name=candidate.name,
        id_number=candidate.id_number,
        facts=facts_of(candidate, review),
    )


def add_line(
    before: LedgerEntry,
    kind: EntryKind,
    *,
    portrait: Portrait | None,
    shooting_number: int | None,
    more: dict[str, Any],
) -> LedgerEntry:
    """Write a later line of somebody who is registered: the record as it stands now, after the line ``before``."""
    person = before.candidate
    # The lock on the campaign makes the numbers run without gap or double.
    campaign = Campaign.objects.select_for_update().get(pk=person.campaign_id)
    last = LedgerEntry.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
    return LedgerEntry.objects.create(
        campaign=campaign,
        number=last + 1,
        candidate=person,
        kind=kind,
        portrait=portrait,
        name=person.name,
        id_number=person.id_number,
        facts=facts_of(person, None) | {"shooting_number": shooting_number} | more,
    )


def standing_entry(entry: LedgerEntry) -> LedgerEntry:
    """The line that stands for this person now: their latest."""
    return LedgerEntry.objects.filter(candidate=entry.candidate_id).order_by("-number")[0]


def told(reason: str, example: Wording) -> str:
    """A reason as it is kept, at most 200 characters. Raises ``registration.reason_missing`` where there is none."""
    text = " ".join(reason.split())
    if text:
        return within(text, REASON_LENGTH, field="reason")
    raise invalid(
        "registration.reason_missing",
        "必须说明原因和依据。",
        "The reason, and its proof, are needed.",
        f"例如：{example.zh}",
        f"For example: {example.en}",
    )


def facts_of(candidate: Candidate, review: Review | None) -> dict[str, Any]:
    """The registered data as they stand on this day (R52's columns and more), without the ID number."""
    school, department = candidate.campaign.school, candidate.department
    if review is not None:
        shooting_number: int | None = review.case.portrait.check_in.shooting_number
    else:
        shots = CheckIn.objects.filter(candidate=persons.first_of(candidate)).exclude(status=CheckInStatus.CANCELLED)
        shooting_number = shots.values_list("shooting_number", flat=True).first()
    return {
        "cohort_year": candidate.campaign.cohort_year,
        "season": candidate.season,
        "student_no": candidate.student_no,
        "sex": candidate.sex,
        "birth_date": candidate.birth_date.isoformat(),
        "major": candidate.major,
        "level": candidate.level,
        "degree_category": candidate.degree_category,
        "school_kind": candidate.school_kind,
        "graduation_kind": candidate.leaves_as,
        "class_name": candidate.class_name,
        "political_status": candidate.political_status,
        "ethnic_group": candidate.ethnic_group,
        "length_of_study": candidate.length_of_study,
        "entry_date": candidate.entry_date.isoformat() if candidate.entry_date else "",
        "candidate_no": candidate.candidate_no,
        "major_code": candidate.major_code,
        "study_form": candidate.study_form,
        "branch_school": candidate.branch_school,
        "expected_graduation": candidate.expected_graduation,
        "department": department.name,
        "department_code": department.code,
        "school": school.name,
        "school_code": school.code,
        "shooting_number": shooting_number,
    }
