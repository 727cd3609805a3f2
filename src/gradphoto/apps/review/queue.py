"""What awaits a person's look, exceptions first, and every list that a number of the statistics stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Season
from gradphoto.apps.capture.models import Assessment, AssessmentFinding, Frame, FrameStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.review.models import DecisionReason, ReviewState
from gradphoto.apps.review.standing import STANDING
from gradphoto.apps.roster.status_marks import is_marked

STATES = (
    ("awaiting", bi("待复核", "To be reviewed")),
    ("held", bi("暂缓", "On hold")),
    ("accepted", bi("已通过", "Accepted")),
    ("rejected", bi("已退回", "Returned")),
    ("all", bi("全部", "All")),
)
MEASURED_OUTCOMES = (
    ("fail", bi("不合格", "Fail")),
    ("review", bi("需看一眼", "Review")),
    ("pass", bi("合格", "Pass")),
)
OUTCOMES = (*MEASURED_OUTCOMES, ("none", bi("未测量", "Not measured")))
_UUID = re.compile(r"[0-9a-f-]{36}")

IN_USE = Q(status=FrameStatus.ACCEPTED, check_in__status__in=STANDING, packed_at=None)
_UNDECIDED = Q(review=None) | Q(review__state__in=(ReviewState.AWAITING, ReviewState.SECOND))
# Accepted on a better verdict than the present one: measured again since, and a person should know.
_WORSE_NOW = Q(review__state=ReviewState.ACCEPTED) & (
    Q(review__outcome="pass", now__outcome__in=("review", "fail")) | Q(review__outcome="review", now__outcome="fail")
)
_BY_STATE = {
    "awaiting": IN_USE & (_UNDECIDED | _WORSE_NOW),
    "held": IN_USE & Q(review__state=ReviewState.HELD),
    "accepted": Q(status=FrameStatus.ACCEPTED, review__state=ReviewState.ACCEPTED),
    "rejected": Q(status=FrameStatus.REJECTED),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter of the review as its address says it; what an address says wrongly counts as not said."""

    campaign: int | None = None
    session: int | None = None
    season: str = ""
    department: int | None = None
    class_name: str = ""
    rule: str = ""
    reason: str = ""
    outcome: str = ""
    state: str = "awaiting"
    hour: int | None = None
    batch: str = ""
    changed: bool = False
    """Only of people with a change of status (R23)."""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> Wanted:
        """From a query string."""
        texts = {name: params.get(name, "").strip() for name in ("class_name", "rule", "reason")}
        batch = params.get("batch", "")
        return cls(
            campaign=_number(params, "campaign"),
            session=_number(params, "session"),
            season=_one_of(params.get("season", ""), Season.values),
            department=_number(params, "department"),
            outcome=_one_of(params.get("outcome", ""), [code for code, _ in OUTCOMES]),
            state=_one_of(params.get("state", ""), [code for code, _ in STATES]) or "awaiting",
            hour=_number(params, "hour"),
            batch=batch if _UUID.fullmatch(batch) else "",
            changed=params.get("changed") == "1",
            **texts,
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything beyond campaign and state is asked for."""
        return replace(self, campaign=None, state="awaiting") != Wanted()


def _number(params: Mapping[str, str], name: str) -> int | None:
    text = params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _one_of(text: str, known: list[str]) -> str:
    return text if text in known else ""


def campaigns(actor: Actor) -> list[Campaign]:
    """The campaigns whose photographs this person may review: open ones first, newest first."""
    found = scoped(actor, Campaign).select_related("rule_set").distinct()
    return sorted(found, key=lambda one: (one.status == CampaignStatus.CLOSED, -one.cohort_year, one.pk))


def frames(actor: Actor, campaign: Campaign, wanted: Wanted) -> QuerySet[Frame]:
    """The frames of a campaign that a filter asks for, whatever their state; ``now`` is the present assessment."""
    found = scoped(actor, Frame).filter(check_in__campaign=campaign)
    found = found.annotate(now=FilteredRelation("assessments", condition=Q(assessments__current=True)))
    exact = {
        "session": wanted.session,
        "check_in__candidate__season": wanted.season,
        "check_in__candidate__department": wanted.department,
        "check_in__candidate__class_name": wanted.class_name,
        "review__decisions__batch": wanted.batch,
        "arrived_at__hour": wanted.hour,
    }
    found = found.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    if wanted.changed:
        found = found.filter(is_marked("check_in__candidate"))
    if wanted.outcome == "none":
        found = found.filter(now=None)
    elif wanted.outcome and not wanted.rule:
        found = found.filter(now__outcome=wanted.outcome)
    if wanted.rule:
        broken = AssessmentFinding.objects.filter(
            assessment__frame=OuterRef("pk"), assessment__current=True, code=wanted.rule
        )
        # With a rule the outcome is the rule's own: a frame may fail by one rule and only be asked about by another.
        found = found.filter(Exists(broken.filter(outcome=wanted.outcome) if wanted.outcome else broken))
    if wanted.reason:
        given = DecisionReason.objects.filter(
            decision__review__frame=OuterRef("pk"), decision__undone_at=None, code=wanted.reason
        )
        found = found.filter(Exists(given))
    return found


def in_state(found: QuerySet[Frame], state: str) -> QuerySet[Frame]:
    """Of these frames those in a state of the review."""
    return found.filter(_BY_STATE[state]) if state in _BY_STATE else found


def awaiting_review(actor: Actor) -> QuerySet[Frame]:
    """All frames of open campaigns that this person may review and nobody has decided on."""
    found = scoped(actor, Frame).exclude(check_in__campaign__status=CampaignStatus.CLOSED)
    present = found.annotate(now=FilteredRelation("assessments", condition=Q(assessments__current=True)))
    return in_state(present, "awaiting")


def exceptions_first(found: QuerySet[Frame]) -> QuerySet[Frame]:
    """Unmeasured, failed, doubtful, passed; within these by the severity of the verdict, then by shooting number."""
    return found.order_by(F("now__severity").desc(nulls_first=True), "check_in__shooting_number", "pk")


def rows_to_accept(found: QuerySet[Any]) -> list[tuple[int, int | None, int, int, str]]:
    """Of each frame its key, its review's version, its assessment, its shooting number and its person's name."""
    fields = ("pk", "review__version", "now__pk", "check_in__shooting_number", "check_in__candidate__name")
    return list(found.order_by("check_in__shooting_number", "pk").values_list(*fields))


def counts(found: QuerySet[Frame]) -> dict[str, int]:
    """How many of these frames are in each state: one query."""
    by_state = {state: Count("pk", filter=condition, distinct=True) for state, condition in _BY_STATE.items()}
    return found.aggregate(**by_state)


def rule_choices(campaign: Campaign) -> list[str]:
    """The codes that were found in this campaign, for the filter."""
    found = AssessmentFinding.objects.filter(assessment__current=True, assessment__frame__check_in__campaign=campaign)
    return sorted(found.values_list("code", flat=True).distinct())


def with_present(page: list[Frame]) -> dict[int, Assessment]:
    """The present assessments of a page of frames, without what only the big picture needs."""
    rows = Assessment.objects.filter(current=True, frame__in=[frame.pk for frame in page])
    return {row.frame_id: row for row in rows.defer("measurements", "crop", "kept")}
