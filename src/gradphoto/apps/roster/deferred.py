"""Who was deferred to a later class (另行采集, R8, R9): found for that class's campaign and carried onto its roster."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.blind_indexes import present_indexes
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Origin

_CARRIED = (
    "department_id", "season", "class_name", "student_no", "name", "sex", "birth_date", "id_number",
    "political_status", "ethnic_group", "native_place", "major", "direction", "level", "length_of_study", "entry_date",
    "degree_category", "school_kind", "graduation_kind", "candidate_no", "major_code", "study_form", "branch_school",
    "expected_graduation", "id_type",
)  # fmt: skip
"""What a person brings along; status, signatures and remarks begin anew."""


def deferred_to(school: Organisation, year: int) -> QuerySet[Candidate]:
    """The people of a school who were deferred to the class of ``year``, in their order, the newest campaign first."""
    return (
        Candidate.objects.filter(campaign__school=school, deferred_to=year, status=CandidateStatus.DEFERRED)
        .exclude(campaign__cohort_year=year)
        .select_related("campaign", "department")
        .order_by("-campaign__cohort_year", "department__path", "student_no")
    )


def still_to_carry(campaign: Campaign) -> QuerySet[Candidate]:
    """Of these the ones who are not on the campaign's roster yet."""
    here = campaign.candidates.filter(id_number_index=OuterRef("id_number_index"))
    same_number = campaign.candidates.filter(student_no=OuterRef("student_no"))
    return deferred_to(campaign.school, campaign.cohort_year).exclude(Exists(here)).exclude(Exists(same_number))


@action("roster.carry_deferred", permission="roster.accept")
def carry_deferred(actor: Actor, campaign: Campaign) -> int:
    """Put everybody who was deferred to this class onto its roster; doing it twice adds nobody. Returns how many."""
    made, seen = list[Candidate](), set[str]()
    waiting = [(before, blind_index(before.id_number.decrypt())) for before in still_to_carry(campaign)]
    indexes = [index for _, index in waiting]
    here = present_indexes(campaign.candidates.filter(id_number_index__in=indexes), "id_number_index")
    seen.update(index for _, index in here)
    for before, index in waiting:
        if index in seen or before.student_no in seen:
            continue
        seen |= {index, before.student_no}
        reason = f"{before.campaign.cohort_year}届延至本届：{before.status_reason}"[:200]
        fields = {**{name: getattr(before, name) for name in _CARRIED}, "id_number_index": index}
        made.append(Candidate(campaign=campaign, origin=Origin.DEFERRED, added_reason=reason, **fields))
    Candidate.objects.bulk_create(made, batch_size=500)
    audit.note(people=len(made))
    return len(made)
