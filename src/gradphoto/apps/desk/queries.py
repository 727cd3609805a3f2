"""What awaits each role: one line of count, sentence and list a thing to do; what is wrong stands apart.

A count and the list it opens come from the same rows: either an app's own list with the same filter, or the desk's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, Frame, FrameStatus, Hold
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.core.wording import both, say
from gradphoto.apps.delivery.models import DeliveryReport, Package, PackageStatus, Portrait, ReportStatus
from gradphoto.apps.delivery.queries import by_rules, frames_to_make, to_pack
from gradphoto.apps.errata.lists import overdue
from gradphoto.apps.errata.models import CaseStatus as ErrataStatus
from gradphoto.apps.errata.models import ErrataCase
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.paging import MOST, shown_number
from gradphoto.apps.pages.paging import counted as counted_up
from gradphoto.apps.registration.models import (
    AdditionStatus,
    CorrectionStatus,
    LedgerCorrection,
    PhotoAddition,
    Review,
    ReviewStatus,
)
from gradphoto.apps.review.queue import awaiting_review
from gradphoto.apps.roster.models import Candidate, CandidateStatus, CorrectionCase, Total, UnitTotal
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.models.totals import counted
from gradphoto.apps.schedule.lists import sessions_of
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.notices.models import REACHED
from gradphoto.engine.wording import Wording


def jobs_of(actor: Actor) -> QuerySet[Job]:
    """Jobs of the viewer's organisations and of those below, and those the viewer started."""
    organisations = changeable(actor, Organisation).values("pk")
    return Job.objects.filter(Q(organisation_id__in=organisations) | Q(created_by=actor.key))


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A tile of the desk; ``wrong`` is what went amiss and does not just wait for its turn."""

    count: int
    number: str
    title: Wording
    url: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Source:
    """Something to do: who does it, its rows, and where they are listed (the desk's own list without ``link``).

    The title follows its number, which stands apart (``{n:~person|persons}``).
    """

    key: str
    title: Wording
    roles: frozenset[Role]
    rows: Callable[[Actor], QuerySet[Any]]
    link: str
    wrong: bool
    count: Callable[[Actor], int] | None = None
    """Its number without asking its rows, where the totals have it."""

    def counted(self, actor: Actor) -> int:
        """Exact where the totals have it; else one more than ``paging.MOST`` stands for more."""
        return self.count(actor) if self.count is not None else counted_up(self.rows(actor))

    @property
    def is_exact(self) -> bool:
        return self.count is not None

    @property
    def url(self) -> str:
        name, _, query = (self.link or f"desk:todo?of={self.key}").partition("?")
        return reverse(name) + (f"?{query}" if query else "")


SOURCES: dict[str, Source] = {}


def _source(
    key: str,
    zh: str,
    en: str,
    permission: str,
    rows: Callable[[Actor], Any],
    link: str = "",
    wrong: bool = False,
    count: Callable[[Actor], int] | None = None,
) -> None:
    SOURCES[key] = Source(key, Wording(zh, en), frozenset(roles_of(permission)), rows, link, wrong, count)


def _total(column: str, model: type[Total] = Total, **states: Any) -> Callable[[Actor], int]:
    return lambda actor: counted(scoped(actor, model).filter(**states), column)


def _in(model: type[Model], **states: Any) -> Callable[[Actor], QuerySet[Any]]:
    return lambda actor: scoped(actor, model).filter(**states)


def _campaigns(actor: Actor) -> QuerySet[Campaign]:
    return scoped(actor, Campaign).exclude(status="closed").select_related("school", "rule_set").distinct()


def _of_campaigns(actor: Actor, model: type[Model], find: Callable[..., QuerySet[Any]]) -> QuerySet[Any]:
    found = [Q(pk__in=find(*group).order_by().values("pk")) for group in by_rules(_campaigns(actor))]
    return scoped(actor, model).filter(reduce(or_, found)) if found else scoped(actor, model).none()


def _unproven(actor: Actor) -> QuerySet[VerificationCase]:
    cases = scoped(actor, VerificationCase).filter(status__in=UNVERIFIED)
    return cases.exclude(candidate__notices__state__in=REACHED).select_related("candidate")


for _state, _zh, _en, _roles in (
    (CandidateStatus.ISSUED, "人待核对", "{n:~row|rows} to check", "roster.check"),
    (CandidateStatus.CHECKED, "人待本人签名", "to be signed by the student", "roster.check"),
    (CandidateStatus.SIGNED, "人待辅导员签字", "for the counsellor", "roster.countersign"),
    (CandidateStatus.COUNTERSIGNED, "人待院领导签字", "for the leader", "roster.endorse_any"),
    (CandidateStatus.ENDORSED, "人待核准", "{n:~row|rows} to accept", "roster.accept"),
):
    _source(
        f"rows_{_state}", _zh, _en, _roles, _in(Candidate, status=_state), f"roster:list?status={_state.value}",
        count=_total("people", status=_state),
    )  # fmt: skip


def _preparing(actor: Actor, *, planned: bool) -> QuerySet[Campaign]:
    """Campaigns that are still prepared though people of the viewer's are approved: without a timetable, or with one."""
    approved = scoped(actor, Candidate).filter(campaign=OuterRef("pk"), status=CandidateStatus.ACCEPTED)
    has_day = Exists(CaptureSession.objects.filter(campaign=OuterRef("pk")))
    open_ones = (
        scoped(actor, Campaign).select_related("school").filter(Exists(approved), status=CampaignStatus.PREPARING)
    )
    return open_ones.filter(has_day if planned else ~has_day)


_source(
    "to_plan", "个批次待编排时间表", "{n:~campaign|campaigns} without a timetable", "schedule.plan",
    lambda actor: _preparing(actor, planned=False),
)  # fmt: skip
_source(
    "to_begin", "个批次可进入采集阶段", "{n:~campaign|campaigns} ready to begin the collection", "campaigns.manage",
    lambda actor: _preparing(actor, planned=True),
)  # fmt: skip
_source(
    "data_errors", "项信息错误待处理", "{n:~data error|data errors} open", "roster.keep",
    _in(CorrectionCase, status__in=OPEN_CASE), "roster:cases", wrong=True,
)  # fmt: skip
_source(
    "sessions_open", "个场次进行中", "{n:~session|sessions} open", "capture.work",
    lambda actor: sessions_of(actor).filter(status=SessionStatus.OPEN), "capture:list?status=open",
)  # fmt: skip
_source(
    "sessions_planned", "个场次待拍", "{n:~session|sessions} planned", "due.to_shoot",
    lambda actor: sessions_of(actor).filter(status=SessionStatus.PLANNED), "capture:list?status=planned",
)  # fmt: skip
_source(
    "holds", "人被拦下待处理", "{n:~person|persons} held", "capture.work",
    lambda actor: scoped(actor, Hold).filter(decision="").select_related("session"), wrong=True,
)  # fmt: skip
_source(
    "alarms", "个警报未处理", "{n:~alarm|alarms} open", "due.to_shoot",
    lambda actor: scoped(actor, Alarm).filter(settled_at=None).select_related("session"), wrong=True,
)  # fmt: skip
_source(
    "to_confirm", "张照片待现场确认", "{n:~photograph|photographs} to confirm on site", "capture.confirm",
    lambda actor: scoped(actor, CheckIn).filter(status=CheckInStatus.SHOT).select_related("candidate", "session"),
)  # fmt: skip
_source(
    "to_review", "张照片待复核", "{n:~photograph|photographs} to review", "review.decide",
    awaiting_review, "review:list",
)  # fmt: skip
_source(
    "unbound", "张照片无人对应", "{n:~frame|frames} bound to nobody", "stations.run",
    lambda actor: scoped(actor, Frame).filter(status=FrameStatus.UNBOUND).select_related("session"), wrong=True,
)  # fmt: skip
_source(
    "to_make", "张照片待制作", "{n:~portrait|portraits} to make", "delivery.make",
    lambda actor: _of_campaigns(actor, Frame, frames_to_make).select_related("session"),
)  # fmt: skip
_source(
    "to_pack", "人待打包交付", "{n:~person|persons} to pack", "delivery.deliver",
    lambda actor: _of_campaigns(actor, Portrait, to_pack).select_related("check_in", "candidate"),
)  # fmt: skip
_source(
    "to_deliver", "个交付包待交付", "{n:~package|packages} to deliver", "delivery.deliver",
    lambda actor: scoped(actor, Package).filter(status=PackageStatus.READY).select_related("organisation", "campaign"),
)  # fmt: skip
_source(
    "to_look_through", "个交付包待核对", "{n:~package|packages} to check", "delivery.check",
    lambda actor: scoped(actor, Package).filter(status=PackageStatus.DELIVERED).select_related("organisation", "campaign"),
)  # fmt: skip
_source(
    "reports", "个交付问题待处理", "{n:~delivery report|delivery reports} to settle", "delivery.deliver",
    lambda actor: scoped(actor, DeliveryReport).filter(status=ReportStatus.OPEN).select_related("candidate"), wrong=True,
)  # fmt: skip
_source(
    "unverified", "人尚未校对", "not verified yet", "verification.notify",
    _in(VerificationCase, status__in=UNVERIFIED), "verification:list?status=unverified", count=_total("unverified"),
)  # fmt: skip
_source(
    "unproven", "人未确认且无告知凭据", "not confirmed, no proof of notice", "verification.notify", _unproven,
    wrong=True, count=_total("unproven"),
)  # fmt: skip
_source(
    "disputed", "人图像有误待处理", "{n:~photograph|photographs} disputed", "verification.notify",
    _in(VerificationCase, status=CaseStatus.DISPUTED), "verification:disputes", wrong=True, count=_total("disputed"),
)  # fmt: skip
_source(
    "errata_to_send", "件勘误待寄出", "{n:~erratum|errata} to send", "errata.send_outside",
    _in(ErrataCase, status__in=(ErrataStatus.DRAFTED, ErrataStatus.SEALED)),
)  # fmt: skip
_source(
    "errata_to_take", "件勘误待签收", "{n:~erratum|errata} to acknowledge", "delivery.deliver",
    _in(ErrataCase, status=ErrataStatus.SENT), "errata:list?status=sent",
)  # fmt: skip
_source(
    "errata_to_mend", "件勘误待办理", "{n:~erratum|errata} to mend", "due.mending",
    _in(ErrataCase, status=ErrataStatus.RECEIVED), "errata:list?status=received",
)  # fmt: skip
_source(
    "errata_late", "件勘误逾期", "{n:~erratum|errata} overdue", "due.late_errata",
    lambda actor: overdue(scoped(actor, ErrataCase)), "errata:list?overdue=1", wrong=True,
)  # fmt: skip
_source(
    "to_apply", "人待申请审核", "confirmed, to apply for", "registration.apply",
    _in(VerificationCase, status=CaseStatus.CONFIRMED, review=None), "registration:reviews?stage=confirmed", count=_total("to_apply"),
)  # fmt: skip
_source(
    "returned", "人审核被退回", "returned by the review", "registration.apply",
    _in(Review, status=ReviewStatus.RETURNED), "registration:reviews?stage=returned", wrong=True, count=_total("returned", UnitTotal),
)  # fmt: skip
_source(
    "for_head_office", "人待总部审核", "for the head office", "registration.approve",
    _in(Review, status=ReviewStatus.APPLIED), "registration:reviews?stage=applied", count=_total("applied", UnitTotal),
)  # fmt: skip
_source(
    "for_national", "人待国家中心审核", "for the national centre", "registration.approve_nationally",
    _in(Review, status=ReviewStatus.HEAD_APPROVED), "registration:reviews?stage=head_approved", count=_total("head_approved", UnitTotal),
)  # fmt: skip
_source(
    "ledger_corrections", "项注册后更正待审核", "{n:~correction|corrections} to decide", "registration.approve",
    _in(LedgerCorrection, status=CorrectionStatus.PROPOSED), "registration:corrections",
)  # fmt: skip
_source(
    "photo_additions", "张图像待补登审核", "{n:~photograph|photographs} to add", "registration.approve_nationally",
    _in(PhotoAddition, status=AdditionStatus.PROPOSED), "registration:additions",
)  # fmt: skip
_source(
    "jobs_failed", "个任务失败", "{n:~job|jobs} failed", "desk.failed_jobs",
    lambda actor: jobs_of(actor).filter(state=JobState.FAILED), "core:jobs?state=failed", wrong=True,
)  # fmt: skip


def awaiting(actor: Actor) -> Iterator[Awaiting]:
    """The tiles of this person's roles, in the order of the journey; nothing to do stays in view as zero."""
    for source in SOURCES.values():
        if source.roles & actor.user.roles:
            count = source.counted(actor)
            yield Awaiting(count, number_of(source, count), source.title.format(n=count), source.url, source.wrong)


def number_of(source: Source, count: int) -> str:
    """A count as the desk shows it."""
    is_more = not source.is_exact and count > MOST
    return shown_number(min(count, MOST) if is_more else count, is_more=is_more)


def with_others(actor: Actor) -> Iterator[Wording]:
    """What of the actor's people and papers lies with somebody else now, so that an empty desk says whose turn it is."""
    for source in SOURCES.values():
        if source.wrong or source.roles & actor.user.roles:
            continue
        if count := source.counted(actor):
            titled = source.title.format(n=count)
            number = number_of(source, count)
            who = [both(role.label) for role in Role if role in source.roles]
            yield Wording(
                f"{number} {titled.zh}（{'、'.join(one.zh for one in who)}）",
                f"{number} {titled.en} ({', '.join(one.en for one in who)})",
            )


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the desk's own list: what it is, where it belongs, and where it is done."""

    title: str
    detail: str
    url: str


def line_of(row: Any) -> Line:
    """A row as the desk lists it; no ID number."""
    match row:
        case Campaign():
            planned = row.sessions.exists()
            to = (
                reverse("campaigns:detail", args=[row.pk])
                if planned
                else f"{reverse('schedule:make')}?campaign={row.pk}"
            )
            return Line(row.title, row.school.name, to)
        case Hold():
            return Line(
                row.name,
                f"{row.get_reason_display()} · {row.session}",
                reverse("capture:session", args=[row.session_id]),
            )
        case Alarm():
            told = say(Wording(row.sentence["zh"], row.sentence["en"]))
            return Line(told, str(row.session), reverse("capture:session", args=[row.session_id]))
        case CheckIn():
            return Line(str(row), str(row.session), reverse("capture:session", args=[row.session_id]))
        case Frame():
            room = reverse("pairing:board", args=[row.session_id])
            return Line(
                row.file_name, str(row.session), room if row.check_in_id is None else reverse("delivery:portraits")
            )
        case Portrait():
            return Line(
                f"{row.check_in.number_label} {row.candidate.name}", row.candidate.class_name, reverse("delivery:list")
            )
        case Package():
            detail = f"{row.organisation.name} · {row.get_season_display()} · {row.photo_count}"
            return Line(str(row), detail, reverse("delivery:package", args=[row.pk]))
        case DeliveryReport():
            detail = f"{row.get_kind_display()} {row.note}"
            return Line(row.candidate.name, detail, reverse("delivery:reports", args=[row.package_id]))
        case VerificationCase():
            person = row.candidate
            return Line(
                f"{person.student_no} {person.name}", person.class_name, reverse("verification:detail", args=[row.pk])
            )
        case _:
            return Line(str(row), str(row.get_status_display()), reverse("errata:detail", args=[row.pk]))
