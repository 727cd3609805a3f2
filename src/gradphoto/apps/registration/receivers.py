"""The review follows verification: whoever verifies again is applied for again."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.registration.actions import take_back_review
from gradphoto.apps.registration.models import Review, ReviewStatus
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.signals import case_reopened


@receiver(case_reopened, dispatch_uid="registration.take_back_review")
def start_review_anew(case: VerificationCase, reason: str, **_: Any) -> None:
    """Inside the transaction that reopened the case."""
    under_way = (ReviewStatus.APPLIED, ReviewStatus.HEAD_APPROVED)
    for review in Review.objects.filter(case=case, status__in=under_way):
        take_back_review(Actor.system("registration"), review, reason=f"本人须重新校对：{reason}")
