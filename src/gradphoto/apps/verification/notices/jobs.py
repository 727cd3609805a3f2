"""Sending a round of notices: each person by themselves; who was reached already is not told twice."""

from __future__ import annotations

import time

from django.utils import timezone

from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.verification.models import Opening
from gradphoto.apps.verification.notices.channels import Message, NoCarrier, NotSent, carrier_of, is_configured
from gradphoto.apps.verification.notices.models import Channel, ContactPoint, Notice, NoticeRound, NoticeState
from gradphoto.apps.verification.notices.texts import SUBJECT, filled

PAUSES_S = (2.0, 8.0)
"""How long to wait before what a carrier could not take just now is tried a second and a third time."""
_BEAT_S = 1.0


@handles("verification.send_notices")
def send_notices(run: JobRun) -> None:
    """Send what waits. Killed and run again, it goes on behind the last message that was taken.

    What a carrier cannot take at the moment (a time-out, 5xx, "too many requests") is tried again after growing
    pauses; what it refuses for good is put on record at once. Each message keeps its key, so that a carrier that did
    take it, but whose answer was lost, can tell.
    """
    sent = NoticeRound.objects.select_related("campaign").get(pk=run.params["round"])
    waiting = sent.notices.filter(state=NoticeState.WAITING).select_related("candidate__campaign__school")
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
            person = notice.candidate
            text = filled(sent.text, person, closing.get(person.season), today)
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
                run.issue(person.student_no, error)
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


def _address(notice: Notice) -> str:
    if notice.channel == Channel.WEBHOOK:
        return notice.candidate.student_no
    return ContactPoint.objects.get(candidate=notice.candidate_id, channel=notice.channel).address.decrypt()


def _keep(notice: Notice, **fields: object) -> None:
    Notice.objects.filter(pk=notice.pk).update(**fields)
