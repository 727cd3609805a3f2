"""A graduate's visit to the portal: its own keys in the session, apart from any staff sign-in, 20 idle minutes long."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.queries import with_closing
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

IDLE_S = 20 * 60
_RENEW_S = 30

_PERSON = "portal_person"
_SEEN = "portal_seen"
_ENDED = "portal_ended"

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


def begin(request: HttpRequest, candidate: Candidate) -> None:
    """The card was right: a fresh session key (nobody may have planted the old one), and the visit's clock starts."""
    request.session.cycle_key()
    request.session[_PERSON] = candidate.pk
    request.session[_SEEN] = time.time()
    request.session.pop(_ENDED, None)


def end(request: HttpRequest, *, final: bool = False) -> None:
    """Forget the person; a staff sign-in in the same browser stays. ``final`` lets the closing page be shown."""
    request.session.pop(_PERSON, None)
    request.session.pop(_SEEN, None)
    if final:
        request.session[_ENDED] = True


def has_ended(request: HttpRequest) -> bool:
    """Whether this browser's last visit ended with the final confirmation."""
    return bool(request.session.get(_ENDED))


def visitor(request: HttpRequest, *, photo: bool = False) -> Candidate | None:
    """The person of the present visit, or None when there is none or it was idle too long.

    With ``photo`` the photograph's record comes along, and the visit's clock is left alone: a page asks for it by itself.
    """
    pk, seen = request.session.get(_PERSON), request.session.get(_SEEN, 0.0)
    if pk is None:
        return None
    now = time.time()
    if now - seen > IDLE_S:
        end(request)
        return None
    if not photo and now - seen > _RENEW_S:
        request.session[_SEEN] = now
    wanted = "verification_case__portrait__blob" if photo else "verification_case"
    with_case = Candidate.objects.select_related("campaign__school", "department", wanted)
    # By its key and without an order: a candidate's own order joins four tables more, on every page of every phone.
    return next(iter(with_closing(with_case.filter(pk=pk).order_by())), None)


def portal(view: View) -> View:
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


def _without_visit(request: HttpRequest) -> HttpResponse:
    if not has_ended(request):
        return redirect("verification:sign_in")
    if request.method == "POST":
        raise AlreadyFinal
    return redirect("verification:final")


def owner(view: View) -> View:
    """A page of the portal that needs the person: his case is in ``request.case``, he acts as ``request.actor``."""

    @portal
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = visitor(request)
        if person is None:
            return _without_visit(request)
        case: VerificationCase | None = getattr(person, "verification_case", None)
        if case is None:
            return redirect("verification:not_yet")
        request.case = case  # type: ignore[attr-defined]
        request.actor = Actor.graduate(case.pk)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return open_page
