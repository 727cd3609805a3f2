"""What awaits each role: one line of count, sentence and link a thing to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, Frame, FrameStatus, Hold
from gradphoto.apps.capture.review.queue import awaiting_review
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.delivery.models import DeliveryReport, Package, PackageStatus, ReportStatus
from gradphoto.apps.delivery.queries import frames_to_make, waiting
from gradphoto.apps.errata.lists import overdue
from gradphoto.apps.errata.models import CaseStatus as ErrataStatus
from gradphoto.apps.errata.models import ErrataCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.registration.models import (
    REGISTERING,
    AdditionStatus,
    CorrectionStatus,
    LedgerCorrection,
    LedgerEntry,
    PhotoAddition,
    Review,
    ReviewStatus,
)
from gradphoto.apps.roster.models import Candidate, CandidateStatus, CorrectionCase
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.notices.models import REACHED
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A tile of the desk."""

    count: int
    title: Wording
    url: str


@dataclass(frozen=True, slots=True)
class _Source:
    title: Wording
    link: str
    roles: frozenset[Role]
    count: Callable[[Actor], int]


def _source(zh: str, en: str, link: str, *roles: Role) -> Callable[[Callable[[Actor], int]], _Source]:
    def add(count: Callable[[Actor], int]) -> _Source:
        made = _Source(Wording(zh, en), link, frozenset(roles), count)
        _SOURCES.append(made)
        return made

    return add


_SOURCES: list[_Source] = []
_KEEPERS = (Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.LEARNING_CENTRE)
_CREW = (Role.PHOTOGRAPHER, Role.SITE_STAFF)


def _candidates(actor: Actor, status: CandidateStatus) -> int:
    return scoped(actor, Candidate).filter(status=status).count()


_source("人待核对", "rows to check", "roster:list?status=issued", *_KEEPERS)(
    lambda actor: _candidates(actor, CandidateStatus.ISSUED)
)
_source("人待本人签名", "to be signed by the student", "roster:list?status=checked", *_KEEPERS)(
    lambda actor: _candidates(actor, CandidateStatus.CHECKED)
)
_source("人待辅导员签字", "for the counsellor", "roster:list?status=signed", Role.COUNSELLOR, Role.LEARNING_CENTRE)(
    lambda actor: _candidates(actor, CandidateStatus.SIGNED)
)
_source("人待院领导签字", "for the leader", "roster:list?status=countersigned", Role.COLLEGE_LEADER, Role.HEAD_OFFICE)(
    lambda actor: _candidates(actor, CandidateStatus.COUNTERSIGNED)
)
_source("人待核准", "rows to accept", "roster:list?status=endorsed", Role.REGISTRAR)(
    lambda actor: _candidates(actor, CandidateStatus.ENDORSED)
)
_source("项信息错误待处理", "data errors open", "roster:cases", *_KEEPERS, Role.REGISTRAR)(
    lambda actor: scoped(actor, CorrectionCase).filter(status__in=OPEN_CASE).count()
)
_source("个场次进行中", "sessions open", "capture:list", *_CREW, Role.REGISTRAR)(
    lambda actor: scoped(actor, CaptureSession).filter(status=SessionStatus.OPEN).count()
)
_source("个场次待拍", "sessions planned", "capture:list", *_CREW, Role.COLLECTION_CENTRE)(
    lambda actor: scoped(actor, CaptureSession).filter(status=SessionStatus.PLANNED).count()
)
_source("人被拦下待处理", "persons held", "capture:list", *_CREW, Role.REGISTRAR)(
    lambda actor: scoped(actor, Hold).filter(decision="").count()
)
_source("个警报未处理", "alarms open", "capture:list", *_CREW, Role.COLLECTION_CENTRE)(
    lambda actor: scoped(actor, Alarm).filter(settled_at=None).count()
)
_source("张照片待现场确认", "photographs to confirm on site", "capture:list", Role.SITE_STAFF, Role.REGISTRAR)(
    lambda actor: scoped(actor, CheckIn).filter(status=CheckInStatus.SHOT).count()
)
_source("张照片待复核", "photographs to review", "capture:review", *_CREW, Role.REGISTRAR, Role.COLLECTION_CENTRE)(
    lambda actor: awaiting_review(actor).count()
)
_source("张照片无人对应", "frames bound to nobody", "capture:list", *_CREW)(
    lambda actor: scoped(actor, Frame).filter(status=FrameStatus.UNBOUND).count()
)


def _campaigns(actor: Actor) -> QuerySet[Campaign]:
    return scoped(actor, Campaign).exclude(status="closed").select_related("school", "rule_set")


_source("张照片待制作", "portraits to make", "delivery:portraits", Role.COLLECTION_CENTRE, Role.PHOTOGRAPHER)(
    lambda actor: sum(frames_to_make(campaign).count() for campaign in _campaigns(actor))
)
_source("人待打包交付", "persons to pack", "delivery:list", Role.COLLECTION_CENTRE)(
    lambda actor: sum(entry.count for campaign in _campaigns(actor) for entry in waiting(campaign))
)
_source("个交付包待交付", "packages to deliver", "delivery:list", Role.COLLECTION_CENTRE)(
    lambda actor: scoped(actor, Package).filter(status=PackageStatus.READY).count()
)
_source("个交付包待核对", "packages to check", "delivery:list", Role.REGISTRAR, Role.LEARNING_CENTRE)(
    lambda actor: scoped(actor, Package).filter(status=PackageStatus.DELIVERED).count()
)


_source("个交付问题待处理", "delivery reports to settle", "delivery:list", Role.COLLECTION_CENTRE)(
    lambda actor: scoped(actor, DeliveryReport).filter(status=ReportStatus.OPEN).count()
)


def _cases(actor: Actor, *statuses: CaseStatus) -> int:
    return scoped(actor, VerificationCase).filter(status__in=statuses).count()


_source("人尚未校对", "not verified yet", "verification:list?status=unverified", *_KEEPERS, Role.REGISTRAR)(
    lambda actor: _cases(actor, CaseStatus.OPEN, CaseStatus.VIEWED, CaseStatus.CORRECTED, CaseStatus.ANSWERED)
)
_source("人未确认且无告知凭据", "not confirmed, no proof of notice", "verification:notices", *_KEEPERS, Role.REGISTRAR)(
    lambda actor: (
        scoped(actor, VerificationCase)
        .filter(status__in=UNVERIFIED)
        .exclude(candidate__notices__state__in=REACHED)
        .count()
    )
)
_source("人图像有误待处理", "photographs disputed", "verification:disputes", *_KEEPERS, Role.REGISTRAR)(
    lambda actor: _cases(actor, CaseStatus.DISPUTED)
)
_source("件勘误待寄出", "errata to send", "errata:list?status=drafted", Role.REGISTRAR, Role.LEARNING_CENTRE)(
    lambda actor: scoped(actor, ErrataCase).filter(status__in=(ErrataStatus.DRAFTED, ErrataStatus.SEALED)).count()
)
_source("件勘误待签收", "errata to acknowledge", "errata:list?status=sent", Role.COLLECTION_CENTRE)(
    lambda actor: scoped(actor, ErrataCase).filter(status=ErrataStatus.SENT).count()
)
_source("件勘误待办理", "errata to mend", "errata:list?status=received", Role.COLLECTION_CENTRE, Role.HEAD_OFFICE)(
    lambda actor: scoped(actor, ErrataCase).filter(status=ErrataStatus.RECEIVED).count()
)
_source("件勘误逾期", "errata overdue", "errata:list?overdue=1", Role.REGISTRAR, Role.COLLECTION_CENTRE)(
    lambda actor: overdue(scoped(actor, ErrataCase)).count()
)
_source("人待申请审核", "confirmed, to apply for", "registration:reviews", Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE)(
    lambda actor: scoped(actor, VerificationCase).filter(status=CaseStatus.CONFIRMED, review=None).count()
)
_source("人待总部审核", "for the head office", "registration:reviews", Role.HEAD_OFFICE)(
    lambda actor: scoped(actor, Review).filter(status=ReviewStatus.APPLIED).count()
)
_source("人待国家中心审核", "for the national centre", "registration:reviews", Role.NATIONAL_REVIEWER)(
    lambda actor: scoped(actor, Review).filter(status=ReviewStatus.HEAD_APPROVED).count()
)
_source("项注册后更正待审核", "corrections to decide", "registration:corrections", Role.HEAD_OFFICE)(
    lambda actor: scoped(actor, LedgerCorrection).filter(status=CorrectionStatus.PROPOSED).count()
)
_source("张图像待补登审核", "photographs to add", "registration:additions", Role.NATIONAL_REVIEWER)(
    lambda actor: scoped(actor, PhotoAddition).filter(status=AdditionStatus.PROPOSED).count()
)
_source("人已注册", "registered", "registration:ledger", Role.REGISTRAR, Role.HEAD_OFFICE, Role.NATIONAL_REVIEWER)(
    lambda actor: scoped(actor, LedgerEntry).filter(kind__in=REGISTERING).count()
)
_source("个任务失败", "jobs failed", "core:jobs", Role.ADMINISTRATOR, Role.COLLECTION_CENTRE)(
    lambda actor: Job.objects.filter(state=JobState.FAILED).count()
)


def awaiting(actor: Actor) -> Iterator[Awaiting]:
    """The tiles of this person's roles, in the order of the journey; nothing to do stays in view as zero."""
    for source in _SOURCES:
        if source.roles & actor.user.roles:
            name, _, query = source.link.partition("?")
            yield Awaiting(source.count(actor), source.title, reverse(name) + (f"?{query}" if query else ""))
