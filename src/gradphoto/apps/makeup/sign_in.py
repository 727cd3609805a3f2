"""The sign-in of the make-up form: a code or the personal QR, and the student number (R68, R144).

The same manners as the students' own page of the roster, and one count of attempts with it: whatever is wrong, one
sentence and the same work; the code is what is looked up, so a stranger learns nothing of who exists.
"""

from __future__ import annotations

import functools
import hmac
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from gradphoto.apps.access.client import Client
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.sessions import SessionCookie
from gradphoto.apps.access.throttling import mark_succeeded, record_attempt, record_failure
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.makeup.models import FormCode, FormSession, MakeUpCase
from gradphoto.apps.makeup.tokens import key_of
from gradphoto.apps.orgs.pages import View
from gradphoto.apps.roster.permissions import student
from gradphoto.apps.roster.sign_in import subject_of
from gradphoto.apps.roster.typed import plain
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

SESSIONS = SessionCookie(FormSession, "gradphoto_make_up", "makeupform:enter")
_PEOPLE = ("candidate__campaign__school", "candidate__campaign__centre", "candidate__department", "recipient")
_CASES = MakeUpCase.objects.select_related(*_PEOPLE)
_GOING_ON = SESSIONS.going_on(
    FormSession.objects.select_related(*(f"case__{name}" for name in _PEOPLE)).filter(case_key=F("case__key"))
)


class CodeRefusal(Refusal):
    """The one answer to everything that does not open the page."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "makeup.code_not_recognised",
            Wording(
                "补拍码或学号不正确，或补拍码已失效。",
                "The code or the student number is wrong, or the code has ended.",
            ),
            Wording(
                "请对照学院发给您的二维码单重新填写；仍无法进入请联系学院。",
                "Copy them from the slip that your college gave you. If it still fails, ask your college.",
            ),
        )


def identify(*, code: str, student_no: str, client: Client) -> MakeUpCase:
    """The case that the code (form code or personal token) and the student number open together.

    Raises ``access.too_many_attempts`` or ``makeup.code_not_recognised``; every attempt is kept.
    """
    attempt = record_attempt(EntryPoint.MAKE_UP, subject=subject_of(student_no), client=client)
    live = FormCode.objects.select_related("case__candidate").filter(code_index=blind_index(plain(code))).first()
    personal = _CASES.filter(key=key_of(code) or "").first()
    found = live.case if live is not None and live.is_live else personal
    expected = blind_index(plain(found.candidate.student_no)) if found else blind_index("no such code")
    same = hmac.compare_digest(blind_index(plain(student_no)), expected)
    if found is None or not same or found.is_over:
        record_failure(attempt)
        raise CodeRefusal
    mark_succeeded(attempt)
    return found


def begin(request: HttpRequest, case: MakeUpCase) -> str:
    """The code was right: a session under a fresh key, which is returned for ``SESSIONS.hand_over``.

    It holds the case's own key, too: a new code gives the case another key and so ends every session before it.
    """
    return SESSIONS.begin(request, case=case, case_key=case.key)


def signed_in_case(request: HttpRequest) -> MakeUpCase | None:
    """The case of the present session; None when there is none, it is over, or a new code was given out."""
    found = SESSIONS.current(request, _GOING_ON)
    return found.case if found else None


def portal_view(view: View) -> View:
    """The frame of the students' pages: a refusal is told inside it, not on a staff page."""

    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            status = error.status if isinstance(error, Refusal) else 400
            return render(request, "makeup/own_refusal.html", {"error": error}, status=status)

    return open_page


def case_required(view: View) -> View:
    """A page that needs the person: the case is in ``request.case``, the actor in ``request.actor``."""

    @portal_view
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        case = signed_in_case(request)
        if case is None:
            return SESSIONS.way_in(request, "makeupform:enter")
        request.case = case  # type: ignore[attr-defined]
        request.actor = student(case.candidate_id)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return open_page
