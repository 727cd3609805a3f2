"""A printed class list that everybody signs is proof of notice, too (R203): the school that tells in the class room."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time

from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import Candidate, Document, PaperKind
from gradphoto.apps.verification.notices.models import Channel, Notice, NoticeState


@action("verification.count_class_list", permission="verification.notify")
def count_class_list(actor: Actor, document: Document, *, absent: Collection[str] = ()) -> int:
    """Count everybody of a class list as told, by its signed scan; returns how many.

    ``absent`` are the student numbers without a signature. Raises ``verification.list_unsigned`` where no scan is filed,
    ``verification.list_counted``, and ``verification.list_absent`` for a number that is not on it.
    """
    page = document.signed_pages.order_by("signed_on").first()
    if document.kind != PaperKind.NOTICE_LIST or page is None:
        raise refuse(
            "verification.list_unsigned", "这份签收表还没有上传签字盖章的扫描件。", "No signed scan of this list is filed.",
            "请先在文件页上传扫描件。", "File the scan on the page of the document first.",
        )  # fmt: skip
    if Notice.objects.filter(document=document).exists():
        raise refuse("verification.list_counted", "这份签收表已登记。", "This list is counted already.",
                     "无需再次登记。", "Nothing to do.")  # fmt: skip
    people = Candidate.objects.filter(
        campaign=document.campaign, department=document.organisation, season=document.season,
        class_name=document.class_name, status__in=CHAIN,
    )  # fmt: skip
    missing = set(absent)
    known = set(people.values_list("student_no", flat=True))
    if unknown := sorted(missing - known):
        raise invalid(
            "verification.list_absent", f"这份表上没有学号 {unknown[0]}。", f"{unknown[0]} is not on this list.",
            "请核对未签字的学号。", "Check the numbers.", field="absent",
        )  # fmt: skip
    at = timezone.make_aware(datetime.combine(page.signed_on, time()))
    made = Notice.objects.bulk_create(
        Notice(
            candidate=person, channel=Channel.IN_PERSON, state=NoticeState.SIGNED, at=at, by=actor.user,
            document=document, reference=document.number,
        )
        for person in people.exclude(student_no__in=missing)
    )  # fmt: skip
    audit.note(number=document.number, counted=len(made), absent=sorted(missing))
    return len(made)
