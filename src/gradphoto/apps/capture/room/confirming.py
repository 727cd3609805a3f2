"""The page before a session ends, or begins on another day than its own: what it does, what is open, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.matters import Matter, matters, tells_matters
from gradphoto.apps.capture.forms import CloseSession, OpenSession, ReopenSession
from gradphoto.apps.capture.models import CheckInStatus, Frame, FrameStatus
from gradphoto.apps.capture.providers import HAND_OVER
from gradphoto.apps.capture.room.clocks import unmeasured_chairs
from gradphoto.apps.capture.room.sessions import SessionCount, count_session, doubts_open
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
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
    "reopen_session": (
        Wording("重新开始场次", "Start the session again"),
        Wording(
            "继续登记、拍摄；结束时的人数与漏拍名单重新计算。",
            "People are checked in again; the count and the missed are made anew.",
        ),
        Wording("可以再次结束。", "It can be closed again."),
    ),
}
_FORMS: dict[str, type[ActionForm]] = {
    "open_session": OpenSession, "close_session": CloseSession, "reopen_session": ReopenSession,
}  # fmt: skip


def asks_first(session: CaptureSession, step: str) -> bool:
    """Closing and starting again are always asked, opening where the session is of a later day or no camera's clock is known."""
    if step == "capture.open_session":
        return session.date > timezone.localdate() or bool(unmeasured_chairs(session))
    return True


@page("capture.watch")
def confirm_step(request: SignedInRequest, pk: int, step: str) -> HttpResponse:
    """The page of a step: what it does, what is open, the reason where one is needed."""
    if step not in _DOES:
        raise Http404
    if request.method == "POST":
        form = posted_form(request, (_FORMS[step],), _session(request, pk))
        return form_action(
            request,
            form,
            again=lambda form: _step_page(request, pk, step, form),
            done=lambda outcome: _taken(request, pk, outcome),
        )
    return _step_page(request, pk, step)


def _session(request: SignedInRequest, pk: int) -> CaptureSession:
    return get_scoped(request.actor, CaptureSession.objects.select_related("campaign"), pk=pk)


def _step_page(request: SignedInRequest, pk: int, step: str, posted: ActionForm | None = None) -> HttpResponse:
    session = _session(request, pk)
    title, does, undo = _DOES[step]
    open_matters = matters(request.actor, f"capture.{step}", session)
    context = {
        "session": session,
        "title": title,
        "does": does,
        "undo": undo,
        "matters": open_matters,
        "blocked": any(one.blocks for one in open_matters),
        "page_forms": (forms := PageForms(request.actor, session, (_FORMS[step],), posted)),
        "form": next(iter(forms), None),
        "today": timezone.localdate(),
    }
    return render(request, "capture/confirm_step.html", context)


def _taken(request: SignedInRequest, pk: int, outcome: SessionCount | None) -> HttpResponse:
    """Back to the room; closing is not refused for loose ends, as people go home, but nobody should find them out later."""
    if outcome is not None:
        unbound = Frame.objects.filter(session=pk, status=FrameStatus.UNBOUND).count()
        if outcome.alarms_open or outcome.held or unbound:
            told = Wording(
                f"场次已结束，还有未了事项：警报 {outcome.alarms_open} 个，拦下 {outcome.held} 人，无人照片 {unbound} 张。"
                "请在“事后补录”“对应核查”处理后再交回。",
                f"Closed with loose ends: {outcome.alarms_open} alarms, {outcome.held} held, {unbound} frames without a "
                "person. Mend them under Enter afterwards and Pairing before you hand over.",
            )
            messages.warning(request, say(told))
    return redirect("capture:session", pk=pk)


@tells_matters("capture.open_session")
def before_opening(actor: Actor, session: CaptureSession) -> Iterator[Matter]:
    """A session of a later day is opened early."""
    early = int(session.date > timezone.localdate())
    planned = Wording(
        f"这个场次排在 {session.date:%Y-%m-%d}，不是今天", f"it is planned for {session.date:%Y-%m-%d}, not for today"
    )
    yield Matter(early, planned, reverse("capture:list"))  # the timetable stands on no laptop


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
