"""Sending a round of notices: each person by himself; who was reached already is not told twice."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.verification.models import Opening
from gradphoto.apps.verification.notices.channels import Message, NotSent, carrier_of
from gradphoto.apps.verification.notices.models import Channel, ContactPoint, Notice, NoticeRound, NoticeState
from gradphoto.apps.verification.notices.texts import SUBJECT, filled


@handles("verification.send_notices")
def send_notices(run: JobRun) -> None:
    """Send what waits. Killed and run again, it goes on behind the last message that was taken."""
    sent = NoticeRound.objects.select_related("campaign").get(pk=run.params["round"])
    waiting = sent.notices.filter(state=NoticeState.WAITING).select_related("candidate__campaign__school")
    todo = list(waiting.values_list("pk", flat=True))
    run.start(len(todo))
    closing = dict(Opening.objects.filter(campaign=sent.campaign).values_list("season", "closes_on"))
    carrier, today, failed = carrier_of(sent.channel), timezone.localdate(), 0
    for done, pk in enumerate(todo, start=1):
        notice = waiting.filter(pk=pk).first()
        if notice is not None:
            person = notice.candidate
            text = filled(sent.text, person, closing.get(person.season), today)
            try:
                reference = carrier.send(Message(_address(notice), SUBJECT, text, f"notice-{notice.pk}"))
                _keep(notice, state=NoticeState.SENT, at=timezone.now(), reference=reference[:120])
            except NotSent as error:
                failed += 1
                _keep(notice, state=NoticeState.FAILED, error={"zh": error.message.zh, "en": error.message.en})
                run.issue(person.student_no, error)
        run.advance(done, failed)


def _address(notice: Notice) -> str:
    if notice.channel == Channel.WEBHOOK:
        return notice.candidate.student_no
    return ContactPoint.objects.get(candidate=notice.candidate_id, channel=notice.channel).address.reveal()


def _keep(notice: Notice, **fields: object) -> None:
    Notice.objects.filter(pk=notice.pk).update(**fields)
