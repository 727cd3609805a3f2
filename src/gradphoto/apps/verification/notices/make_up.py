"""A free half-hour is told to the first on a make-up's waiting list by the same carriers as every other notice."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.makeup.booking import keep_notice
from gradphoto.apps.makeup.models import Waiting
from gradphoto.apps.makeup.signals import place_offered
from gradphoto.apps.verification.notices.channels import Message, NoCarrier, NotSent, carrier_of, is_configured
from gradphoto.apps.verification.notices.models import Channel, ContactPoint
from gradphoto.engine.wording import Wording

_SUBJECT = "毕业图像补拍有空位"


@receiver(place_offered, dispatch_uid="verification.tell_waiting")
def ask_to_tell(waiting: Waiting, **_: Any) -> None:
    """The message is work for the background; it starts when the place is really free, after the commit."""
    enqueue(
        "verification.tell_waiting",
        Actor.system("makeup"),
        Wording("补拍候补通知", "Notice of a free make-up place"),
        {"waiting": waiting.pk},
        organisation_id=waiting.case.candidate.department_id,
    )


@handles("verification.tell_waiting", Queue.BULK)
def tell_waiting(run: JobRun) -> None:
    """Once a person: who has booked meanwhile is not in the line any more, and who was told is not told again."""
    waiting = (
        Waiting.objects.select_related("case__candidate", "slot__calendar").filter(pk=run.params["waiting"]).first()
    )
    if waiting is None or waiting.noticed_at is not None or waiting.slot is None:
        return
    run.start(1)
    channel, address = _address(waiting)
    try:
        if not address:
            raise NotSent("没有联系方式", passing=False)
        reference = carrier_of(channel).send(Message(address, _SUBJECT, _text(waiting), f"make-up-{waiting.pk}"))
        if not is_configured(channel):
            raise NoCarrier
        keep_notice(run.actor, waiting, notice=f"{channel} {reference}", sent=True)
        run.advance(1)
    except NotSent as error:
        keep_notice(run.actor, waiting, notice=error.message.zh, sent=False)
        run.issue(waiting.case.candidate.student_no, error)
        run.advance(1, 1)


def _address(waiting: Waiting) -> tuple[Channel, str]:
    """The number they left in the form; else the e-mail address that the school keeps of them."""
    if waiting.case.phone:
        return Channel.SMS, waiting.case.phone.decrypt()
    kept = ContactPoint.objects.filter(candidate=waiting.case.candidate_id, channel=Channel.EMAIL).first()
    return Channel.EMAIL, kept.address.decrypt() if kept else ""


def _text(waiting: Waiting) -> str:
    assert waiting.slot is not None, "asked by the caller"
    at = timezone.localtime(waiting.slot.starts_at)
    door = site_address(reverse("makeupform:enter"))
    return (
        f"{waiting.case.candidate.name}同学：您候补的图像补拍有空位，{at:%Y-%m-%d %H:%M}，{waiting.slot.calendar.place}。"
        f"名额先到先得，请尽快到 {door} 预约。"
    )
