"""Background work that survives its worker.

The ``Job`` row is written in the transaction that asks for the work; Celery only carries its id. A worker takes a
lease, reports progress on the row, and loses the right to write when the lease is lost. The sweeper re-issues
jobs whose worker died, so handlers are idempotent: what is done already is skipped.

A store of files that does not answer fails no job and no item of one: the job waits and begins again where it was. Leases
and waits are counted by the database's clock, and a clock that is set back stops nothing.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.core import queues
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.full_disk import store_refusal
from gradphoto.apps.core.models import Job, JobIssue, JobState
from gradphoto.apps.core.queues import Queue, queue_of
from gradphoto.apps.core.reauthentication import require_for_action
from gradphoto.apps.core.store_errors import StoreRefusal, is_full, of_folder
from gradphoto.engine.documents import fonts
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


def database_now() -> datetime:
    """The present moment by the database's clock; of SQLite that is this machine's."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


log = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.GRADPHOTO_LEASE_SECONDS)
"""How long a silent worker keeps a job. Handlers report far more often."""
MAX_ATTEMPTS = 5
_HEARTBEAT_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5.0, 300.0
MAX_WAITS = 500
"""For how often a job waits for the store: more than a day."""

Handler = Callable[["JobRun"], None]
HANDLERS: dict[str, Handler] = {}


class JobCancelledError(Exception):
    """Raised inside a handler at its next report after somebody pressed cancel."""


class LeaseLostError(Exception):
    """Raised inside a handler whose job was given to another worker meanwhile."""


def handles(kind: str, queue: Queue = Queue.BULK) -> Callable[[Handler], Handler]:
    """Register the handler of a kind of job, and the queue in which it waits."""

    def register(handler: Handler) -> Handler:
        HANDLERS[kind] = handler
        queues.assign(kind, queue)
        return handler

    return register


def enqueue(
    kind: str,
    actor: Actor,
    title: Wording,
    params: dict[str, Any],
    organisation_id: int | None = None,
    result_url: str = "",
) -> Job:
    """Write the job in the present transaction and hand its id to the broker once that is committed.

    Work that takes a sensitive step (``access.sensitive``: the kind itself, or the action that ``params`` names) wants
    the proof now, from the person who asks: nobody can be asked later. Raises ``ReauthenticationRequired``.
    """
    require_for_action(kind)
    require_for_action(str(params.get("action", "")))
    job = Job.objects.create(
        kind=kind,
        organisation_id=organisation_id,
        title={"zh": title.zh, "en": title.en},
        params=params,
        created_by=actor.key,
        result_url=result_url,
    )
    log.info("job.asked", extra={"job": str(job.pk), "kind": kind})  # under the number of the request
    transaction.on_commit(lambda: _send(job.pk, kind))
    return job


def cancel(job: Job) -> None:
    """Ask a job to stop. A queued or waiting one stops at once, a running one at its next report."""
    Job.objects.filter(pk=job.pk, state__in=[JobState.QUEUED, JobState.RUNNING]).update(cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(state=JobState.CANCELLED, finished_at=timezone.now())


def retry(job: Job) -> bool:
    """Begin a job again that failed, was cancelled or left something undone; returns whether it was such a job.

    Handlers skip what is done, so only what is missing is done now.
    """
    over = Q(state__in=[JobState.FAILED, JobState.CANCELLED]) | Q(state=JobState.DONE, failed__gt=0)
    again = Job.objects.filter(over, pk=job.pk).update(
        state=JobState.QUEUED, attempts=0, waits=0, not_before=None, waiting_for=None, cancel_requested=False,
        finished_at=None, error_code="", error=None, remedy=None, done=0, failed=0, sent_at=database_now(),
    )  # fmt: skip
    if again:
        JobIssue.objects.filter(job=job).delete()
        transaction.on_commit(lambda: _send(job.pk, job.kind))
    return bool(again)


@shared_task(name="core.run_job", ignore_result=True)
def run_job(job_pk: str) -> None:
    """Run one job, of which the broker carries the id and nothing else; a second delivery finds it taken and does nothing."""
    run(job_pk)


def _send(job_pk: uuid.UUID, kind: str) -> None:
    Job.objects.filter(pk=job_pk).update(sent_at=database_now())
    try:
        run_job.apply_async([str(job_pk)], queue=queue_of(kind))
    except Exception:
        # The row is committed: the sweeper sends it again when the broker is back.
        log.exception("job.broker_unreachable", extra={"job": str(job_pk)})


class JobRun:
    """A handler's hold on its job: parameters, progress, issues. Every report renews the lease."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.params: dict[str, Any] = job.params
        self.actor = Actor.system(f"job:{job.kind}")
        self._reported = 0.0

    def start(self, total: int) -> None:
        """Tell how many items there are."""
        self._write(total=total, done=0, failed=0)

    def advance(self, done: int, failed: int = 0) -> None:
        """Tell how far the work is; at most one write a second. Raises when cancelled or when the lease is lost."""
        if time.monotonic() - self._reported >= _HEARTBEAT_S or done >= self.job.total:
            self._write(done=done, failed=failed)

    def issue(self, subject: str, error: GradPhotoError) -> None:
        """Put one failed row or file on record; the others go on.

        A store that does not answer is no fault of the row: the whole job waits for it (raises ``error`` again).
        """
        if isinstance(error, StoreRefusal):
            raise error
        JobIssue.objects.get_or_create(
            job=self.job,
            subject=subject[:120],
            code=error.code,
            defaults={"message": _pair(error.message), "remedy": _pair(error.remedy)},
        )

    def _write(self, **fields: Any) -> None:
        self._reported = time.monotonic()
        held = Job.objects.filter(pk=self.job.pk, lease_token=self.job.lease_token, state=JobState.RUNNING)
        if not held.update(lease_until=database_now() + LEASE, **fields):
            raise LeaseLostError
        for name, value in fields.items():
            setattr(self.job, name, value)
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise JobCancelledError


def run(job_pk: str | uuid.UUID) -> bool:
    """Run one job if it is free; returns whether this call did the work."""
    job = _take_lease(job_pk)
    if job is None:
        return False
    global _in_hand
    with structlog.contextvars.bound_contextvars(job=str(job.pk), kind=job.kind):
        _in_hand = job.pk
        try:
            with _quiet_collector():
                _work_off(job)
        finally:
            _in_hand = None
    return True


@contextlib.contextmanager
def _quiet_collector() -> Iterator[None]:
    """What was there before a job is not looked through again and again for garbage while it makes rows by the hundred
    thousand: that was a quarter of the processor time of taking over a roster."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_ROWS_BETWEEN_LOOKS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


_in_hand: uuid.UUID | None = None
_ROWS_BETWEEN_LOOKS = 50_000


def in_hand() -> uuid.UUID | None:
    """The job this process works on, for its heartbeat."""
    return _in_hand


def _work_off(job: Job) -> None:
    try:
        with fonts.telling() as framed:
            HANDLERS[job.kind](JobRun(job))
        for character in sorted(framed):
            JobRun(job).issue(character, fonts.framed_error(character))
    except JobCancelledError:
        _finish(job, JobState.CANCELLED)
    except LeaseLostError:
        log.warning("job.lease_lost")
    except StoreRefusal as error:
        _wait(job, error)
    except GradPhotoError as error:
        log.info("job.failed", extra={"code": error.code})
        _finish(
            job,
            JobState.FAILED,
            error_code=error.code,
            error=_pair(error.message),
            remedy=_pair(error.remedy),
        )
    except Exception as error:
        _stopped(job, error)
    else:
        _finish(job, JobState.DONE, done=F("total"))
        log.info("job.done")


def _stopped(job: Job, error: Exception) -> None:
    """A handler ended by what it did not expect: a full disk is waited for, a lost database begins the job again."""
    full = store_refusal(error) if isinstance(error, DatabaseError) else None
    if isinstance(error, OSError) and is_full(error):
        full = of_folder(error)
    if full is not None:
        _wait(job, full)
    elif isinstance(error, OperationalError | InterfaceError):
        log.error("job.database_away", exc_info=error)
        _give_back(job)
    else:
        log.error("job.crashed", exc_info=error)
        _finish(
            job,
            JobState.FAILED,
            error_code="core.job_crashed",
            error={"zh": "后台任务意外中断。", "en": "The job stopped unexpectedly."},
            remedy={
                "zh": "请重试；若再次失败，请将任务编号告知管理员。",
                "en": "Try again; if it fails again, give the job number to your administrator.",
            },
        )


def _give_back(job: Job) -> None:
    """The database was away, or two transactions stood in each other's way: not the job's fault. The sweeper begins it again.

    Where the database is still away the lease runs out by itself; ``MAX_ATTEMPTS`` bounds it.
    """
    with contextlib.suppress(DatabaseError):
        connection.close()
        Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=JobState.RUNNING).update(
            lease_until=database_now(), sent_at=database_now() - LEASE
        )


def _take_lease(job_pk: str | uuid.UUID) -> Job | None:
    now = database_now()
    free = Q(state=JobState.QUEUED) & _due(now) | Q(state=JobState.RUNNING) & _left(now)
    taken = Job.objects.filter(free, pk=job_pk, attempts__lt=MAX_ATTEMPTS).update(
        state=JobState.RUNNING, lease_token=uuid.uuid4(), lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    return Job.objects.get(pk=job_pk) if taken else None


def _left(now: datetime) -> Q:
    """Whose lease has run out; or reaches further than any lease can, because the clock was set back since."""
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * LEASE)


def _due(now: datetime) -> Q:
    """Who waits for nothing, or has waited long enough."""
    longest = timedelta(seconds=_LONGEST_WAIT_S)
    return Q(not_before=None) | Q(not_before__lte=now) | Q(not_before__gt=now + longest)


def _wait(job: Job, error: StoreRefusal) -> None:
    """Give the job back until the store answers again; what it waits for stands on its page."""
    if job.waits >= MAX_WAITS:
        _finish(job, JobState.FAILED, error_code=error.code, error=_pair(error.message), remedy=_pair(error.remedy))
        return
    pause = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(job.waits, 10))
    Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=JobState.RUNNING).update(
        state=JobState.QUEUED, lease_until=None, waits=F("waits") + 1, attempts=0,
        not_before=database_now() + timedelta(seconds=pause), waiting_for=_pair(error.message),
    )  # fmt: skip
    log.warning("job.waits_for_store", extra={"job": str(job.pk), "code": error.code, "seconds": pause})


def _finish(job: Job, state: JobState, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state=JobState.RUNNING).update(
        state=state, finished_at=timezone.now(), lease_until=None, not_before=None, waiting_for=None, **fields
    )


def sweep() -> int:
    """Re-issue jobs that nobody works on: sent and lost, or left by a worker that died. Returns how many.

    A job is sent at most once a lease, so that a long job ahead in the queue does not pile up copies of the next.
    """
    now = database_now()
    Job.objects.filter(_left(now), state=JobState.RUNNING, attempts__gte=MAX_ATTEMPTS).update(
        state=JobState.FAILED,
        finished_at=now,
        error_code="core.job_gave_up",
        error={
            "zh": "任务多次中断，已停止重试。",
            "en": "The job was interrupted several times and is no longer retried.",
        },
        remedy={"zh": "请检查服务器日志后重新发起。", "en": "Check the server's log, then start it again."},
    )
    lost = Q(state=JobState.QUEUED) & _due(now) | Q(state=JobState.RUNNING) & _left(now)
    silent = Q(sent_at__lt=now - LEASE) | Q(sent_at__gt=now + LEASE) | Q(not_before__lte=now)
    stale = dict(Job.objects.filter(lost, silent).values_list("pk", "kind"))
    Job.objects.filter(pk__in=stale, not_before__lte=now).update(not_before=None)
    for pk, kind in stale.items():
        _send(pk, kind)
    return len(stale)


def _pair(wording: Wording) -> dict[str, str]:
    return {"zh": wording.zh, "en": wording.en}
