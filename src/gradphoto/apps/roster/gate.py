"""The students' door: personal code and student number in, a person out. It tells a stranger nothing (R24, R165).

As at the graduates' portal: whatever is wrong, the answer is one sentence and the work is the same; the code is what is
looked up, so a stranger's query finds nothing whether the student exists or not. The name is not asked for: it may be
the very thing that is wrong.
"""

from __future__ import annotations

import functools
import hmac
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.roster.circles import by_the_student, student
from gradphoto.apps.roster.models import AttemptOutcome, Candidate, SigningAttempt, SigningCode
from gradphoto.apps.roster.typed import plain
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

WINDOW = timedelta(minutes=15)
FAILURES_PER_STUDENT = 10
FAILURES_PER_ADDRESS = 30
"""A whole class may stand behind one address of the campus; a code of ten characters is not guessed in 30 tries."""
KEPT_FOR = timedelta(days=180)
IDLE_S = 20 * 60
_CODE = "signing_code"
_SEEN = "signing_seen"
_DONE = "signing_done"

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


class TooManyAttempts(Refusal):
    """The door stays shut for a while: the same for persons who exist and persons who do not."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "roster.too_many_attempts",
            Wording("尝试次数过多。", "Too many attempts."),
            Wording(
                "请在 15 分钟后对照核对单再试；不得代他人签字。",
                "Try again in 15 minutes with your slip at hand. Do not sign for another person.",
            ),
        )


def identify(*, code: str, student_no: str, address: str) -> SigningCode:
    """The live code of exactly this student. Raises ``TooManyAttempts`` or ``CodeRefusal``; every attempt is kept."""
    attempt = knock(address, plain(student_no))
    found = SigningCode.objects.select_related("candidate").filter(code_index=blind_index(plain(code))).first()
    expected = blind_index(plain(found.candidate.student_no)) if found else blind_index("no such code")
    same = hmac.compare_digest(blind_index(plain(student_no)), expected)
    if found is None or not same or not found.is_live:
        raise CodeRefusal
    succeeded(attempt)
    return found


def knock(address: str, student_no: str) -> SigningAttempt:
    """Count this attempt as failed until it succeeds, so that parallel attempts cannot slip past the limit.

    The make-up form's door knocks here too: one count for all doors of the students. Raises ``TooManyAttempts``.
    """
    now = timezone.now()
    with transaction.atomic():
        attempt = SigningAttempt.objects.create(
            at=now, address_index=blind_index(address), student_index=blind_index(student_no)
        )
        recent = SigningAttempt.objects.filter(outcome=AttemptOutcome.FAILED, at__gt=now - WINDOW)
        too_many = (
            recent.filter(student_index=attempt.student_index).count() > FAILURES_PER_STUDENT
            or recent.filter(address_index=attempt.address_index).count() > FAILURES_PER_ADDRESS
        )
        if too_many:
            # A refused attempt does not lengthen the wait.
            SigningAttempt.objects.filter(pk=attempt.pk).update(outcome=AttemptOutcome.REFUSED)
    if too_many:
        raise TooManyAttempts
    return attempt


def succeeded(attempt: SigningAttempt) -> None:
    """The attempt opened the door: it no longer counts against anybody."""
    SigningAttempt.objects.filter(pk=attempt.pk).update(outcome=AttemptOutcome.SUCCEEDED)


def forget_old_attempts() -> int:
    """Drop the record of attempts older than ``KEPT_FOR``; returns how many."""
    return SigningAttempt.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


@action("roster.open_own_row", permission=by_the_student)
def open_own_row(actor: Actor, candidate: Candidate) -> None:
    """The student sees his own data, ID number included. Every visit is one audit entry."""


def begin(request: HttpRequest, code: SigningCode) -> None:
    """The code was right: a fresh session key, and the visit's clock starts."""
    request.session.cycle_key()
    request.session[_CODE], request.session[_SEEN] = code.pk, time.time()
    request.session.pop(_DONE, None)
    open_own_row(student(code.candidate_id), code.candidate)


def end(request: HttpRequest, *, done: bool = False) -> None:
    """Forget the person; a staff sign-in in the same browser stays. ``done`` lets the closing page be shown."""
    request.session.pop(_CODE, None)
    request.session.pop(_SEEN, None)
    if done:
        request.session[_DONE] = True


def has_signed(request: HttpRequest) -> bool:
    """Whether this browser's last visit ended with the signature."""
    return bool(request.session.get(_DONE))


def visitor(request: HttpRequest) -> Candidate | None:
    """The person of the present visit; None when there is none, it was idle too long, or the code ended meanwhile."""
    pk, seen = request.session.get(_CODE), request.session.get(_SEEN, 0.0)
    if pk is None:
        return None
    code = (
        SigningCode.objects.select_related("candidate__department", "candidate__campaign__school").filter(pk=pk).first()
    )
    if code is None or not code.is_live or time.time() - seen > IDLE_S:
        end(request)
        return None
    request.session[_SEEN] = time.time()
    return code.candidate


def door(view: View) -> View:
    """The frame of every page of the students: a refusal is told inside it, not on a staff page."""

    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            status = error.status if isinstance(error, Refusal) else 400
            return render(request, "roster/sign_refusal.html", {"error": error}, status=status)

    return open_page


def own_row(view: View) -> View:
    """A page that needs the person: ``request.candidate`` is his row, he acts as ``request.actor``."""

    @door
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        person = visitor(request)
        if person is None:
            return redirect("sign:done" if has_signed(request) else "sign:enter")
        request.candidate = person  # type: ignore[attr-defined]
        request.actor = student(person.pk)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return open_page
