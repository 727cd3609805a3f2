"""The portal's door: the image card's data in, a person out. It tells a stranger nothing (R165, R205).

Whatever is wrong, the answer is one sentence, and the work is the same: one look-up by the code's blind index, one
look-up of corrections, one comparison of digests. The code is what is looked up, so a stranger's query finds nothing
whether the student exists or not.

A whole campus stands behind one address (NAT), so no address is ever locked: waiting times grow for one card from one
address. A card that is tried from many addresses waits, too, but never longer than a minute, and not where it was
opened before: a malicious stranger cannot keep its owner out.
"""

from __future__ import annotations

import functools
import hmac
import logging
import math
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import AttemptOutcome, Correction, PortalAttempt
from gradphoto.apps.verification.queries import closing_day
from gradphoto.apps.verification.visit import forget_old_visits
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

WINDOW = timedelta(hours=1)
FREE_FAILURES = 3
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=15)
FREE_FAILURES_OF_A_CARD = 30
LONGEST_WAIT_OF_A_CARD = timedelta(minutes=1)
SUSPICIOUS_FAILURES = 200
KEPT_FOR = timedelta(days=180)


class CardRefusal(Refusal):
    """The one answer to every card that does not open the portal."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "verification.card_not_recognised",
            Wording("所填信息与图像信息卡不一致。", "What you entered does not match an image card."),
            Wording(
                "请逐字对照本人图像信息卡下沿的内容重新填写；仍无法登录请联系学院教务办公室。",
                "Copy the data from the lower edge of your own image card exactly. "
                "If it still fails, ask your college's teaching office.",
            ),
        )


class TooManyAttempts(Refusal):
    """The door stays shut for ``wait_s`` seconds: the same for persons who exist and persons who do not."""

    status = 429

    def __init__(self, wait: timedelta) -> None:
        self.wait_s = max(1, math.ceil(wait.total_seconds()))
        super().__init__(
            "verification.too_many_attempts",
            Wording("这张卡的登录尝试次数过多。", "Too many attempts with this card."),
            Wording(
                "请在 {n} 秒后对照图像信息卡再试；请勿尝试登录他人的校对页面。",
                "Try again in {n} seconds with your image card at hand. Do not try to open another person's page.",
            ).format(n=self.wait_s),
        )


def identify(
    *, school_code: str, student_no: str, name: str, code: str, address: str
) -> tuple[Candidate, PortalAttempt]:
    """The person whose image card carries exactly these data, and the attempt, to be marked by ``succeeded``.

    Raises ``TooManyAttempts`` or ``CardRefusal``. Every attempt is kept, without the data that were entered.
    """
    attempt = _knock(address, f"{_plain(school_code)}|{_plain(student_no)}")
    candidate = _holder(school_code, student_no, name, code)
    if candidate is None:
        _tell_the_log(attempt)
        raise CardRefusal
    return candidate, attempt


def succeeded(attempt: PortalAttempt) -> None:
    """The attempt opened the portal: in the transaction of what follows, so that a log-in costs one commit less."""
    PortalAttempt.objects.filter(pk=attempt.pk).update(outcome=AttemptOutcome.SUCCEEDED)


def _knock(address: str, student: str) -> PortalAttempt:
    """Count this attempt as failed until it succeeds, so that parallel attempts cannot slip past the limit.

    The row is committed before the others are counted: of many attempts at once each sees all that came before it.
    """
    now = timezone.now()
    with transaction.atomic():
        attempt = PortalAttempt.objects.create(
            at=now, address_index=blind_index(address), student_index=blind_index(student)
        )
    wait = _wait(attempt, now)
    if wait > timedelta(0):
        # A refused attempt does not lengthen the wait.
        PortalAttempt.objects.filter(pk=attempt.pk).update(outcome=AttemptOutcome.REFUSED)
        raise TooManyAttempts(wait)
    return attempt


def _wait(attempt: PortalAttempt, now: datetime) -> timedelta:
    earlier = PortalAttempt.objects.filter(
        student_index=attempt.student_index, outcome=AttemptOutcome.FAILED, at__gt=now - WINDOW
    ).exclude(pk=attempt.pk)
    failures = list(earlier.order_by("-at").values_list("at", "address_index")[:1000])
    here = [at for at, address in failures if address == attempt.address_index]
    waits = [_until(here, FREE_FAILURES, LONGEST_WAIT, now)]
    if len(failures) >= FREE_FAILURES_OF_A_CARD and not _was_opened_here(attempt):
        waits.append(_until([at for at, _ in failures], FREE_FAILURES_OF_A_CARD, LONGEST_WAIT_OF_A_CARD, now))
    return max(waits)


def _until(failures: Sequence[datetime], free: int, longest: timedelta, now: datetime) -> timedelta:
    """How long the next attempt has to wait after these failures, the latest first: twice as long after each."""
    over = len(failures) - free
    if over < 0 or not failures:
        return timedelta(0)
    return failures[0] + min(longest, FIRST_WAIT * 2 ** min(over, 10)) - now


def _was_opened_here(attempt: PortalAttempt) -> bool:
    return PortalAttempt.objects.filter(
        student_index=attempt.student_index,
        address_index=attempt.address_index,
        outcome=AttemptOutcome.SUCCEEDED,
    ).exists()


def _tell_the_log(attempt: PortalAttempt) -> None:
    """Somebody walking through cards from one address is not locked out (a campus may stand there) but noticed."""
    since = attempt.at - WINDOW
    failed = PortalAttempt.objects.filter(
        address_index=attempt.address_index, outcome=AttemptOutcome.FAILED, at__gt=since
    ).count()
    if failed and failed % SUSPICIOUS_FAILURES == 0:
        log.warning("portal.many_failures", extra={"address": attempt.address_index[:12], "failures": failed})


def forget_old_attempts() -> int:
    """Drop the record of attempts older than ``KEPT_FOR`` and visits that are over; returns how many attempts."""
    forget_old_visits()
    return PortalAttempt.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _holder(school_code: str, student_no: str, name: str, code: str) -> Candidate | None:
    person = next(iter(_card_holders().filter(image_card__code_index=blind_index(_plain(code)))), None)
    offered = blind_index(_joined(school_code, student_no, name))
    matches = [hmac.compare_digest(offered, expected) for expected in _printed(person)]
    return person if person is not None and any(matches) else None


@functools.cache
def _card_holders() -> QuerySet[Candidate]:
    """The people of the cards with all that a log-in needs, put together once and never evaluated itself."""
    people = Candidate.objects.select_related("campaign__school", "verification_case")
    return people.annotate(closes_on=closing_day()).order_by()


def _printed(person: Candidate | None) -> list[str]:
    """The digests of what the card may say. It keeps saying what was printed when a correction changed the record.

    Without a card the same work is done in vain, so that nothing can be told from the time it takes.
    """
    case = getattr(person, "verification_case", None)
    printed = {"name": {person.name if person else ""}, "student_no": {person.student_no if person else ""}}
    applied = Correction.objects.filter(case=case.pk if case else 0, field__in=printed, applied_at__isnull=False)
    for field, shown in applied.values_list("field", "shown"):
        printed[field].add(shown)
    school = person.campaign.school.code if person else "no such card"
    return [
        blind_index(_joined(school, student_no, name))
        for student_no, name in product(printed["student_no"], printed["name"])
    ]


def _joined(school_code: str, student_no: str, name: str) -> str:
    return "|".join(_plain(text) for text in (school_code, student_no, name))


def _plain(text: str) -> str:
    """Full-width figures, spaces and case do not matter to a person who copies from paper."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
