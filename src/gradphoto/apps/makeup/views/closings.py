"""Pages of the closing sheet: count, agree, tables that came back, receipt, paper."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.capture.models import Identification
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.makeup import closings as sheets
from gradphoto.apps.makeup.crew import crew_said
from gradphoto.apps.makeup.forms.closings import SESSION_FORMS, SHEET_FORMS, ReturnTable
from gradphoto.apps.makeup.lists import CLOSINGS
from gradphoto.apps.makeup.models import ReturnedTable, SessionClosing, SessionCrew
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_of
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.schedule.views import paper_response

_SESSIONS = CaptureSession.objects.select_related("campaign__school", "campaign__centre")


@page("makeup.close")
def closings(request: SignedInRequest) -> HttpResponse:
    """All sessions with where their closing stands."""
    listing = CLOSINGS.page(request)
    return render(request, "makeup/closings.html", {"listing": listing, "tabs": listing.tabs("closing")})


@page("makeup.close")
def closing(request: SignedInRequest, pk: int) -> HttpResponse:
    """One session: the count as it stands, the sheet, the tables, the receipt."""
    if request.method == "POST":
        form = _posted(request, get_scoped(request.actor, _SESSIONS, pk=pk))
        return form_action(
            request,
            form,
            again=lambda form: _closing(request, pk, form),
            done=lambda made: redirect("makeup:closing", pk=pk),
        )
    return _closing(request, pk)


def _posted(request: SignedInRequest, session: CaptureSession) -> ActionForm:
    """The form that was sent, about the session or about the sheet that stands."""
    standing = sheets.standing(session)
    known: dict[type[ActionForm], Any] = dict.fromkeys((*SESSION_FORMS, ReturnTable), session)
    if standing is not None:
        known.update(dict.fromkeys(SHEET_FORMS, standing))
    form = posted_of(request, known)
    if isinstance(form, ReturnTable) and form.department() is None:
        raise Http404
    return form


def _closing(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    actor, session = request.actor, get_scoped(request.actor, _SESSIONS, pk=pk)
    standing, now = sheets.standing(session), sheets.counts_of(session)
    shown = standing.counts if standing else now
    context = {
        "session": session,
        "closing": standing,
        "counts": shown,
        "ways": [(Identification(way).label, n) for way, n in shown["ways"].items()],
        "changed": standing is not None and (now != standing.counts or session.status != SessionStatus.CLOSED),
        "side": sheets.side_of(actor, session),
        "closed": session.status == SessionStatus.CLOSED,
        "page_forms": _forms(actor, session, standing, posted),
        "tables": _tables(actor, session, posted),
        "crew_is_noted": SessionCrew.objects.filter(session=session).exists(),
        "may_take_fee": standing is not None and may(actor, "makeup.take_fee", standing),
        "may_return": may(actor, "makeup.return_table", session),
        "former": session.closings.exclude(voided_at=None).select_related("proposed_by"),
    }
    return render(request, "makeup/closing.html", context)


def _forms(
    actor: Actor, session: CaptureSession, standing: SessionClosing | None, posted: ActionForm | None
) -> dict[str, ActionForm | None]:
    """The forms about the session and those about its sheet, by name; a refused one in its place, or displaced."""
    groups = [PageForms(actor, session, SESSION_FORMS, posted)]
    if standing is not None:
        groups.append(PageForms(actor, standing, SHEET_FORMS, posted, key=str(standing.pk)))
    found: dict[str, ActionForm | None] = {form.which(): form for group in groups for form in group}
    kept = posted is None or posted.which() in found or isinstance(posted, ReturnTable)
    return found | {"displaced": None if kept else posted}


def _tables(
    actor: Actor, session: CaptureSession, posted: ActionForm | None
) -> list[tuple[Organisation, ReturnedTable | None, ReturnTable]]:
    """College by college: the table that came back, and the form that puts it down."""
    sent = posted if isinstance(posted, ReturnTable) else None
    found = []
    for unit, back in sheets.tables_of(session):
        known = {"handed_in_by": back.handed_in_by, "sheets": back.sheets, "table": back.table_id} if back else {}
        own = sent if sent is not None and sent.key == str(unit.pk) else None
        found.append((unit, back, own or ReturnTable(actor, session, key=str(unit.pk), initial=known)))
    return found


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
