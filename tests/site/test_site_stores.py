"""Redis as broker and an S3 server as store (issue 18, section 3): the same product, the same refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery
from django.core.files.storage import storages

sys.path.insert(0, os.path.dirname(__file__))
from serving import ROOT, environment, run, until
from stores import object_storage, redis

from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.queues import ALL
from patience import PROCESS_S

KILL_WORLD = Path(__file__).parents[1] / "core" / "kill_world.py"


@pytest.fixture
def on_s3(settings, monkeypatch):
    """The store of this test lies in a bucket; gives a function that names another bucket or address."""
    with object_storage() as given:
        for name, value in given.items():
            monkeypatch.setenv(name, value)

        def use(bucket: str, **more: object) -> None:
            options = {"bucket_name": bucket, "file_overwrite": True, "client_config": _impatient(), **more}
            settings.STORAGES = {
                **settings.STORAGES, "blobs": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options},
            }  # fmt: skip
            storages._storages.clear()

        use(given["GRADPHOTO_S3_BUCKET"])
        yield use
    storages._storages.clear()


def _impatient():
    from botocore.config import Config

    return Config(connect_timeout=0.2, read_timeout=0.5, retries={"total_max_attempts": 1})


@pytest.mark.django_db
def test_files_are_kept_streamed_and_forgotten_in_a_bucket(on_s3, django_capture_on_commit_callbacks):
    photograph = blobs.put_photograph(b"\xff\xd8\xff photo")
    table = blobs.put_stream((b"row\n" * 40_000 for _ in range(3)), "text/csv")
    assert blobs.read(photograph) == b"\xff\xd8\xff photo"
    assert sum(map(len, blobs.stream(table))) == table.size_bytes == 480_000
    stored = storages["blobs"].open(blobs.name_of(table.name)).read()
    assert b"row\n" not in stored, "encrypted in the bucket, too"
    with django_capture_on_commit_callbacks(execute=True):
        blobs.forget([photograph.name])
    assert not storages["blobs"].exists(blobs.name_of(photograph.name))


@pytest.mark.django_db
def test_a_wrong_bucket_and_a_lost_network_say_what_to_do(on_s3):
    photograph = blobs.put_photograph(b"\xff\xd8\xff photo")
    for bucket, more, code, hint in (
        ("no-such-bucket", {}, "core.store_wrong", "GRADPHOTO_S3_BUCKET"),
        ("gradphoto-test", {"endpoint_url": "http://127.0.0.1:9"}, "core.store_away", "gradphoto doctor"),
    ):
        on_s3(bucket, **more)
        for ask in (lambda: blobs.read(photograph), lambda: blobs.put(b"new", "text/plain")):
            with pytest.raises(Refusal) as told:
                ask()
            assert told.value.code == code
            assert hint in told.value.remedy.en


def test_redis_gives_what_a_person_waits_for_before_what_came_first(settings):
    with redis() as address:
        app = Celery("test", broker=address)
        app.conf.broker_transport_options = {"queue_order_strategy": "priority"}
        taken: list[str] = []
        with app.connection_for_write() as link:
            channel = link.channel()
            known = {queue: app.amqp.queues.select_add(str(queue)) for queue in ALL}
            for queue in reversed(ALL):
                bound = known[queue](channel)
                bound.declare()
                app.send_task("core.run_job", ["1"], queue=str(queue))
            consumer = app.amqp.TaskConsumer(channel, queues=[known[queue] for queue in ALL])
            consumer.register_callback(
                lambda body, message: (taken.append(message.delivery_info["routing_key"]), message.ack())
            )
            with consumer:
                while len(taken) < len(ALL):
                    link.drain_events(timeout=PROCESS_S)
    assert taken == ["quick", "bulk", "pictures"]


@pytest.mark.nightly
def test_portraits_are_made_by_a_worker_over_redis_and_s3(tmp_path):
    """The real processes: a job is sent through Redis, photographs come from the bucket and go there."""
    data = tmp_path / "data"
    with redis() as broker, object_storage() as given:
        environ = environment(data, GRADPHOTO_BROKER=broker, GRADPHOTO_LEASE_SECONDS="5", **given)
        environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.settings"
        environ["PYTHONPATH"] = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])
        seed = [sys.executable, str(KILL_WORLD), "seed", "3"]
        subprocess.run(seed, env=environ, check=True, capture_output=True, timeout=PROCESS_S)
        worker = subprocess.Popen([sys.executable, "-m", "gradphoto.cli", "worker"], env=environ)
        try:
            look = (
                "import django; django.setup(); from gradphoto.apps.core.models import Job;"
                "from gradphoto.apps.delivery.models import Portrait;"
                "print(Job.objects.get().state, Portrait.objects.count())"
            )

            def done() -> bool:
                said = subprocess.run([sys.executable, "-c", look], env=environ, capture_output=True, text=True)
                return said.stdout.split() == ["done", "9"]

            until(done)
        finally:
            worker.terminate()
            worker.wait(PROCESS_S)
        assert not (data / "blobs").exists(), "nothing lies on this machine"
        doctor = run(data, "doctor", GRADPHOTO_BROKER=broker, **given)
        assert "存储 storage" in doctor.stdout
