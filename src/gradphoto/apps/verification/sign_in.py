"""The portal's sign-in: the image card's data in, a person out. It tells a stranger nothing (R165, R205).

Whatever is wrong, the answer is one sentence, and the work is the same: one look-up by the code's blind index, one
look-up of corrections, one comparison of digests. The code is what is looked up, so a stranger's query finds nothing
whether the student exists or not. How attempts are slowed down: ``access.throttling``.
"""

from __future__ import annotations

import hmac
from itertools import product

from gradphoto.apps.access.client import Client
from gradphoto.apps.access.models import AccessAttempt, EntryPoint
from gradphoto.apps.access.throttling import record_attempt, record_failure
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.typed import plain
from gradphoto.apps.verification.models import Correction
from gradphoto.apps.verification.queries import closing_day
from gradphoto.engine.standards.names import loose_key
from gradphoto.engine.wording import Wording


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


def identify(
    *, school_code: str, student_no: str, name: str, code: str, client: Client
) -> tuple[Candidate, AccessAttempt]:
    """The person whose image card carries exactly these data, and the attempt, to be marked with ``mark_succeeded``.

    Raises ``TooManyAttempts`` or ``CardRefusal``. Every attempt is kept, without the data that were entered.
    """
    attempt = record_attempt(EntryPoint.PORTAL, subject=f"{plain(school_code)}|{plain(student_no)}", client=client)
    candidate = _holder(school_code, student_no, name, code)
    if candidate is None:
        record_failure(attempt)
        raise CardRefusal
    return candidate, attempt


_HOLDER = Prepared(
    lambda code: (
        Candidate.objects.select_related("campaign__school", "verification_case", "image_card")
        .annotate(closes_on=closing_day())
        .filter(image_card__code_index=code)
        .order_by()
    )
)
"""The person of a card with all that a log-in needs."""
_APPLIED = Prepared(
    lambda case: (
        Correction.objects.filter(case=case, field__in=("name", "student_no"), applied_at__isnull=False)
        .only("field", "shown")
        .order_by("pk")
    )
)


def _holder(school_code: str, student_no: str, name: str, code: str) -> Candidate | None:
    person = _HOLDER.first(code=blind_index(plain(code)))
    offered = blind_index(_joined(school_code, student_no, name))
    matches = [hmac.compare_digest(offered, expected) for expected in _printed(person)]
    return person if person is not None and any(matches) else None


def _printed(person: Candidate | None) -> list[str]:
    """The digests of what the card may say. It keeps saying what was printed when a correction changed the record.

    Without a card the same work is done in vain, so that nothing can be told from the time it takes.
    """
    case = getattr(person, "verification_case", None)
    printed = {"name": {person.name if person else ""}, "student_no": {person.student_no if person else ""}}
    for one in _APPLIED.all(case=case.pk if case else 0):
        printed[one.field].add(one.shown)
    school = person.campaign.school.code if person else "no such card"
    return [
        blind_index(_joined(school, student_no, name))
        for student_no, name in product(printed["student_no"], printed["name"])
    ]


def _joined(school_code: str, student_no: str, name: str) -> str:
    return "|".join((plain(school_code), plain(student_no), loose_key(name)))
