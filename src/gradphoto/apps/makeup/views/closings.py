"""Pages of the closing sheet: count, agree, tables that came back, receipt, paper."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.fees.models import Receipt
from gradphoto.apps.makeup import closings as sheets
from gradphoto.apps.makeup.crew import TITLES, crew_lines, crew_said, note_crew
from gradphoto.apps.makeup.models import SessionClosing
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import SignedTable
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.schedule.views import paper_response

_SESSIONS = CaptureSession.objects.select_related("campaign__school", "campaign__centre")


@page("makeup.close")
def closings(request: SignedInRequest) -> HttpResponse:
    """All sessions with where their closing stands."""
    found = scoped(request.actor, _SESSIONS).exclude(status=SessionStatus.PLANNED).order_by("-date", "place")
    return render(request, "makeup/closings.html", {"rows": [(session, sheets.standing(session)) for session in found]})


@page("makeup.close")
def closing(request: SignedInRequest, pk: int) -> HttpResponse:
    """One session: the count as it stands, the sheet, the tables, the receipt."""
    session = get_scoped(request.actor, _SESSIONS, pk=pk)
    standing, now = sheets.standing(session), sheets.counts_of(session)
    shown = standing.counts if standing else now
    context = {
        "session": session,
        "closing": standing,
        "counts": shown,
        "ways": [(Identification(way).label, n) for way, n in shown["ways"].items()],
        "changed": standing is not None and (now != standing.counts or session.status != SessionStatus.CLOSED),
        "side": sheets.side_of(request.actor, session),
        "closed": session.status == SessionStatus.CLOSED,
        "tables": sheets.tables_of(request.actor, session),
        "crew": crew_lines(session),
        "may_take_fee": standing is not None and may(request.actor, "makeup.take_fee", standing),
        "may_return": may(request.actor, "makeup.return_table", session),
        "former": session.closings.exclude(voided_at=None).select_related("proposed_by"),
    }
    return render(request, "makeup/closing.html", context)


@page("makeup.close")
@require_POST
def step(request: SignedInRequest, pk: int) -> HttpResponse:
    """One step of a session's closing."""
    session = get_scoped(request.actor, _SESSIONS, pk=pk)
    actor, post = request.actor, request.POST

    def standing() -> SessionClosing:
        found = sheets.standing(session)
        if found is None or str(found.pk) != post.get("closing", ""):
            raise invalid("makeup.closing_moved", "结算单已有变化。", "The sheet has changed meanwhile.",
                          "请刷新页面。", "Reload the page.")  # fmt: skip
        return found

    def receipt() -> None:
        text = post.get("receipt", "").strip()
        known = scoped(actor, Receipt).filter(campaign=session.campaign_id)
        found = next((one for one in known if text and one.number_label == text), None)
        if text and found is None:
            raise invalid("makeup.receipt_unknown", "没有这个收据号。", "There is no such receipt.",
                          "请在“缴费—收据”中核对。", "Look it up under Fees.")  # fmt: skip
        sheets.note_receipt(actor, standing(), receipt=found, note=post.get("note", ""))

    def table() -> None:
        numbers = [post.get(name, "") for name in ("department", "sheets", "table")]
        unit, count, scan = (int(text) if text.isdecimal() else 0 for text in numbers)
        sheets.return_table(
            actor, session, department=get_scoped(actor, Organisation, pk=unit), sheets=count,
            handed_in_by=post.get("handed_in_by", ""), table=scoped(actor, SignedTable).filter(pk=scan).first(),
        )  # fmt: skip

    steps: dict[str, Any] = {
        "propose": lambda: sheets.propose_closing(actor, session),
        "agree": lambda: sheets.agree_closing(actor, standing()),
        "void": lambda: sheets.void_closing(actor, standing(), reason=post.get("reason", "")),
        "receipt": receipt,
        "table": table,
        "crew": lambda: note_crew(actor, session, names={code: post.get(f"crew_{code}", "") for code in TITLES}),
    }
    wanted = post.get("step", "")
    if wanted not in steps:
        raise invalid("makeup.step", "没有这一步。", "There is no such step.", "请刷新页面。", "Reload the page.")
    steps[wanted]()
    return redirect("makeup:closing", pk=pk)


@page("makeup.close")
def sheet(request: SignedInRequest, pk: int) -> HttpResponse:
    """The paper: PDF unless ``as=xlsx``."""
    found = sheets.standing(get_scoped(request.actor, _SESSIONS, pk=pk))
    if found is None:
        raise Http404
    return paper_response(
        sheets.closing_form(found, crew_said(found.session)),
        f"closing-{pk}",
        request.GET.get("as", "pdf"),
        request.LANGUAGE_CODE,
    )
