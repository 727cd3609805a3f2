"""Attempts to enter are counted and slowed down, never locked: a stranger cannot keep the right person out (R165).

A whole campus stands behind one address (NAT), so no address is ever shut: waiting times grow for one subject (a card,
a student, an account) from one address. A subject that is tried from many addresses waits, too, but never longer than
a minute, and not where it was opened before. Where the entry point knows browsers (staff), a browser in which the
subject signed in before counts its own failures alone, whatever strangers do at the same address; and somebody who
tries one password on many names is slowed down: at the address, or in the browser where the person signed in before.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models, transaction
from django.db.models import Count
from django.http import HttpResponse
from django.utils import timezone

from gradphoto.apps.access.client import Client
from gradphoto.apps.access.models import AccessAttempt, AttemptOutcome, EntryPoint
from gradphoto.apps.core.encryption import blind_index, is_same_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.prepared import Change, Prepared, add
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=180)
"""How long attempts are kept; so long a browser counts as known."""
_MOST_FAILURES_READ = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures within ``window`` are free, and how the waits after them grow (twice as long each time)."""

    window: timedelta = timedelta(hours=1)
    first_wait: timedelta = timedelta(seconds=15)
    free_here: int = 3
    longest_here: timedelta = timedelta(minutes=15)
    free_everywhere: int = 30
    longest_everywhere: timedelta = timedelta(minutes=1)
    free_subjects_of_an_address: int | None = None
    """How many different subjects may fail at one address before a spray is assumed; None: no limit (a campus)."""
    longest_of_a_spray: timedelta = timedelta(minutes=1)
    suspicious_failures: int = 200


FOR_GRADUATES = Limits()
FOR_STAFF = Limits(free_here=5, free_subjects_of_an_address=10)
FOR_PROGRAMS = Limits(free_here=10, free_everywhere=_MOST_FAILURES_READ + 1)
"""Wrong tokens, counted by address alone; a right one is never made to wait."""
BY_PIN = Limits(free_here=5)
"""A station: one laptop, a few names, short PINs."""


class TooManyAttempts(Refusal):
    """Nobody is let in for ``wait_s`` seconds: the same for persons who exist and persons who do not."""

    status = 429

    def __init__(self, wait: timedelta, *, is_first: bool = False) -> None:
        self.wait_s = max(1, math.ceil(wait.total_seconds()))
        self.is_first = is_first
        super().__init__(
            "access.too_many_attempts",
            Wording("尝试次数过多。", "Too many attempts."),
            Wording(
                "请在 {n} 秒后逐字核对再试；请勿尝试以他人身份进入。",
                "Try again in {n} seconds and copy carefully. Do not try to enter as another person.",
            ).format(n=self.wait_s),
        )


_OUTCOME = Change(lambda pk: AccessAttempt.objects.filter(pk=pk), "outcome")
_EARLIER = Prepared(
    lambda subject, since, besides: (
        AccessAttempt.objects.filter(outcome=AttemptOutcome.FAILED, at__gt=since, subject_index=subject)
        .exclude(pk=besides)
        .only("at", "address_index", "device_index")
        .order_by("-at")[:_MOST_FAILURES_READ]
    )
)
"""The failures of a subject within its window, the latest first."""


def record_attempt(
    entry_point: EntryPoint, *, subject: str, client: Client, limits: Limits = FOR_GRADUATES
) -> AccessAttempt:
    """Count this attempt as failed until ``mark_succeeded``, so that parallel attempts cannot slip past the limit.

    The row is committed before the others are counted: of many attempts at once each sees all that came before it.
    The subject is kept as a blind index. Raises ``TooManyAttempts``; a refused attempt does not lengthen the wait.
    """
    now = timezone.now()
    with transaction.atomic():
        attempt = AccessAttempt(
            entry_point=entry_point,
            at=now,
            address_index=blind_index(client.address),
            device_index=blind_index(client.device) if client.device else "",
            subject_index=blind_index(subject),
        )
        add(attempt)
    wait = _wait(attempt, limits, now)
    if wait > timedelta(0):
        _OUTCOME.make(pk=attempt.pk, outcome=AttemptOutcome.REFUSED)
        raise TooManyAttempts(wait, is_first=not _was_refused_lately(attempt, limits))
    return attempt


def mark_succeeded(attempt: AccessAttempt) -> None:
    """The attempt was right: in the transaction of what follows, so that a log-in costs one commit less."""
    _OUTCOME.make(pk=attempt.pk, outcome=AttemptOutcome.SUCCEEDED)


def record_failure(attempt: AccessAttempt, limits: Limits = FOR_GRADUATES) -> None:
    """Tell the log about somebody who walks through many subjects from one address: noticed, not locked out."""
    failed = _failures(attempt.at - limits.window).filter(address_index=attempt.address_index).count()
    if failed and failed % limits.suspicious_failures == 0:
        told = {"entry_point": attempt.entry_point, "address": attempt.address_index[-12:], "failures": failed}
        log.warning("access.many_failures", extra=told)


def tell_to_wait(answer: HttpResponse, error: Refusal) -> HttpResponse:
    """The page of a refusal; whoever has to wait is told for how long in the header, too."""
    if isinstance(error, TooManyAttempts):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


def forget_old_attempts() -> int:
    """Drop the record of attempts older than ``KEPT_FOR``; returns how many."""
    return AccessAttempt.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _was_refused_lately(attempt: AccessAttempt, limits: Limits) -> bool:
    """Whether this subject was made to wait at this address within the window already: told once, not a thousand times."""
    return (
        AccessAttempt.objects.filter(
            subject_index=attempt.subject_index,
            address_index=attempt.address_index,
            outcome=AttemptOutcome.REFUSED,
            at__gt=attempt.at - limits.window,
        )
        .exclude(pk=attempt.pk)
        .exists()
    )


def _wait(attempt: AccessAttempt, limits: Limits, now: datetime) -> timedelta:
    earlier = _EARLIER.all(subject=attempt.subject_index, since=now - limits.window, besides=attempt.pk)
    failures = [(one.at, one.address_index, one.device_index) for one in earlier]
    if attempt.device_index and _opened(attempt).filter(device_index=attempt.device_index).exists():
        own = [at for at, _, device in failures if is_same_index(device, attempt.device_index)]
        return _until(own, limits.free_here, limits.longest_here, limits, now)
    here = [at for at, address, _ in failures if is_same_index(address, attempt.address_index)]
    waits = [_until(here, limits.free_here, limits.longest_here, limits, now)]
    if len(failures) >= limits.free_everywhere and not _opened(attempt).filter(address_index=attempt.address_index):
        everywhere = [at for at, _, _ in failures]
        waits.append(_until(everywhere, limits.free_everywhere, limits.longest_everywhere, limits, now))
    if limits.free_subjects_of_an_address is not None:
        waits.append(_wait_of_a_spray(attempt, limits, now))
    return max(waits)


def _wait_of_a_spray(attempt: AccessAttempt, limits: Limits, now: datetime) -> timedelta:
    """One attempt a minute at an address where too many names failed; a browser in which somebody signed in before
    counts the names that failed in it alone: it is not stopped by strangers, and its owner is no freer than they are."""
    failed = _failures(now - limits.window).filter(entry_point=attempt.entry_point)
    if attempt.device_index and AccessAttempt.objects.filter(
        device_index=attempt.device_index, outcome=AttemptOutcome.SUCCEEDED
    ):
        failed = failed.filter(device_index=attempt.device_index)
    else:
        failed = failed.filter(address_index=attempt.address_index)
    counted = failed.exclude(pk=attempt.pk).aggregate(subjects=Count("subject_index", distinct=True))
    over = counted["subjects"] - (limits.free_subjects_of_an_address or 0)
    if over < 0:
        return timedelta(0)
    latest = failed.exclude(pk=attempt.pk).order_by("-at").values_list("at", flat=True).first()
    return _grown(over, limits.longest_of_a_spray, limits) - (now - latest) if latest else timedelta(0)


def _failures(since: datetime) -> models.QuerySet[AccessAttempt]:
    return AccessAttempt.objects.filter(outcome=AttemptOutcome.FAILED, at__gt=since)


def _opened(attempt: AccessAttempt) -> models.QuerySet[AccessAttempt]:
    """Earlier attempts by which this subject was let in."""
    return AccessAttempt.objects.filter(subject_index=attempt.subject_index, outcome=AttemptOutcome.SUCCEEDED)


def _until(failures: Sequence[datetime], free: int, longest: timedelta, limits: Limits, now: datetime) -> timedelta:
    """How long the next attempt has to wait after these failures, the latest first."""
    over = len(failures) - free
    if over < 0 or not failures:
        return timedelta(0)
    return failures[0] + _grown(over, longest, limits) - now


def _grown(over: int, longest: timedelta, limits: Limits) -> timedelta:
    return min(longest, limits.first_wait * 2 ** min(over, 10))
