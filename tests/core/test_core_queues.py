"""What a person waits for never stands behind hours of photographs (issue 18, section 1)."""

from __future__ import annotations

import pytest

from gradphoto.apps.core import jobs, queues
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.core.queues import ALL, Queue, queue_of
from gradphoto.engine.wording import Wording

TITLE = Wording("试", "Try")


def test_every_kind_has_a_queue_and_what_a_page_waits_for_is_quick():
    assert {queue_of(kind) for kind in jobs.HANDLERS} == set(ALL)
    for kind in ("roster.import", "pages.export", "schedule.search", "fees.match_statement"):
        assert queue_of(kind) is Queue.QUICK, kind
    for kind in ("pages.long_export", "makeup.unpack", "makeup.take"):
        assert queue_of(kind) is Queue.BULK, f"{kind}: an archive of photographs takes minutes"
    for kind in ("delivery.make_portraits", "capture.reassess"):
        assert queue_of(kind) is Queue.PICTURES, kind


def test_a_worker_is_told_its_queues_most_urgent_first():
    assert queues.read("pictures, quick") == (Queue.QUICK, Queue.PICTURES)
    assert queues.written(ALL) == "quick,bulk,pictures"
    with pytest.raises(ValueError, match="quickly"):
        queues.read("quickly")


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_through_the_queue_of_its_kind_also_when_it_is_sent_again(monkeypatch):
    sent = []
    monkeypatch.setattr(jobs.run_job, "apply_async", lambda args, queue: sent.append((args[0], queue)))
    quick = jobs.enqueue("pages.export", Actor.system("test"), TITLE, {})
    slow = jobs.enqueue("delivery.make_portraits", Actor.system("test"), TITLE, {})
    expected = {(str(quick.pk), "quick"), (str(slow.pk), "pictures")}
    assert set(sent) == expected
    sent.clear()
    Job.objects.update(state=JobState.FAILED)
    assert jobs.retry(quick)
    assert sent == [(str(quick.pk), "quick")]
