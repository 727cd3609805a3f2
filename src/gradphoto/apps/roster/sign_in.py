"""The students' own sign-in: personal code and student number in, a person out. It tells a stranger nothing (R24, R165).

As at the graduates' portal: whatever is wrong, the answer is one sentence and the work is the same; the code is what is
looked up, so a stranger's query finds nothing whether the student exists or not. The name is not asked for: it may be
the very thing that is wrong.
"""

from __future__ import annotations

import functools
import hmac
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.access.client import Client
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.sessions import SessionCookie
from gradphoto.apps.access.throttling import mark_succeeded, record_attempt, record_failure
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.roster.models import Candidate, SigningCode, SigningSession
from gradphoto.apps.roster.permissions import by_the_student, student
from gradphoto.apps.roster.typed import plain
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

SESSIONS = SessionCookie(SigningSession, "gradphoto_signing", "sign:enter")
_WITH_PERSON = SESSIONS.going_on(
    SigningSession.objects.select_related("code__candidate__department", "code__candidate__campaign__school")
)

View = Callable[..., HttpResponse]


class CodeRefusal(Refusal):
    """The one answer to everything that does not open the page."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "roster.code_not_recognised",
            Wording(
                "核对码或学号不正确，或核对码已失效。",
                "The code or the student number is wrong, or the code has ended.",
            ),
            Wording(
                "请对照学院发给您的核对单重新填写；仍无法进入请联系辅导员。",
                "Copy them from the slip that your college gave you. If it still fails, ask your counsellor.",
            ),
        )


def identify(*, code: str, student_no: str, client: Client) -> SigningCode:
    """The live code of exactly this student. Raises ``TooManyAttempts`` or ``CodeRefusal``; every attempt is kept."""
    attempt = record_attempt(EntryPoint.SIGNING, subject=subject_of(student_no), client=client)
    found = SigningCode.objects.select_related("candidate").filter(code_index=blind_index(plain(code))).first()
    expected = blind_index(plain(found.candidate.student_no)) if found else blind_index("no such code")
    same = hmac.compare_digest(blind_index(plain(student_no)), expected)
    if found is None or not same or not found.is_live:
        record_failure(attempt)
        raise CodeRefusal
    mark_succeeded(attempt)
    return found


def subject_of(student_no: str) -> str:
    """By what attempts are counted: one count with the make-up form, whose codes the same person gets."""
    return f"student|{plain(student_no)}"


@action("roster.open_own_row", permission=by_the_student)
def open_own_row(actor: Actor, candidate: Candidate) -> None:
    """The student sees the own data, ID number included. Every sign-in is one audit entry."""


def begin(request: HttpRequest, code: SigningCode) -> str:
    """The code was right: a session under a fresh key, which is returned for ``SESSIONS.hand_over``."""
    open_own_row(student(code.candidate_id), code.candidate)
    return SESSIONS.begin(request, code=code)


def signed_in_candidate(request: HttpRequest) -> Candidate | None:
    """The person of the present session; None when there is none, it is over, or the code ended meanwhile."""
    found = SESSIONS.current(request, _WITH_PERSON)
    if found is None:
        return None
    if not found.code.is_live:
        SESSIONS.end(request)
        return None
    return found.code.candidate


def portal_view(view: View) -> View:
    """The frame of every page of the students: a refusal is told inside it, not on a staff page."""

    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            status = error.status if isinstance(error, Refusal) else 400
            return render(request, "roster/sign_refusal.html", {"error": error}, status=status)

    return open_page


def candidate_required(view: View) -> View:
    """A page that needs the person: the row is in ``request.candidate``, the actor in ``request.actor``."""

    @portal_view
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = signed_in_candidate(request)
        if person is None:
            finished = SESSIONS.has_finished(request)
            return redirect("sign:done") if finished else SESSIONS.way_in(request, "sign:enter")
        request.candidate = person  # type: ignore[attr-defined]
        request.actor = student(person.pk)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return open_page
