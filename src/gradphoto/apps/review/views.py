"""Pages of the review: the queue with its big picture, the decisions, the bulk acceptance, the statistics."""

from __future__ import annotations

import re
import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture import jobs
from gradphoto.apps.capture.assessments import present_assessment
from gradphoto.apps.capture.drawing import draw
from gradphoto.apps.capture.models import Frame, FrameStatus, Identification
from gradphoto.apps.capture.reasons import picklist, title_of
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.forms import form_action, posted_form, sent_values
from gradphoto.apps.pages.listing import page_of
from gradphoto.apps.review import actions, bulk, queue, statistics
from gradphoto.apps.review.forms import AcceptPassedForm, DecideForm, RejectFrame, seen_of
from gradphoto.apps.review.models import Choice, FrameReview, ReviewDecision
from gradphoto.apps.review.queue import Wanted
from gradphoto.apps.review.standing import STANDING, Seen, review_of
from gradphoto.apps.roster.status_marks import is_marked, marks_of
from gradphoto.engine.wording import Wording

PAGE = 60
_DONE, _MOST_UNDO = "review_done", 100
_SHOWN = re.compile(r"(\d{1,12})\.(\d{1,9})\.(\d{1,12})")


@page("review.decide")
def review(request: SignedInRequest) -> HttpResponse:
    """What awaits a person's look: tiles, exceptions first, and one of them large."""
    campaigns, wanted = queue.campaigns(request.actor), Wanted.read(request.GET)
    campaign = _campaign(campaigns, wanted)
    context: dict[str, Any] = {"campaigns": campaigns, "campaign": campaign, "wanted": wanted, "states": queue.STATES}
    if campaign is None:
        return render(request, "review/review.html", context)
    found = queue.frames(request.actor, campaign, wanted)
    listed = queue.exceptions_first(queue.in_state(found, wanted.state))
    here = page_of(listed.select_related("check_in__candidate", "review"), PAGE, request.GET.get("page"))
    frames = list(here.object_list)
    context |= _progress(found) | _choices(request, campaign)
    present = queue.with_present(frames)
    marks = marks_of(frame.check_in.candidate_id for frame in frames if frame.check_in)
    context |= {"page": here, "tiles": [_tile(frame, present, marks) for frame in frames]}
    context |= _maintenance(request, campaign)
    shown = _chosen(request, frames)
    if shown is not None:
        context |= _big(request, shown)
    return render(request, "review/review.html", context)


def _campaign(campaigns: list[Campaign], wanted: Wanted) -> Campaign | None:
    by_pk = {campaign.pk: campaign for campaign in campaigns}
    return by_pk.get(wanted.campaign or 0) or (campaigns[0] if campaigns else None)


def _choices(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    """What the filter offers."""
    people = campaign.candidates.filter(check_ins__isnull=False)
    departments = scoped(request.actor, Organisation).filter(candidates__campaign=campaign).distinct()
    return {
        "sessions": list(campaign.sessions.all()),
        "seasons": Season.choices,
        "departments": list(departments),
        "classes": list(people.values_list("class_name", flat=True).order_by("class_name").distinct()),
        "rules": [(code, title_of(code)) for code in queue.rule_choices(campaign)],
        "outcomes": queue.OUTCOMES,
    }


def _maintenance(request: SignedInRequest, campaign: Campaign) -> dict[str, Any]:
    """Frames measured by an older engine, and the job that measures them again."""
    may_reassess = may(request.actor, "capture.reassess", campaign)
    job = Job.objects.filter(kind="capture.reassess", params__campaign=campaign.pk).first()
    outdated = jobs.outdated(campaign).count() if may_reassess else 0
    return {"may_reassess": may_reassess, "outdated": outdated, "job": job if job and not job.is_over else None}


def _progress(found: QuerySet[Frame]) -> dict[str, Any]:
    counts = queue.counts(found)
    total = sum(counts.values())
    done = total - counts["awaiting"]
    return {"counts": counts, "total": total, "done": done, "percent": round(100 * done / total) if total else 0}


def _tile(frame: Frame, present: dict[int, Any], marks: dict[int, str]) -> dict[str, Any]:
    assert frame.check_in is not None
    assessment, found = present.get(frame.pk), getattr(frame, "review", None)
    findings = assessment.findings if assessment else []
    return {
        "frame": frame,
        "mark": marks.get(frame.check_in.candidate_id, ""),
        "outcome": assessment.outcome if assessment else "none",
        "first": title_of(findings[0]["code"]) if findings else None,
        "more": sum(not item.get("explained_by") for item in findings) - 1,
        "state": "rejected" if frame.status == FrameStatus.REJECTED else found.state if found else "awaiting",
    }


def _chosen(request: SignedInRequest, frames: list[Frame]) -> Frame | None:
    wanted = request.GET.get("frame", "")
    if wanted.isascii() and wanted.isdigit():
        return _frame(request, int(wanted))
    return _frame(request, frames[0].pk) if frames else None


def _frame(request: SignedInRequest, pk: int) -> Frame:
    frames = Frame.objects.filter(check_in__isnull=False).select_related(
        "check_in__candidate__department", "check_in__campaign__rule_set", "session", "review__decided_by"
    )
    return get_scoped(request.actor, frames, pk=pk)


def _big(request: SignedInRequest, frame: Frame, posted: RejectFrame | None = None) -> dict[str, Any]:
    """Everything of the big picture: the drawing, the picklist, the history, and what the reviewer is about to see."""
    assessment, found = present_assessment(frame), getattr(frame, "review", None)
    assert frame.check_in is not None
    decisions = found.decisions.select_related("by").prefetch_related("reasons") if found else []
    decidable = frame.packed_at is None and frame.status == FrameStatus.ACCEPTED and frame.check_in.status in STANDING
    codes = [item["code"] for item in assessment.findings] if assessment else []
    form = posted or RejectFrame(request.actor, found, initial={"reason": codes})
    return {
        "frame": frame,
        "reject": form,
        "page_forms": {"displaced": posted if posted and not decidable else None},
        "mark": marks_of([frame.check_in.candidate_id]).get(frame.check_in.candidate_id, ""),
        "review": found,
        "drawing": draw(frame, assessment),
        "assessment": assessment,
        "picks": picklist(codes),
        "decisions": decisions,
        "retake": frame.retake_requests.filter(withdrawn_at=None).select_related("fulfilled_by").first(),
        "decidable": decidable,
        "undoable": bool(request.session.get(_DONE)),
    }


@page("review.decide")
def review_frame(request: SignedInRequest, pk: int) -> HttpResponse:
    """One frame large; as a page of its own it opens the queue at it."""
    frame = _frame(request, pk)
    if not request.htmx:
        assert frame.check_in is not None
        return redirect(f"{reverse('review:list')}?campaign={frame.check_in.campaign_id}&state=all&frame={pk}")
    return render(request, "review/frame.html", _big(request, frame))


@page("review.decide")
def review_decide(request: SignedInRequest, pk: int) -> HttpResponse:
    """Accept, reject or hold; the answer is the next frame, with the tile and the counter brought up to date."""
    frame = _frame(request, pk)
    if request.method != "POST":
        return redirect("review:frame", pk=pk)
    given, place = sent_values(request, DecideForm), review_of(frame)
    if given["choice"] == Choice.REJECT:
        return form_action(
            request,
            posted_form(request, (RejectFrame,), place),
            again=lambda form: _refused(request, pk, form),
            done=lambda decision: _decided(request, decision, given["next"]),
        )
    decide = actions.accept if given["choice"] == Choice.ACCEPT else actions.hold
    return _decided(request, decide(request.actor, place, seen=seen_of(given)), given["next"])


def _decided(request: SignedInRequest, decision: ReviewDecision, following: int | None) -> HttpResponse:
    _remember(request, str(decision.pk))
    return _answer(request, decision.review.frame_id, following)


def _refused(request: SignedInRequest, pk: int, posted: RejectFrame) -> HttpResponse:
    """The frame as it is now, with what was ticked and typed; without htmx on a page of its own."""
    context = _big(request, _frame(request, pk), posted) | {"back": _list_url(_asked(request))}
    return render(request, "review/frame.html" if request.htmx else "review/refused.html", context)


def _remember(request: SignedInRequest, what: str) -> None:
    """What U takes back, last first, for as long as the person is signed in."""
    request.session[_DONE] = [*request.session.get(_DONE, []), what][-_MOST_UNDO:]


def _answer(request: SignedInRequest, changed: int, following: int | None) -> HttpResponse:
    """After a decision: the next frame large, the changed tile and the counter out of band; without htmx the list."""
    asked = _asked(request)
    if not request.htmx:
        return redirect(_list_url(asked))
    if following is None:
        return _go(_list_url(asked))
    frame = _frame(request, changed)
    assert frame.check_in is not None
    found = queue.frames(request.actor, frame.check_in.campaign, Wanted.read(asked))
    tile = _tile(frame, queue.with_present([frame]), marks_of([frame.check_in.candidate_id]))
    context = {"changed": tile} | _progress(found) | _big(request, _frame(request, following))
    return render(request, "review/answer.html", context)


def _asked(request: SignedInRequest) -> QueryDict:
    """The filter of the page that the request came from."""
    address = (request.htmx.current_url if request.htmx else request.headers.get("Referer")) or ""
    return QueryDict(address.partition("?")[2].partition("#")[0])


def _list_url(asked: QueryDict) -> str:
    kept = asked.copy()
    for name in ("frame", "page"):
        kept.pop(name, None)
    return f"{reverse('review:list')}?{kept.urlencode()}" if kept else reverse("review:list")


@page("review.decide")
@require_POST
def review_undo(request: SignedInRequest) -> HttpResponse:
    """Take back this person's last decision of this sign-in: one frame, or a whole bulk acceptance."""
    done = list(request.session.get(_DONE, []))
    if not done:
        raise invalid(
            "capture.nothing_to_undo",
            "本次登录中没有可撤销的决定。",
            "There is nothing to undo since you signed in.",
            "更早的决定请在该照片上重新作出。",
            "For earlier decisions open the photograph and decide anew.",
        )
    last = done.pop()
    # Taken off first: what cannot be undone now will not be undoable later either, and must not block the one before.
    request.session[_DONE] = done
    request.session.save()
    if not last.isdigit():
        return _undo_batch(request, uuid.UUID(last))
    decision = ReviewDecision.objects.select_related("review").filter(pk=int(last)).first()
    if decision is None:
        raise Http404
    place = get_scoped(request.actor, FrameReview, pk=decision.review_id)
    actions.undo(request.actor, place, decision=decision)
    return _answer(request, place.frame_id, place.frame_id)


def _undo_batch(request: SignedInRequest, batch: uuid.UUID) -> HttpResponse:
    campaign = get_scoped(
        request.actor, Campaign.objects.filter(check_ins__frames__review__decisions__batch=batch).distinct()
    )
    result = bulk.undo_batch(request.actor, campaign, batch=batch)
    left = len(result.refused)
    messages.success(request, say(Wording(f"已撤销 {result.done} 张。", f"{result.done} undone.")))
    if left:
        messages.warning(request, say(Wording(f"{left} 张不能撤销。", f"{left} could not be undone.")))
    address = _list_url(_asked(request))
    return _go(address) if request.htmx else redirect(address)


def _go(address: str) -> HttpResponse:
    """Have htmx load another page."""
    response = HttpResponse()
    response.headers["HX-Redirect"] = address
    return response


@page("review.decide")
def accept_passed(request: SignedInRequest) -> HttpResponse:
    """Accept all that the engine passed: first how many and whose, then, once confirmed, the result row by row."""
    campaign = _campaign(queue.campaigns(request.actor), Wanted.read(request.GET))
    if campaign is None:
        return redirect("review:list")
    if request.method == "POST":
        shown = {
            int(pk): Seen(int(version), int(assessment))
            for pk, version, assessment in _SHOWN.findall(sent_values(request, AcceptPassedForm)["shown"])
        }
        result = bulk.accept_passed(request.actor, campaign, shown=shown)
        if result.done:
            _remember(request, str(result.batch))
        context = {"campaign": campaign, "result": result, "back": _list_url(request.GET)}
        return render(request, "review/accepted.html", context)
    params = request.GET.copy()
    params["outcome"], params["state"] = "pass", "awaiting"
    awaiting = queue.in_state(queue.frames(request.actor, campaign, Wanted.read(params)), "awaiting")
    found = awaiting.exclude(check_in__method=Identification.SELF_PHOTO)
    marked = found.filter(is_marked("check_in__candidate"))
    rows = queue.rows_to_accept(found.exclude(is_marked("check_in__candidate")))
    context = {
        "campaign": campaign,
        "marked": marked.count(),
        "own": awaiting.filter(check_in__method=Identification.SELF_PHOTO).count(),
        "count": len(rows),
        "shown": ",".join(f"{pk}.{version or 0}.{assessment}" for pk, version, assessment, *_ in rows),
        "people": [(f"{number:05d}", name) for *_, number, name in rows[:PAGE]],
        "back": _list_url(request.GET),
    }
    return render(request, "review/accept_passed.html", context)


@page("review.decide")
def review_statistics(request: SignedInRequest) -> HttpResponse:
    """Why photographs fail: by rule, reason, department and hour; every number opens the list behind it."""
    campaigns, wanted = queue.campaigns(request.actor), Wanted.read(request.GET)
    campaign = _campaign(campaigns, wanted)
    found = statistics.tables(request.actor, campaign, wanted) if campaign else ()
    if campaign and request.GET.get("format") == "xlsx":
        return download(statistics.workbook(campaign.title, found), f"review-{campaign.pk}.xlsx")
    kept = request.GET.copy()
    for name in ("state", "outcome", "format", "rule", "reason", "hour"):
        kept.pop(name, None)
    context: dict[str, Any] = {"campaigns": campaigns, "campaign": campaign, "wanted": wanted, "tables": found}
    context |= {"kept": kept.urlencode(), "seasons": Season.choices}
    if campaign:
        context["sessions"] = list(campaign.sessions.all())
    return render(request, "review/statistics.html", context)


@page("capture.reassess")
@require_POST
def review_reassess(request: SignedInRequest, pk: int) -> HttpResponse:
    """Start measuring again what an older engine measured."""
    jobs.reassess(request.actor, get_scoped(request.actor, Campaign, pk=pk))
    return redirect(f"{reverse('review:list')}?campaign={pk}")
