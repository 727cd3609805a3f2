"""What an operator finds: probes, metrics, workers, the page, `doctor` (issue 18, section 3)."""

from __future__ import annotations

import json
import uuid
from ipaddress import ip_network
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from django.core.files.storage import storages
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import IntegrityError, InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from gradphoto.apps.core import heartbeats, jobs, probes
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Job, Worker
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.orgs.models import Role
from gradphoto.cli import SpeakingGroup, main
from gradphoto.engine.wording import Wording
from page_text import flat
from world import build_world

TITLE = Wording("试", "Try")


def visitor(username):
    client = Client()
    client.force_login(username, backend="django.contrib.auth.backends.ModelBackend")
    return client


def silence(name):
    Worker.objects.filter(name=name).update(seen_at=timezone.now() - 2 * heartbeats.SILENT)


def test_healthz_needs_no_database_and_no_known_host():
    answer = Client().get("/healthz", HTTP_HOST="10.3.2.1:8000")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "sessionid" not in answer.cookies


@pytest.mark.django_db
def test_readyz_looks_at_what_the_process_cannot_work_without(monkeypatch):
    answer = Client().get("/readyz", HTTP_HOST="10.3.2.1")
    assert answer.status_code == 200
    assert {name: one["passed"] for name, one in answer.json().items()} == {
        "database": True, "schema": True, "storage": True,
    }  # fmt: skip

    def away(name):
        raise OSError("storage is away")

    monkeypatch.setattr(storages["blobs"], "exists", away)
    answer = Client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["storage"]["passed"] is False
    outside = Client().get("/readyz", REMOTE_ADDR="203.0.113.7")
    assert (outside.status_code, outside.content) == (503, b"not ready\n")


@pytest.mark.django_db
def test_the_schema_is_read_from_disk_once_and_from_the_database_each_time(monkeypatch):
    """A test's database has no migrations; here the program has two."""
    ours, seen, read = {("core", "0001_initial"), ("core", "0002_more")}, {}, []
    loader = SimpleNamespace(graph=SimpleNamespace(nodes=ours))
    plan = [(SimpleNamespace(app_label="core", name="0002_more"), False)]
    loader.graph.leaf_nodes = list
    executor = SimpleNamespace(loader=loader, migration_plan=lambda _: plan)
    monkeypatch.setattr(probes, "MigrationLoader", lambda _: read.append("disk") or loader)
    monkeypatch.setattr(probes, "MigrationExecutor", lambda _: read.append("disk, to say which") or executor)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: seen)
    probes._of_this_program.cache_clear()
    try:
        seen.update(dict.fromkeys(ours))
        assert [probes.pending_migrations() for _ in range(3)] == [[], [], []]
        assert read == ["disk"]
        del seen["core", "0002_more"]
        assert probes.pending_migrations() == ["core.0002_more"]
        assert Client().get("/readyz").status_code == 503
        seen["core", "0002_more"] = None
        assert Client().get("/readyz").status_code == 200
        assert read == ["disk", *["disk, to say which"] * 2]
    finally:
        probes._of_this_program.cache_clear()


@pytest.mark.django_db
def test_metrics_are_for_allowed_addresses_only(settings):
    for n in range(3):
        jobs.enqueue("test.kind", Actor.system("test"), TITLE, {"n": n})
    heartbeats.beat("here:1")
    Client().get("/verify/")
    text = Client().get("/metrics", HTTP_HOST="web:8000").content.decode()
    assert 'gradphoto_jobs{kind="test.kind",queue="bulk",state="waiting"} 3.0' in text
    assert "gradphoto_workers 1.0" in text
    assert 'gradphoto_queue_workers{queue="pictures"} 1.0' in text
    assert 'gradphoto_queue_depth{queue="bulk"} 3.0' in text
    assert 'gradphoto_queue_depth{queue="quick"} 0.0' in text
    assert "gradphoto_database_up 1.0" in text
    assert (
        'django_http_requests_total_by_view_transport_method_total{method="GET",transport="http",view="verification:start"}'
        in text
    )
    assert Client().get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 404
    # A proxy on this machine that nobody declared: every stranger would come from 127.0.0.1.
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    assert Client().get("/readyz", headers={"X-Real-IP": "203.0.113.7"}).content == b"ok\n"
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404
    settings.METRICS_FROM = [ip_network("203.0.113.0/24")]
    assert Client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 200


@pytest.mark.django_db
@pytest.mark.real_clock  # the database's
def test_a_worker_is_alive_while_it_is_heard():
    assert heartbeats.alive() == []
    job = jobs.enqueue("test.kind", Actor.system("test"), TITLE, {})
    heartbeats.beat("here:1")
    heartbeats.beat("there:2", job.pk)
    heartbeats.beat("there:2", job.pk)
    assert [(one.name, one.job) for one in heartbeats.alive()] == [("here:1", None), ("there:2", job.pk)]
    silence("there:2")
    assert [one.name for one in heartbeats.alive()] == ["here:1"]
    heartbeats.leave("here:1")
    assert heartbeats.alive() == []
    waiting = heartbeats.backlog()
    assert (waiting.waiting, waiting.running, waiting.depth) == ({"test.kind": 1}, {}, 1)
    assert 0 <= waiting.oldest_s < 60


@pytest.mark.django_db
def test_who_waits_for_a_job_is_told_that_no_worker_is_running():
    world = build_world()
    user = world.people[Role.REGISTRAR]
    job = jobs.enqueue("test.kind", Actor.of(user), TITLE, {}, world.school.pk)
    address = f"/jobs/{job.pk}/progress/"
    assert "没有运行中的后台程序" in flat(visitor(user).get(address))
    heartbeats.beat("here:1")
    assert "没有运行中的后台程序" not in flat(visitor(user).get(address))
    heartbeats.leave("here:1")
    heartbeats.beat("here:1", queues=(Queue.QUICK, Queue.PICTURES))
    assert "没有运行中的后台程序" in flat(visitor(user).get(address)), "a worker, but none that takes this queue"
    Job.objects.filter(pk=job.pk).update(state="done")
    heartbeats.leave("here:1")
    assert "没有运行中的后台程序" not in flat(visitor(user).get(address))


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_a_command_tells_a_database_that_is_away_and_no_other_fault(kind):
    """It was a hundred lines of traceback."""
    failing: list[Exception] = [kind("connection failed: no such host\nmore")]

    @click.group(cls=SpeakingGroup)
    def group() -> None:
        """As the program's own."""

    @group.command()
    def look() -> None:
        raise failing[0]

    answer = CliRunner().invoke(group, ["look"])
    assert answer.exit_code == 2
    assert "[database.away]" in answer.output
    assert "connection failed: no such host" in answer.output
    assert "GRADPHOTO_DATABASE" in answer.output
    failing[0] = IntegrityError("a fault of the program")
    assert CliRunner().invoke(group, ["look"]).exception is failing[0]


@pytest.mark.django_db
def test_the_operators_page():
    world = build_world()
    page = visitor(world.people[Role.ADMINISTRATOR])
    assert "没有运行中的后台程序" in flat(page.get("/operations/"))
    jobs.enqueue("test.kind", Actor.system("test"), TITLE, {})
    heartbeats.beat("here:1", uuid.uuid4())
    text = flat(page.get("/operations/"))
    assert "没有运行中的后台程序" not in text
    for said in ("here:1", "quick,bulk,pictures", "test.kind", "从未备份", "数据库"):
        assert said in text
    assert visitor(world.people[Role.REGISTRAR]).get("/operations/").status_code in (403, 404)


@pytest.mark.django_db
def test_a_real_worker_is_heard(monkeypatch):
    """The sweeper's own round: what it writes is what the page reads."""
    from gradphoto.cli import server

    class EndedError(Exception):
        pass

    def one_round(seconds):
        raise EndedError

    monkeypatch.setattr(server.time, "sleep", one_round)
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    with pytest.raises(EndedError):
        server._sweep_for_ever()
    assert [one.name for one in heartbeats.alive()] == [heartbeats.own_name()]


@pytest.mark.django_db
def test_doctor_names_what_is_ill_and_what_to_do(monkeypatch, settings):
    monkeypatch.setenv("GRADPHOTO_TRUSTED_PROXY", "127.0.0.1")
    heartbeats.beat("here:1")
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    found = {one["subject"]: one for one in json.loads(answer.output)}
    assert found["数据库 database"]["verdict"] == "well"
    assert found["存储 storage"]["verdict"] == "well"
    assert found["审计链 audit chains"]["verdict"] == "well"
    assert found["后台任务 workers"]["verdict"] == "well"
    Worker.objects.update(queues="quick")
    found = {one["subject"]: one for one in json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)}
    assert found["后台任务 workers"]["verdict"] == "ill"
    assert "gradphoto worker --queues bulk,pictures" in found["后台任务 workers"]["said"]
    assert found["备份 backup"]["verdict"] == "note"
    noted = [one["said"] for one in json.loads(answer.output) if one["verdict"] == "note"]
    assert any("GRADPHOTO_TRUSTED_PROXY" in said for said in noted)

    from django.db import connection

    from gradphoto.apps.core import audit

    audit.record(Actor.system("test"), "test.step")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditentry SET actor_label = 'x'")
    monkeypatch.setattr(storages["blobs"], "save", lambda name, content: (_ for _ in ()).throw(OSError("away")))
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1
    assert "✗ 审计链" in answer.output
    assert "✗ 存储" in answer.output


def test_a_command_that_is_printed_can_be_typed_as_it_stands(monkeypatch):
    """``make demo`` puts it into ``.venv/bin``, where a shell does not look."""
    from gradphoto.cli import server

    monkeypatch.setattr("sys.argv", [".venv/bin/gradphoto", "demo"])
    monkeypatch.setenv("PATH", "/nowhere")
    assert server.as_typed() == ".venv/bin/gradphoto"
    monkeypatch.setattr("sys.argv", ["gradphoto/cli/__main__.py", "demo"])
    assert server.as_typed() == "gradphoto"
