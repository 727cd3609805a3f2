"""The door of the make-up form: a code or the personal QR, and the student number (R68, R144).

The same manners as the students' door of the roster, and one count of attempts with it: whatever is wrong, one sentence
and the same work; the code is what is looked up, so a stranger learns nothing of who exists.
"""

from __future__ import annotations

import functools
import hmac
import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.makeup.models import FormCode, MakeUpCase
from gradphoto.apps.makeup.tokens import key_of
from gradphoto.apps.orgs.pages import View
from gradphoto.apps.roster.circles import student
from gradphoto.apps.roster.gate import IDLE_S, knock, succeeded
from gradphoto.apps.roster.typed import plain
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_CASE = "makeup_case"
_SEEN = "makeup_seen"
_CASES = MakeUpCase.objects.select_related(
    "candidate__campaign__school", "candidate__campaign__centre", "candidate__department", "recipient"
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


def identify(*, code: str, student_no: str, address: str) -> MakeUpCase:
    """The case that the code (form code or personal token) and the student number open together.

    Raises ``roster.too_many_attempts`` or ``makeup.code_not_recognised``; every attempt is kept.
    """
    attempt = knock(address, plain(student_no))
    live = FormCode.objects.select_related("case__candidate").filter(code_index=blind_index(plain(code))).first()
    personal = _CASES.filter(key=key_of(code) or "").first()
    found = live.case if live is not None and live.is_live else personal
    expected = blind_index(plain(found.candidate.student_no)) if found else blind_index("no such code")
    same = hmac.compare_digest(blind_index(plain(student_no)), expected)
    if found is None or not same or found.is_over:
        raise CodeRefusal
    succeeded(attempt)
    return found


def begin(request: HttpRequest, case: MakeUpCase) -> None:
    """The code was right: a fresh session key, and the visit's clock starts."""
    request.session.cycle_key()
    request.session[_CASE], request.session[_SEEN] = case.key, time.time()


def end(request: HttpRequest) -> None:
    """Forget the person; a staff sign-in in the same browser stays."""
    request.session.pop(_CASE, None)
    request.session.pop(_SEEN, None)


def visitor(request: HttpRequest) -> MakeUpCase | None:
    """The case of the present visit; None when there is none, it was idle too long, or a new code was given out."""
    key, seen = request.session.get(_CASE), request.session.get(_SEEN, 0.0)
    case = _CASES.filter(key=key).first() if key else None
    if case is None or time.time() - seen > IDLE_S:
        end(request)
        return None
    request.session[_SEEN] = time.time()
    return case


def door(view: View) -> View:
    """The frame of the students' pages: a refusal is told inside it, not on a staff page."""

    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            status = error.status if isinstance(error, Refusal) else 400
            return render(request, "makeup/own_refusal.html", {"error": error}, status=status)

    return open_page


def own_case(view: View) -> View:
    """A page that needs the person: ``request.case`` is his case, he acts as ``request.actor``."""

    @door
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = visitor(request)
        if case is None:
            return redirect("makeupform:enter")
        request.case = case  # type: ignore[attr-defined]
        request.actor = student(case.candidate_id)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return open_page
