"""Sending a round of notices: each person by themselves; who was reached already is not told twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.wording import say
from gradphoto.apps.verification.models import Opening
from gradphoto.apps.verification.notices.actions import address_of
from gradphoto.apps.verification.notices.audience import told_contacts, told_of
from gradphoto.apps.verification.notices.channels import Message, NoCarrier, NotSent, carrier_of, is_configured
from gradphoto.apps.verification.notices.models import Channel, ContactPoint, Notice, NoticeRound, NoticeState
from gradphoto.apps.verification.notices.receipts import READ_LINE, read_link
from gradphoto.apps.verification.notices.texts import SUBJECT, filled

PAUSES_S = (2.0, 8.0)
"""How long to wait before what a carrier could not take just now is tried a second and a third time."""
_BEAT_S = 1.0


@handles("verification.send_notices", Queue.BULK)
def send_notices(run: JobRun) -> None:
    """Send what waits. Killed and run again, it goes on behind the last message that was taken.

    What a carrier cannot take at the moment (a time-out, 5xx, "too many requests") is tried again after growing
    pauses; what it refuses for good is put on record at once. Each message keeps its key, so that a carrier that did
    take it, but whose answer was lost, can tell.
    """
    sent = NoticeRound.objects.select_related("campaign").get(pk=run.params["round"])
    waiting = sent.notices.filter(state=NoticeState.WAITING).select_related(
        "candidate__campaign__school", "contact__campaign__school"
    )
    todo = list(waiting.values_list("pk", flat=True))
    run.start(len(todo))
    closing = dict(Opening.objects.filter(campaign=sent.campaign).values_list("season", "closes_on"))
    carrier, today, done, failed = carrier_of(sent.channel), timezone.localdate(), 0, 0
    for pause in (0.0, *PAUSES_S):
        last, later = pause == PAUSES_S[-1], []
        _pause(run, pause, done, failed)
        for pk in todo:
            notice = waiting.filter(pk=pk).first()
            if notice is None:
                continue
            text = text_of(notice, closing, today)
            try:
                reference = carrier.send(Message(_address(notice), SUBJECT, text, f"notice-{notice.pk}"))
                if not is_configured(sent.channel):
                    raise NoCarrier
                _keep(notice, state=NoticeState.SENT, at=timezone.now(), reference=reference[:120], error=None)
            except NoCarrier as error:
                _keep(notice, state=NoticeState.OUTBOX, error={"zh": error.message.zh, "en": error.message.en})
            except NotSent as error:
                if error.passing and not last:
                    later.append(pk)
                    continue
                failed += 1
                _keep(notice, state=NoticeState.FAILED, error={"zh": error.message.zh, "en": error.message.en})
                run.issue(_subject(notice), error)
            done += 1
            run.advance(done, failed)
        todo = later
        if not todo:
            break


def _pause(run: JobRun, seconds: float, done: int, failed: int) -> None:
    """Wait, and keep the lease meanwhile; a cancelled job ends here."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(left, _BEAT_S))
        run.advance(done, failed)


def text_of(notice: Notice, closing: Mapping[str, date | None], today: date) -> str:
    """What the notice says to its one person, and the link by which they say that they read it."""
    sent = notice.round
    assert sent is not None, "what is sent belongs to a round"
    if notice.contact is not None:
        text = filled(sent.text, notice.contact, None, today, told_contacts(sent.campaign).values)
    else:
        person = notice.candidate
        assert person is not None, "a notice goes to somebody"
        told = told_of(sent.campaign, sent.kind, [person.pk]).get(person.pk)
        text = filled(sent.text, person, closing.get(person.season), today, told.values if told else None)
    return f"{text}\n{say(READ_LINE)}{read_link(notice)}"


def _subject(notice: Notice) -> str:
    return notice.candidate.student_no if notice.candidate else notice.to_name


def _address(notice: Notice) -> str:
    if notice.contact is not None:
        return address_of(notice.contact, notice.channel)
    assert notice.candidate is not None, "a notice goes to somebody"
    if notice.channel == Channel.WEBHOOK:
        return notice.candidate.student_no
    return ContactPoint.objects.get(candidate=notice.candidate_id, channel=notice.channel).address.decrypt()


def _keep(notice: Notice, **fields: object) -> None:
    Notice.objects.filter(pk=notice.pk).update(**fields)
