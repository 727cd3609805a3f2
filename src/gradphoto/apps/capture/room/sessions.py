"""A session of the room: opened, closed with its count, opened again (R130, R133)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from gradphoto.apps.campaigns.matters import StepBlocked, matters
from gradphoto.apps.campaigns.steps import require_running
from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, Hold
from gradphoto.apps.capture.room.clocks import unmeasured_chairs
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import refuse, stated_reason, within
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.lifecycle import SESSION
from gradphoto.apps.schedule.models import Appointment, CaptureSession
from gradphoto.engine.pairing import AlarmKind
from gradphoto.engine.wording import Wording

FACES = "faces"
"""Alarm of a later room: two faces that do not go with their numbers (``pairing.face_telling``)."""
IN_DOUBT = (
    AlarmKind.WHOSE_FRAME,
    AlarmKind.FRAME_BEFORE_CHECK_IN,
    AlarmKind.ONE_MORE_FRAME,
    AlarmKind.CLOCK_DRIFT,
    AlarmKind.READERS_EXCHANGED,
    AlarmKind.NUMBER_REUSED,
    "clock_jump",
    FACES,
)
_PHOTOGRAPHED = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class SessionCount:
    """What both sides agree at the end of a session (R130, R133)."""

    listed: int
    photographed: int
    confirmed: int
    missed: int
    held: int
    alarms_open: int


@action("capture.open_session", permission="capture.work", lifecycle=SESSION)
def open_session(actor: Actor, session: CaptureSession, *, early_reason: str = "", no_clock_reason: str = "") -> None:
    """The room is ready. What a station already did is taken in whatever the campaign's state.

    Raises ``campaigns.not_begun``, ``campaigns.over``, and ``capture.session_of_another_day`` for a session of a later
    day, unless ``early_reason`` tells why; ``capture.clock_unknown`` as long as a chair's camera was not measured, unless
    ``no_clock_reason`` tells why: every frame is asked about then.
    """
    if actor.kind is not ActorKind.SYSTEM:
        require_running(session.campaign)
    if session.date > timezone.localdate() and not early_reason.strip():
        raise refuse(
            "capture.session_of_another_day",
            f"这个场次排在 {session.date:%Y-%m-%d}，不是今天。",
            f"This session is planned for {session.date:%Y-%m-%d}, not for today.",
            "请打开今天的场次；确需提前的，请写明原因。",
            "Open today's session; where this one must begin earlier, tell the reason.",
        )
    unmeasured = unmeasured_chairs(session)
    if actor.kind is not ActorKind.SYSTEM and unmeasured and not no_clock_reason.strip():
        which = Wording("", "")
        if session.chairs > 1:
            chairs = ", ".join(map(str, unmeasured))
            which = Wording(f"（{chairs} 号座位）", f" (chair {chairs})")
        raise refuse(
            "capture.clock_unknown",
            f"相机还没有校时{which.zh}。",
            f"No camera's clock was measured{which.en}.",
            "请用相机拍下本页的校时码；没有联机相机的，请写明原因。",
            "Photograph the clock code on this page; without a camera on this computer, tell the reason.",
        )
    if no_clock_reason.strip():
        audit.note(no_clock_reason=within(no_clock_reason, 200, field="no_clock_reason"))
    if early_reason.strip():
        audit.note(early_reason=within(early_reason, 200, field="early_reason"))


@action("capture.close_session", permission="capture.work", lifecycle=SESSION, closing=True)
def close_session(actor: Actor, session: CaptureSession) -> SessionCount:
    """End the session with its count; refused while somebody sits in the chair or a pairing is in doubt."""
    if session.check_ins.filter(status=CheckInStatus.OPEN).exists():
        raise refuse(
            "capture.chair_occupied",
            "还有人待拍摄。",
            "Somebody is still in the chair.",
            "请先完成拍摄或撤销该登记。",
            "Finish or cancel that check-in first.",
        )
    count = count_session(session)
    if actor.kind is not ActorKind.SYSTEM and (doubts := doubts_open(session)):
        raise refuse(
            "capture.alarm_open",
            f"还有 {doubts} 个关于照片归属的警报没有处理。",
            f"{doubts} alarm(s) about whose a frame is are not settled.",
            "请在场次页逐个按 E 处理：趁人还在，才看得出照片是谁。",
            "Settle each on the session's page (E): only while people are here can one say whose a frame is.",
        )
    blocking = [one for one in matters(actor, "capture.close_session", session) if one.blocks]
    if actor.kind is not ActorKind.SYSTEM and blocking:
        raise StepBlocked(blocking)
    audit.note(**{name: getattr(count, name) for name in SessionCount.__dataclass_fields__})
    return count


def doubts_open(session: CaptureSession) -> int:
    """Open alarms that put a pairing in doubt, and gaps in the numbers beside somebody who has a photograph.

    The others block nothing: a frame of somebody without a card is entered afterwards (R99), as are frames taken while the
    station was down; who was left without one is on the list of the missed (R104); another camera is only told.
    """
    has_one = Q(check_in__status__in=_PHOTOGRAPHED) | Q(frame__check_in__status__in=_PHOTOGRAPHED)
    doubted = Q(kind__in=IN_DOUBT) | Q(has_one, kind=AlarmKind.FILE_NUMBER_GAP)
    return session.alarms.filter(doubted, settled_at=None).count()


def count_session(session: CaptureSession) -> SessionCount:
    """The figures of a session as they stand: one kept question, as every page of a room that waits asks it."""
    row = _COUNTED.first(pk=session.pk)
    return SessionCount(**{name: getattr(row, name, None) or 0 for name in _FIGURES})


def count_sessions(sessions: Sequence[CaptureSession]) -> dict[int, SessionCount]:
    """The figures of several sessions; one question, however many they are."""
    rows = _counted(CaptureSession.objects.filter(pk__in=[session.pk for session in sessions]))
    return {row.pk: SessionCount(**{name: getattr(row, name) or 0 for name in _FIGURES}) for row in rows}


_FIGURES = tuple(SessionCount.__dataclass_fields__)


def _counted(sessions: QuerySet[CaptureSession]) -> QuerySet[CaptureSession]:
    shot = Q(status__in=_PHOTOGRAPHED)
    taken = CheckIn.objects.filter(shot, candidate=OuterRef("candidate"))
    listed = Appointment.objects.filter(slot__session=OuterRef("pk"))
    here = CheckIn.objects.filter(session=OuterRef("pk"))
    return sessions.order_by().only("pk").annotate(
        listed=_number(listed, "slot__session"),
        photographed=_number(here.filter(shot)),
        confirmed=_number(here.filter(status=CheckInStatus.CONFIRMED)),
        missed=_number(listed.exclude(Exists(taken)), "slot__session"),
        held=_number(Hold.objects.filter(session=OuterRef("pk"), decision="")),
        alarms_open=_number(Alarm.objects.filter(session=OuterRef("pk"), settled_at=None)),
    )  # fmt: skip


def _number(rows: QuerySet[Any], session: str = "session") -> Subquery:
    return Subquery(rows.order_by().values(session).annotate(n=Count("pk")).values("n"))


_COUNTED: Prepared[CaptureSession] = Prepared(lambda pk: _counted(CaptureSession.objects.filter(pk=pk)))


@action("capture.reopen_session", permission="capture.work", lifecycle=SESSION)
def reopen_session(actor: Actor, session: CaptureSession, *, reason: str) -> None:
    """Go on with a session that was closed too early."""
    audit.note(reason=stated_reason(reason, "capture.reason_missing"))
