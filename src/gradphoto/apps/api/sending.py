"""Events on their way: signed, tried again with growing pauses, given up after three days, never lost.

Signed as Standard Webhooks are: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` (``v1,`` and HMAC-SHA256 over
``id.timestamp.body``). The id stays the same at every try: a receiver takes each event once by it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gradphoto.apps.api.models import DeliveryState, EventDelivery, Webhook
from gradphoto.apps.api.targets import post
from gradphoto.apps.core import jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.core.tasks import UPKEEP
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with
PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60))
"""After each failure; then it is given up, and waits for somebody to look at it."""
_IN_HAND = timedelta(minutes=2)
"""So long a try may take before another worker takes the event over."""
_AT_ONCE = 50
_KIND = "api.send_events"


def ask_to_send() -> None:
    """Have what is due sent once this transaction is through; a job that is queued already will find it."""
    if not Job.objects.filter(kind=_KIND, state=JobState.QUEUED).exists():
        jobs.enqueue(_KIND, Actor.system("events"), Wording("向外部系统发送事件", "Tell programs of events"), {})


def send_due() -> None:
    """Upkeep: whatever is due by now, because it failed before or its job was lost, gets a job."""
    if EventDelivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=timezone.now()).exists():
        with transaction.atomic():
            ask_to_send()


UPKEEP.append(send_due)


@handles(_KIND, Queue.BULK)
def send_events(run: JobRun) -> None:
    """Try everything that is due, the oldest first; a receiver that fails keeps no other waiting."""
    done = failed = 0
    run.start(EventDelivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=timezone.now()).count())
    while due := _take():
        for delivery in due:
            failed += not attempt(delivery)
            done += 1
            run.advance(done, failed)


def _take() -> list[EventDelivery]:
    """Some deliveries for this worker alone: until they are over, or the time in hand is."""
    now = timezone.now()
    with transaction.atomic():
        waiting = EventDelivery.objects.filter(state=DeliveryState.WAITING, due_at__lte=now)
        keys = list(waiting.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True)[:_AT_ONCE])
        EventDelivery.objects.filter(pk__in=keys).update(due_at=now + _IN_HAND * max(1, len(keys)))
    return list(EventDelivery.objects.filter(pk__in=keys).order_by("pk").select_related("event", "webhook"))


def attempt(delivery: EventDelivery) -> bool:
    """One try; whether it was delivered. What came of it is on the row."""
    webhook, now = delivery.webhook, timezone.now()
    if webhook.ended_at is not None:
        return _over(delivery, DeliveryState.DEAD, "ended")
    body = body_of(delivery)
    try:
        status = post(webhook.address, body, headers_of(webhook, str(delivery.event_id), int(now.timestamp()), body))
        answer, good = str(status), 200 <= status < 300
    except GradPhotoError as error:
        answer, good = error.code, False
    except (OSError, http.client.HTTPException) as error:
        answer, good = type(error).__name__, False  # the words of a socket may name inner hosts
    delivery.attempts += 1
    delivery.tried_at = now
    if good:
        return _over(delivery, DeliveryState.SENT, answer)
    if delivery.attempts > len(PAUSES):
        log.warning("events.given_up", extra={"webhook": webhook.pk, "answer": answer})
        return _over(delivery, DeliveryState.DEAD, answer)
    delivery.due_at = now + PAUSES[delivery.attempts - 1]
    return _over(delivery, DeliveryState.WAITING, answer)


def _over(delivery: EventDelivery, state: DeliveryState, answer: str) -> bool:
    delivery.state, delivery.answer = state, answer[:120]
    delivery.save(update_fields=["state", "answer", "attempts", "due_at", "tried_at"])
    return state is DeliveryState.SENT


def body_of(delivery: EventDelivery) -> bytes:
    """What is sent: the kind, when it happened, and keys. An administrator chooses the address and sees nobody's data: names
    are fetched with a token, by a program of who may see them."""
    event = delivery.event
    said = {"type": event.kind, "timestamp": event.at.isoformat(), "data": event.data}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(webhook: Webhook, event: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of one try."""
    return {
        "Content-Type": "application/json",
        "User-Agent": "GradPhoto",
        "webhook-id": event,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature(webhook.secret.decrypt(), event, seconds, body),
    }


def signature(secret: str, event: str, seconds: int, body: bytes) -> str:
    """``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{event}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
