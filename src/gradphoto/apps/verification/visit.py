"""A graduate's visit to the portal: a row of its own and a cookie that only the portal gets, 20 idle minutes long.

It is no session of the site: a staff sign-in in the same browser is neither touched nor needed, the log-in writes the
visit in the transaction of everything else it writes, and a page reads visit and person with one question.
"""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import VerificationCase, Visit
from gradphoto.apps.verification.queries import closing_day
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

COOKIE = "gradphoto_visit"
IDLE = timedelta(minutes=20)
KEPT_FOR = timedelta(days=1)
_RENEW = timedelta(seconds=30)
_KEY_BYTES = 32

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


def begin(request: HttpRequest, candidate: Candidate) -> str:
    """The card was right: a visit under a fresh key, which is returned for ``hand_over``. What the browser held ends."""
    _presented(request).delete()
    key = secrets.token_hex(_KEY_BYTES)
    Visit.objects.create(key_index=blind_index(key), candidate=candidate)
    return key


def hand_over(answer: HttpResponse, key: str) -> HttpResponse:
    """Give the browser the key of its visit: no script sees it, and only the portal's own addresses get it."""
    answer.set_cookie(
        COOKIE,
        key,
        path=reverse("verification:start"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer


def end(request: HttpRequest, *, final: bool = False) -> None:
    """Forget the person; ``final`` lets the closing page be shown."""
    if final:
        _presented(request).update(ended_at=timezone.now())
    else:
        _presented(request).delete()


def has_ended(request: HttpRequest) -> bool:
    """Whether this browser's last visit ended with the final confirmation."""
    return _presented(request).filter(ended_at__isnull=False).exists()


def forget_old_visits() -> int:
    """Drop visits that nobody can go on with; returns how many."""
    return Visit.objects.filter(seen_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _presented(request: HttpRequest) -> QuerySet[Visit]:
    """The visit whose key this browser shows; nothing where it shows none."""
    key = request.COOKIES.get(COOKIE, "")
    return Visit.objects.filter(key_index=blind_index(key)) if key else Visit.objects.none()


def visitor(request: HttpRequest, *, photo: bool = False) -> Candidate | None:
    """The person of the present visit, or None when there is none or it was idle too long.

    With ``photo`` the photograph's record comes along, and the visit's clock is left alone: a page asks for it by itself.
    """
    key = request.COOKIES.get(COOKIE, "")
    found = next(iter(_going_on(photo).filter(key_index=blind_index(key))), None) if key else None
    if found is None:
        return None
    idle = timezone.now() - found.seen_at
    if idle > IDLE:
        end(request)
        return None
    if not photo and idle > _RENEW:
        with transaction.atomic():
            Visit.objects.filter(pk=found.pk).update(seen_at=timezone.now())
    person = found.candidate
    person.closes_on = found.closes_on  # type: ignore[attr-defined]
    request.visitor = person  # type: ignore[attr-defined]
    return person


@functools.cache
def _going_on(photo: bool) -> QuerySet[Visit]:
    """Visit, person, case and closing day in one question, put together once: it is asked on every page of every phone.

    Never evaluated itself: every use filters it, which makes a copy. It has no order, because a candidate's own would
    join four tables more.
    """
    wanted = "candidate__verification_case" + ("__portrait__blob" if photo else "")
    visits = Visit.objects.select_related("candidate__campaign__school", "candidate__department", wanted)
    return visits.filter(ended_at__isnull=True).annotate(closes_on=closing_day("candidate__")).order_by()


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
