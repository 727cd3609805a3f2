"""The page before a session ends, or begins on another day than its own: what it does, what is open, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.matters import Matter, matters, tells_matters
from gradphoto.apps.capture.models import CheckInStatus, FrameStatus
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.capture.room.clocks import unmeasured_chairs
from gradphoto.apps.capture.room.sessions import count_session, doubts_open
from gradphoto.apps.core.actions import offered
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

_DOES = {
    "open_session": (
        Wording("开始场次", "Open the session"),
        Wording(
            "开始后，刷证登记的人都记在这个场次里。",
            "Whoever is checked in from now on counts in this session.",
        ),
        Wording(
            "登记了人之前可以结束场次；登记不会丢失。", "It can be closed again; nobody who was checked in is lost."
        ),
    ),
    "close_session": (
        Wording("结束场次", "Close the session"),
        Wording(
            "不再登记；漏拍名单随即生成，双方以这里的人数为准。",
            "Nobody is checked in any more; the list of the missed is made, and both sides agree on these figures.",
        ),
        Wording(
            "现场人员可以随时写明原因重新开始，直到批次结束。",
            "The crew can open it again at any time with a reason, until the campaign ends.",
        ),
    ),
}


def asks_first(session: CaptureSession, step: str) -> bool:
    """Closing is always asked, opening where the session is of a later day or no camera's clock is known."""
    if step == "capture.open_session":
        return session.date > timezone.localdate() or bool(unmeasured_chairs(session))
    return step == "capture.close_session"


@page("capture.watch")
def confirm_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    """The page of the step; its button posts to the session as before, confirmed."""
    session = get_scoped(request.actor, CaptureSession.objects.select_related("campaign"), pk=pk)
    if step not in _DOES:
        raise Http404
    title, does, undo = _DOES[step]
    open_matters = matters(request.actor, f"capture.{step}", session)
    context = {
        "session": session,
        "step": f"capture.{step}",
        "title": title,
        "does": does,
        "undo": undo,
        "matters": open_matters,
        "blocked": any(one.blocks for one in open_matters),
        "possible": f"capture.{step}" in offered(request.actor, session),
        "asks_reason": step == "open_session" and session.date > timezone.localdate(),
        "asks_clock": step == "open_session" and bool(unmeasured_chairs(session)),
        "today": timezone.localdate(),
    }
    return render(request, "capture/confirm_step.html", context)


@tells_matters("capture.open_session")
def before_opening(actor: Actor, session: CaptureSession) -> Iterator[Matter]:
    """A session of a later day is opened early."""
    early = int(session.date > timezone.localdate())
    planned = Wording(
        f"这个场次排在 {session.date:%Y-%m-%d}，不是今天", f"it is planned for {session.date:%Y-%m-%d}, not for today"
    )
    yield Matter(early, planned, reverse("schedule:list"))


@tells_matters("capture.close_session")
def before_closing(actor: Actor, session: CaptureSession) -> Iterator[Matter]:
    """Who has not come, who is held, what the pairing still asks; somebody before the camera goes first."""
    count = count_session(session)
    seated = session.check_ins.filter(status=CheckInStatus.OPEN).count()
    room = reverse("capture:session", args=[session.pk])
    yield Matter(seated, Wording("{n} 人还在拍摄", "{n:person is|persons are} being photographed"), room, blocks=True)
    missed = Wording("{n} 人没有拍摄", "{n:person has|persons have} no photograph")
    yield Matter(count.missed, missed, reverse("capture:missed", args=[session.pk]))
    unconfirmed = count.photographed - count.confirmed
    waiting = Wording("{n} 人未经检验员确认", "{n:person is|persons are} not confirmed by the checker")
    yield Matter(unconfirmed, waiting, reverse("capture:check", args=[session.pk]))
    yield Matter(count.held, Wording("{n} 人被拦下待裁定", "{n:person is|persons are} held"), room)
    doubts = doubts_open(session)
    in_doubt = Wording("{n} 个照片归属的警报未处理", "{n:alarm|alarms} about whose a frame is open")
    yield Matter(doubts, in_doubt, room, blocks=True)
    yield Matter(count.alarms_open - doubts, Wording("{n} 个警报未处理", "{n:alarm is|alarms are} open"), room)
    unbound = session.frames.filter(status=FrameStatus.UNBOUND).count()
    yield Matter(unbound, Wording("{n} 张照片没有对应的人", "{n:frame belongs|frames belong} to nobody"), room)


@tells_matters(HAND_OVER)
def before_handing_over(actor: Actor, session: CaptureSession) -> Iterator[Matter]:
    """While the people are there somebody can still say whose a frame is; at the centre nobody can."""
    said = Wording("{n} 个照片归属的警报未处理", "{n:alarm|alarms} about whose a frame is open")
    yield Matter(doubts_open(session), said, reverse("capture:session", args=[session.pk]), blocks=True)
