"""The staff's lists, page and file alike: everyone's case, disputed photographs, rounds of notices and who was told."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, hidden, tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter, by_totals
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.notices.models import REACHED, Notice, NoticeRound, NoticeState
from gradphoto.engine.wording import Wording

UNVERIFIED_CHOICE = ("unverified", bi("全部未确认", "All not confirmed"))


class CaseFilter(PersonFilter):
    """Whose verification: of one state, or everyone who has not confirmed."""

    status = choice([UNVERIFIED_CHOICE, *CaseStatus.choices], "状态", "State", method="in_state")

    def in_state(self, cases: QuerySet[Any], name: str, status: str) -> QuerySet[Any]:
        return cases.filter(status__in=UNVERIFIED) if status == UNVERIFIED_CHOICE[0] else cases.filter(status=status)


def with_notice(cases: QuerySet[VerificationCase]) -> QuerySet[VerificationCase]:
    """The cases with ``told_at``: when the graduate was last reached, None where there is no proof (R203)."""
    proofs = Notice.objects.filter(candidate=OuterRef("candidate"), state__in=REACHED).order_by("-at")
    return cases.annotate(told_at=Subquery(proofs.values("at")[:1]))


def _told_on(case: Any, lookups: Any) -> Any:
    return timezone.localdate(case.told_at) if case.told_at else None


CASES = Listing(
    name="verification.cases",
    title=Wording("本人校对", "Verification by the graduates"),
    permission="verification.read",
    rows=lambda actor: with_notice(
        scoped(actor, VerificationCase).select_related("candidate__department", "candidate__campaign__school")
    ),
    filters=CaseFilter,
    order=("candidate__campaign", "candidate__season", "candidate__department", "candidate__student_no"),
    order_title=Wording("按学号", "By student number"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="verification/cells/tick.html", in_file=False,
               hidden_title=True, fixed=True, shown_to="verification.notify"),
        person_column("student_no", "candidate", css="figures", fixed=True,
               template="verification/cells/case.html", order=("candidate__student_no",)),
        person_column("name", "candidate", css="text-nowrap", order=("candidate__name",)),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display", css="text-nowrap"),
        person_column("department", "candidate", css="text-nowrap"),
        person_column("class_name", "candidate", css="text-nowrap",
               order=("candidate__class_name",)),
        Column("status", Wording("状态", "State"), "get_status_display", template="verification/cells/state.html",
               order=("status",)),
        Column("told", Wording("最近告知", "Last told"), _told_on, css="figures text-nowrap", order=("told_at",)),
        Column("confirmed", Wording("确认时间", "Confirmed"), "confirmed_at", css="figures text-nowrap", width=18,
               order=("confirmed_at",)),
    ),
    file_name="verification",
    counts=by_totals("status", {
        "": ("unverified", "verified", "expired"), UNVERIFIED_CHOICE[0]: ("unverified",), CaseStatus.OPEN: ("unseen",),
        CaseStatus.VIEWED: ("viewed",), CaseStatus.CORRECTED: ("corrected",), CaseStatus.CONFIRMED: ("verified",),
        CaseStatus.DISPUTED: ("disputed",), CaseStatus.ANSWERED: ("answered",), CaseStatus.EXPIRED: ("expired",),
    }),
)  # fmt: skip
"""How far verification is, person by person (R171, R172)."""

DISPUTES = Listing(
    name="verification.disputes",
    title=Wording("图像异议", "Disputed photographs"),
    permission="verification.read",
    rows=lambda actor: (
        scoped(actor, VerificationCase)
        .filter(status=CaseStatus.DISPUTED)
        .select_related("candidate__department", "candidate__campaign", "portrait__check_in")
    ),
    filters=PersonFilter,
    order=("candidate__campaign", "candidate__season", "candidate__department", "candidate__student_no"),
    order_title=Wording("按学号", "By student number"),
    columns=(
        person_column("student_no", "candidate"),
        person_column("name", "candidate"),
        person_column("department", "candidate"),
        Column("season", Wording("毕业季", "Season"), "candidate.get_season_display"),
        Column("number", Wording("拍摄序号", "Shooting number"), "portrait.check_in.number_label"),
        Column("reason", Wording("本人反映", "In the graduate's words"), "dispute_reason", width=40),
    ),
    file_name="disputed-photographs",
)
"""The photographs that graduates dispute, with their words (R54)."""


class NoticeFilter(PersonFilter):
    """Whose notices: of one round, in one state, which stands as tabs."""

    state = tab(NoticeState, "状态", "State")
    round = hidden("round")


def _reference(notice: Notice, lookups: Any) -> str:
    return say(Wording(notice.error["zh"], notice.error["en"])) if notice.error else notice.reference


NOTICES = Listing(
    name="verification.notices",
    title=Wording("告知凭据", "Proof of the notices"),
    permission="verification.notify",
    rows=lambda actor: scoped(actor, Notice).select_related("candidate__department", "round__campaign"),
    filters=NoticeFilter,
    order=("candidate__department", "candidate__class_name", "candidate__student_no", "pk"),
    order_title=Wording("按学号", "By student number"),
    columns=(
        Column("campaign", Wording("批次", "Campaign"), "round.campaign.title", on_page=False, width=24),
        person_column("department", "candidate", css="text-nowrap"),
        person_column("class_name", "candidate", css="text-nowrap"),
        person_column("student_no", "candidate", css="figures",
               order=("candidate__student_no",)),
        person_column("name", "candidate", css="text-nowrap"),
        Column("channel", Wording("方式", "Way"), "get_channel_display", on_page=False),
        Column("state", Wording("状态", "State"), "get_state_display", template="verification/cells/notice_state.html"),
        Column("at", Wording("时间", "Time"), "at", css="figures text-nowrap", width=18, order=("at",)),
        Column("reference", Wording("回执或原因", "Reference or reason"), _reference, css="small text-break", width=24),
        Column("text", Wording("内容", "Content"), "round.text", on_page=False, width=60),
    ),
    page_size=100,
    file_name="notices",
)  # fmt: skip
"""Who was told, by whom, when, with the receipt: the proof that R203 asks for."""


class RoundFilter(ListFilter):
    """Nothing of its own: rounds are looked through, the newest first."""


ROUNDS = Listing(
    name="verification.rounds",
    title=Wording("已发通知", "Rounds"),
    permission="verification.notify",
    rows=lambda actor: scoped(actor, NoticeRound)
    .select_related("campaign", "job", "created_by")
    .annotate(people=Count("notices"), reached=Count("notices", filter=Q(notices__state__in=REACHED))),
    filters=RoundFilter,
    columns=(
        Column("at", Wording("时间", "Time"), "created_at", template="verification/cells/round.html",
               css="figures text-nowrap", fixed=True),
        Column("kind", Wording("类别", "Kind"), "get_kind_display", css="text-nowrap"),
        Column("way", Wording("方式", "Way"), "get_channel_display", css="text-nowrap"),
        Column("reached", Wording("送达 / 人数", "Reached / persons"),
               lambda one, lookups: f"{one.reached} / {one.people}", css="figures"),
        Column("by", Wording("发送人", "By"), "created_by.__str__"),
        Column("job", Wording("任务", "Job"), "job.get_state_display", template="verification/cells/round_job.html"),
    ),
    page_size=20,
)  # fmt: skip
"""Every round of notices, the newest first (R203)."""
