"""The portal's door: the image card's data in, a person out. It tells a stranger nothing (R165, R205).

Whatever is wrong, the answer is one sentence, and the work is the same: one look-up by the code's blind index, one
comparison of digests. The code is what is looked up, so a stranger's query finds nothing whether the student exists
or not.
"""

from __future__ import annotations

import hmac
import unicodedata
from datetime import timedelta
from itertools import product

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.delivery.models import ImageCard
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.models import AttemptOutcome, PortalAttempt
from gradphoto.engine.wording import Wording

WINDOW = timedelta(minutes=15)
FAILURES_PER_STUDENT = 10
FAILURES_PER_ADDRESS = 10
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
    """The door stays shut for a while: the same for persons who exist and persons who do not."""

    status = 429

    def __init__(self) -> None:
        super().__init__(
            "verification.too_many_attempts",
            Wording("登录尝试次数过多。", "Too many attempts."),
            Wording(
                "请在 15 分钟后对照图像信息卡再试；请勿尝试登录他人的校对页面。",
                "Try again in 15 minutes with your image card at hand. Do not try to open another person's page.",
            ),
        )


def identify(*, school_code: str, student_no: str, name: str, code: str, address: str) -> Candidate:
    """The person whose image card carries exactly these data.

    Raises ``TooManyAttempts`` or ``CardRefusal``. Every attempt is kept, without the data that were entered.
    """
    attempt = _knock(address, f"{_plain(school_code)}|{_plain(student_no)}")
    candidate = _holder(school_code, student_no, name, code)
    if candidate is None:
        raise CardRefusal
    PortalAttempt.objects.filter(pk=attempt.pk).update(outcome=AttemptOutcome.SUCCEEDED)
    return candidate


def _knock(address: str, student: str) -> PortalAttempt:
    """Count this attempt as failed until it succeeds, so that parallel attempts cannot slip past the limit."""
    now = timezone.now()
    with transaction.atomic():
        attempt = PortalAttempt.objects.create(
            at=now, address_index=blind_index(address), student_index=blind_index(student)
        )
        recent = PortalAttempt.objects.filter(outcome=AttemptOutcome.FAILED, at__gt=now - WINDOW)
        too_many = (
            recent.filter(student_index=attempt.student_index).count() > FAILURES_PER_STUDENT
            or recent.filter(address_index=attempt.address_index).count() > FAILURES_PER_ADDRESS
        )
        if too_many:
            # A refused attempt does not lengthen the wait.
            PortalAttempt.objects.filter(pk=attempt.pk).update(outcome=AttemptOutcome.REFUSED)
    if too_many:
        raise TooManyAttempts
    return attempt


def forget_old_attempts() -> int:
    """Drop the record of attempts older than ``KEPT_FOR``; returns how many."""
    return PortalAttempt.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _holder(school_code: str, student_no: str, name: str, code: str) -> Candidate | None:
    card = (
        ImageCard.objects.select_related("candidate__campaign__school", "candidate__verification_case")
        .filter(code_index=blind_index(_plain(code)))
        .first()
    )
    offered = blind_index(_joined(school_code, student_no, name))
    matches = [hmac.compare_digest(offered, expected) for expected in _printed(card)]
    return card.candidate if card is not None and any(matches) else None


def _printed(card: ImageCard | None) -> list[str]:
    """The digests of what the card may say. It keeps saying what was printed when a correction changed the record."""
    if card is None:
        return [blind_index("no such card")]
    person = card.candidate
    case = getattr(person, "verification_case", None)
    printed = {"name": {person.name}, "student_no": {person.student_no}}
    if case is not None:
        for correction in case.corrections.filter(field__in=printed, applied_at__isnull=False):
            printed[correction.field].add(correction.shown)
    school = person.campaign.school.code
    return [
        blind_index(_joined(school, student_no, name))
        for student_no, name in product(printed["student_no"], printed["name"])
    ]


def _joined(school_code: str, student_no: str, name: str) -> str:
    return "|".join(_plain(text) for text in (school_code, student_no, name))


def _plain(text: str) -> str:
    """Full-width figures, spaces and case do not matter to a person who copies from paper."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
