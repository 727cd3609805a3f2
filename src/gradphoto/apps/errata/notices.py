"""Who is told that their errata case has an answer: a kind of notice that verification does not know of (R203)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.errata.effects import still_to_come
from gradphoto.apps.errata.models import RESULTS, CaseStatus, ErrataCase
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.notices.audience import Told, audience
from gradphoto.apps.verification.notices.models import NoticeKind

_ANSWERED = (*RESULTS, CaseStatus.CONFIRMED, CaseStatus.FILED, CaseStatus.REFUSED)


def _answered(campaign: Campaign, people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    cases = ErrataCase.objects.filter(campaign=campaign, status__in=_ANSWERED)
    return people.filter(pk__in=cases.values("items__candidate"))


def _facts(campaign: Campaign, people: Sequence[int]) -> Mapping[int, Told]:
    """What came of the newest case of each; what the system does not see yet is said as still to come, never as done."""
    made: dict[int, Told] = {}
    cases = ErrataCase.objects.filter(campaign=campaign, status__in=_ANSWERED, items__candidate__in=people)
    for case in cases.prefetch_related("items").order_by("drafted_at", "pk").distinct():
        told = _told(case)
        made.update({item.candidate_id: told for item in case.items.all()})
    return made


def _told(case: ErrataCase) -> Told:
    kind = str(case.get_kind_display())
    if case.status == CaseStatus.REFUSED:
        return Told(
            {"matter": (f"{kind}：对方不受理（{case.closed_reason}）", f"{kind}: not accepted ({case.closed_reason})")},
            {},
        )
    if open_ones := still_to_come(case):
        zh, en = "；".join(one.zh for one in open_ones), "; ".join(one.en for one in open_ones)
        return Told({"matter": (f"{kind}：对方已答复，尚待{zh}", f"{kind}: answered, still to come: {en}")}, {})
    return Told({"matter": (f"{kind}：已办结", f"{kind}: settled")}, {})


audience(NoticeKind.ERRATA, _answered, _facts)
