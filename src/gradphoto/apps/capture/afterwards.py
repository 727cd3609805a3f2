"""Entered by hand after the collection (R99): a photograph was taken, but there was no card to read, so nobody is on it."""

from __future__ import annotations

import uuid

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.campaigns.steps import require_running
from gradphoto.apps.capture import queries
from gradphoto.apps.capture.forms import EnterAfterwards, people_of
from gradphoto.apps.capture.lifecycle import CHECK_IN, FRAME
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, FrameStatus, Identification
from gradphoto.apps.capture.room.chairs import next_number
from gradphoto.apps.capture.room.frames import judge_if_new
from gradphoto.apps.capture.room.seating import require_same
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse, shortened, stated_reason
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import PageForms, form_action, posted_form, ticks
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import make_first, records_of, seated_as
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

USUAL = (
    Wording("军人，没有二代身份证", "Soldier, without a second-generation ID card"),
    Wording("留学生，没有二代身份证", "Foreign student, without a second-generation ID card"),
    Wording("身份证遗失、消磁或为临时证", "ID card lost, demagnetised or temporary"),
)


@action("capture.enter_afterwards", permission="capture.work")
def enter_afterwards(
    actor: Actor, session: CaptureSession, *, candidate: Candidate, frame: Frame, reason: str, nonce: uuid.UUID
) -> CheckIn:
    """Give a person their shooting number and their photograph after they have gone; a checker confirms it like any other.

    The same ``nonce`` again returns the same check-in. Raises ``capture.sent_before``, ``capture.reason_missing``, ``capture.session_not_open``
    (nothing was shot in it yet), ``capture.method_not_allowed``, ``capture.frame_taken``, ``capture.not_on_list``,
    ``capture.already_photographed``.
    """
    if (known := CheckIn.objects.filter(nonce=nonce).first()) is not None:
        require_same(known, session, candidate)
        return known
    why = stated_reason(reason, "capture.reason_missing")
    require_running(session.campaign)
    frame = Frame.objects.select_for_update().get(pk=frame.pk)
    candidate = seated_as(candidate)
    _require(session, candidate, frame)
    make_first(candidate)
    made: CheckIn = CHECK_IN.begin(
        CheckIn(
            session=session,
            chair=frame.chair,
            campaign=session.campaign,
            candidate=candidate,
            shooting_number=next_number(session, frame.chair),
            method=Identification.MANUAL,
            status=CheckInStatus.SHOT,
            at=room_now(),
            closed_at=room_now(),
            nonce=nonce,
        )
    )
    frame.check_in, frame.evidence = made, {"entered_afterwards": why}
    FRAME.move(frame, "capture.enter_afterwards", fields=("check_in", "evidence"))
    session.alarms.filter(frame=frame, settled_at=None).update(
        settled_at=room_now(), settled_note=shortened(f"事后补录：{why}", 200)
    )
    audit.note(check_in=made.pk, shooting_number=made.shooting_number, frame=frame.pk, reason=why)
    return made


def _require(session: CaptureSession, candidate: Candidate, frame: Frame) -> None:
    if session.status == SessionStatus.PLANNED:
        raise refuse(
            "capture.session_not_open", "本场次未开始。", "The session has not begun.",
            "请先开始场次。", "Open the session first.",
        )  # fmt: skip
    if str(Identification.MANUAL) not in value_of(session.campaign, IDENTIFICATION):
        raise refuse(
            "capture.method_not_allowed", "规则集不允许人工查找。", "The rule set does not allow looking up by hand.",
            "请由管理员修改规则集并注明来源。", "Have the rule set changed, with its source.",
        )  # fmt: skip
    if frame.session_id != session.pk or frame.status != FrameStatus.UNBOUND:
        raise refuse(
            "capture.frame_taken", "这张照片已经有人，或不属于本场次。", "This frame is somebody's, or another session's.",
            "请刷新页面后另选；对应有误请到“对应核查”。", "Reload and choose another; a wrong bond is mended under Pairing.",
        )  # fmt: skip
    if candidate.campaign_id != session.campaign_id or candidate.status not in APPROVED:
        raise refuse(
            "capture.not_on_list", "此人不在核准名单，不能补录。", "This person is not on the approved list.",
            "请学校先在名册中添加并核准。", "Have the school add and accept the person first.",
        )  # fmt: skip
    standing = CheckIn.objects.filter(candidate__in=records_of(candidate).order_by())
    if standing.exclude(status=CheckInStatus.CANCELLED).exists():
        raise refuse(
            "capture.already_photographed", "此人已经拍摄。", "This person is photographed already.",
            "请核对是否选错了人；需要换照片请用重拍。", "See whether it is the right person; use retake for another picture.",
        )  # fmt: skip


@page("capture.work")
def afterwards(request: SignedInRequest, pk: int) -> HttpResponse:
    """Which photograph, whose, and why there was no card."""
    if request.method == "POST":
        form = posted_form(request, (EnterAfterwards,), _session(request, pk))
        return form_action(
            request,
            form,
            again=lambda form: _afterwards(request, pk, form),
            done=lambda made: _entered(request, made),
        )
    return _afterwards(request, pk)


def _session(request: SignedInRequest, pk: int) -> CaptureSession:
    return get_scoped(request.actor, CaptureSession.objects.select_related("campaign__rule_set"), pk=pk)


def _entered(request: SignedInRequest, made: CheckIn) -> HttpResponse:
    for frame in made.frames.all():
        judge_if_new(request.actor, frame)
    return redirect("capture:afterwards", pk=made.session_id)


def _afterwards(request: SignedInRequest, pk: int, posted: EnterAfterwards | None = None) -> HttpResponse:
    session = _session(request, pk)
    found = queries.search(session, request.GET.get("q", ""))
    standing = CheckIn.objects.filter(candidate__in=[one.pk for one in found]).exclude(status=CheckInStatus.CANCELLED)
    done = set(standing.values_list("candidate", flat=True))
    forms = PageForms(request.actor, session, (EnterAfterwards,), posted)
    chosen, frame = ticks(posted, "candidate"), ticks(posted, "frame")
    offered = [one for one in found if one.pk not in done or one.pk in chosen]
    known = {one.pk for one in offered}
    if missing := chosen - known:
        offered += people_of(request.actor, session).filter(pk__in=missing).select_related("department")
    frames = session.frames.filter(Q(status=FrameStatus.UNBOUND) | Q(pk__in=frame)).order_by("arrived_at", "pk")
    context = {
        "session": session,
        "page_forms": forms,
        "frames": frames,
        "q": request.GET.get("q", ""),
        "found": offered,
        "sought": found,
        "chosen": chosen,
        "chosen_frame": frame,
        "usual": USUAL,
    }
    return render(request, "capture/afterwards.html", context)
