"""A graduate's session in the portal, opened with the image card; see ``access.sessions``."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.access.sessions import SessionCookie
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import PortalSession, VerificationCase
from gradphoto.apps.verification.queries import closing_day
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

View = Callable[..., HttpResponse]


class AlreadyFinal(Refusal):
    """A second tab, a double click or a replay after the one confirmation."""

    def __init__(self) -> None:
        super().__init__(
            "verification.already_final",
            Wording("您的校对结论已经提交，不能再次校对。", "Your verification is final; there is no second one."),
            Wording(
                "如发现信息仍有错误，请联系学院教务办公室，由学校办理更正。",
                "If something is still wrong, ask your college's teaching office; the school can correct it.",
            ),
        )


SESSIONS = SessionCookie(PortalSession, "gradphoto_visit", "verification:start")


def begin(request: HttpRequest, candidate: Candidate) -> str:
    """The card was right: a session under a fresh key, which is returned for ``SESSIONS.hand_over``.

    It holds the card, not only the person: a card that is issued anew ends every session of the earlier one.
    """
    return SESSIONS.begin(request, candidate=candidate, card_index=candidate.image_card.code_index)


def signed_in_candidate(request: HttpRequest, *, photo: bool = False) -> Candidate | None:
    """The person of the present session, or None when there is none, it is over, or its card was replaced.

    With ``photo`` the photograph's record comes along, and the idle clock is left alone: a page asks for it by itself.
    """
    found = SESSIONS.current(request, _WITH_PHOTO if photo else _WITH_CASE, renew=not photo)
    if found is None or found.card_index != found.code_index:  # type: ignore[attr-defined]
        return None
    person = found.candidate
    person.closes_on = found.closes_on  # type: ignore[attr-defined]
    request.candidate = person  # type: ignore[attr-defined]
    return person


def _going_on(wanted: str) -> Prepared[PortalSession]:
    """Session, person, case and closing day in one question: it is asked on every page of every phone.

    It has no order, because a candidate's own would join four tables more. The card is compared by the caller: joined by
    its code, PostgreSQL may well walk through all cards to find it.
    """
    sessions = PortalSession.objects.select_related("candidate__campaign__school", "candidate__department", wanted)
    card = F("candidate__image_card__code_index")
    return SESSIONS.going_on(sessions.annotate(closes_on=closing_day("candidate__"), code_index=card).order_by())


_WITH_CASE = _going_on("candidate__verification_case")
_WITH_PHOTO = _going_on("candidate__verification_case__portrait__blob")


def portal_view(view: View) -> View:
    """The frame of every page of the portal: a refusal is told inside the portal, not on a staff page."""

    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            return refusal(request, error)

    return open_page


def refusal(request: HttpRequest, error: GradPhotoError) -> HttpResponse:
    """The portal's page for a refusal; for htmx a sentence in the place for messages: the form stays filled in."""
    if request.htmx:  # type: ignore[attr-defined]
        answer = render(request, "core/refusal_fragment.html", {"error": error})
        answer.headers["HX-Retarget"] = "#messages"
        answer.headers["HX-Reswap"] = "innerHTML show:window:top"
        return answer
    status = error.status if isinstance(error, Refusal) else 400
    return render(request, "verification/portal_refusal.html", {"error": error}, status=status)


def _without_session(request: HttpRequest) -> HttpResponse:
    if not SESSIONS.has_finished(request):
        return SESSIONS.way_in(request, "verification:sign_in")
    if request.method == "POST":
        raise AlreadyFinal
    return redirect("verification:final")


def case_required(view: View) -> View:
    """A page of the portal that needs the person: the case is in ``request.case``, the actor in ``request.actor``."""

    @portal_view
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = signed_in_candidate(request)
        if person is None:
            return _without_session(request)
        case: VerificationCase | None = getattr(person, "verification_case", None)
        if case is None:
            return redirect("verification:not_yet")
        request.case = case  # type: ignore[attr-defined]
        request.actor = Actor.graduate(case.pk)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return open_page
