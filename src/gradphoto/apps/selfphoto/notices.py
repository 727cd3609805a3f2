"""Telling a person by the carriers of every notice: the link, the approval, the return with its reasons (R203).

What no carrier took is not called sent: the record says why, and the person's page tells what happened all the same.
"""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import Refusal, shortened
from gradphoto.apps.core.jobs import JobRun, enqueue, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto.links import issue_link, require_not_stopped
from gradphoto.apps.selfphoto.models import LinkSource, PersonNotice, SelfPortrait
from gradphoto.apps.selfphoto.signals import decided
from gradphoto.apps.selfphoto.status import reasons_of
from gradphoto.apps.selfphoto.terms import case_of, terms_of
from gradphoto.apps.verification.notices.channels import Message, NoCarrier, NotSent, carrier_of, is_configured
from gradphoto.apps.verification.notices.models import Channel, ContactPoint
from gradphoto.engine.wording import Wording

_SUBJECT = "毕业证照片（手机自助拍摄）"
_ORDER = (Channel.SMS, Channel.WEBHOOK, Channel.EMAIL)


@receiver(decided, dispatch_uid="selfphoto.tell_decision")
def ask_to_tell(portrait: SelfPortrait, about: str, **_: Any) -> None:
    """The message is work for the background; it starts after the commit of the decision."""
    at = portrait.decided_at or timezone.now()
    enqueue(
        "selfphoto.tell",
        Actor.system("selfphoto"),
        Wording("自助拍摄审核结果通知", "Result of an own photograph's review"),
        {"portrait": portrait.pk, "about": about, "key": f"self-photo-{portrait.pk}-{about}-{int(at.timestamp())}"},
        organisation_id=portrait.candidate.department_id,
    )


@handles("selfphoto.tell", Queue.BULK)
def tell(run: JobRun) -> None:
    """Once a decision: what was taken back meanwhile, or told already, is not told."""
    found = SelfPortrait.objects.select_related("candidate__campaign").filter(pk=run.params["portrait"]).first()
    about = str(run.params["about"])
    if found is None or found.status != about:
        return
    run.start(1)
    error = _send(found, about, str(run.params["key"]), text_of(found, about))
    if error is not None:
        run.issue(found.candidate.student_no, error)
    run.advance(1, int(error is not None))


def tell_link(actor: Actor, person: Candidate, *, key: str) -> Refusal | None:
    """Issue a link and send it; returns why it was not sent. A key that was sent before is not sent again."""
    if PersonNotice.objects.filter(key=key, sent_at__isnull=False).exists():
        return None
    channel, address = address_of(person)
    if not address:
        return NotSent("没有联系方式", passing=False)
    try:
        require_not_stopped(person)
        issued = issue_link(actor, person, source=LinkSource.NOTICE)
    except Refusal as error:
        return error
    until = timezone.localtime(issued.link.expires_at)
    text = (
        f"{person.name}同学：学校请您用手机拍摄毕业证照片，{until:%Y-%m-%d} 前有效。请打开 {issued.address} ，"
        f"填写学号和姓名进入。链接仅供本人使用，请勿转发。"
    )
    return _deliver(issued.link.portrait, "link", key, text, channel, address)


def text_of(portrait: SelfPortrait, about: str) -> str:
    """What the person reads of a decision; no picture, no number, no link that opens anything."""
    name, page = portrait.candidate.name, site_address(reverse("myphoto:mine"))
    if about == "approved":
        return f"{name}同学：您提交的毕业证照片已审核通过，无需再拍。之后请留意图像校对通知。详情：{page}"
    if portrait.blocked_reason:
        return f"{name}同学：您提交的毕业证照片未通过审核，线上拍摄已停止。请带身份证、学生证到学院核实。"
    why = "、".join(reason.zh for reason in reasons_of(portrait)) or "见页面"
    last = terms_of(portrait.candidate.campaign).until
    by = f"请在 {last:%Y-%m-%d} 前" if last else "请尽快"
    return f"{name}同学：您提交的毕业证照片被退回：{shortened(why, 120)}。{by}重新拍摄提交：{page}"


def address_of(person: Candidate) -> tuple[Channel, str]:
    """Where the person can be reached: the number of the make-up form, else what the school keeps of them."""
    case = case_of(person)
    if case is not None and case.phone:
        return Channel.SMS, case.phone.decrypt()
    kept = {one.channel: one for one in ContactPoint.objects.filter(candidate=person)}
    for channel in _ORDER:
        if channel in kept:
            return channel, kept[channel].address.decrypt()
    return Channel.SMS, ""


def _send(portrait: SelfPortrait, about: str, key: str, text: str) -> Refusal | None:
    if PersonNotice.objects.filter(key=key, sent_at__isnull=False).exists():
        return None
    channel, address = address_of(portrait.candidate)
    return _deliver(portrait, about, key, text, channel, address)


def _deliver(portrait: SelfPortrait, about: str, key: str, text: str, channel: Channel, address: str) -> Refusal | None:
    error: NotSent | None = None
    reference = ""
    try:
        if not address:
            raise NotSent("没有联系方式", passing=False)
        reference = carrier_of(channel).send(Message(address, _SUBJECT, text, key))
        if not is_configured(channel):
            raise NoCarrier
    except NotSent as refused:
        error = refused
    said = error.message.zh if error else f"{channel} {reference}"
    keep_notice(Actor.system("selfphoto"), portrait, about=about, key=key, said=said, sent=error is None)
    return error


@action("selfphoto.keep_notice", permission=by_system)
def keep_notice(actor: Actor, portrait: SelfPortrait, *, about: str, key: str, said: str, sent: bool) -> PersonNotice:
    """What became of a message: taken by its carrier, or why not."""
    made, _ = PersonNotice.objects.update_or_create(
        key=key,
        defaults={
            "portrait": portrait, "about": about, "said": shortened(said, 200),
            "sent_at": timezone.now() if sent else None,
        },
    )  # fmt: skip
    return made
