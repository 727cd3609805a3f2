"""A data directory or a stick with FAT or exFAT (R98: the room goes on): no hard links, no rights of files, no syncing of folders.

No such disk can be mounted where these tests run: the calls refuse as its drivers do (``vfat``, ``exfat``: EPERM, EINVAL).
"""

from __future__ import annotations

import errno
import io
import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.file_locks import locked
from gradphoto.engine.keyring import KeyFile, KeyringError
from gradphoto.engine.packet.durable import write_durably
from gradphoto.site import migrating, temporary_files
from gradphoto.site.private_data import keep_private


@pytest.fixture(params=[errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK], ids=errno.errorcode.get)
def fat(monkeypatch, request):
    def refuses(number):
        def call(*of, **more):
            raise OSError(number, os.strerror(number))

        return call

    synced = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        synced(descriptor)

    for name in ("link", "symlink"):
        monkeypatch.setattr(os, name, refuses(request.param))
    rights = errno.ENOSYS if request.param == errno.EOPNOTSUPP else errno.EPERM
    monkeypatch.setattr(os, "chmod", refuses(rights))
    monkeypatch.setattr(Path, "chmod", refuses(rights))
    monkeypatch.setattr(os, "fsync", fsync)
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_several_processes_that_start_at_once_agree_on_one_key_ring(fat, tmp_path):
    path = tmp_path / "keys.json"
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda _: KeyFile(path, create=True).read(), range(8)))
    assert all(one == read[0] for one in read)
    assert [one.name for one in tmp_path.iterdir()] == ["keys.json"], "nothing is left behind"


@pytest.mark.real_clock
def test_who_died_on_the_way_to_be_first_does_not_stop_the_next_start(fat, tmp_path):
    path, turn = tmp_path / "keys.json", tmp_path / "keys.first"
    turn.touch()
    os.utime(turn, (time.time() - 60, time.time() - 60))
    assert KeyFile(path, create=True).read()
    assert not turn.exists()


@pytest.mark.real_clock  # a file's age
def test_one_who_is_first_at_this_moment_is_waited_for(fat, tmp_path, monkeypatch):
    monkeypatch.setattr("gradphoto.engine.keyring._FIRST_PUTS_IT_WITHIN_S", 0.05)
    (tmp_path / "keys.first").touch()
    with pytest.raises(KeyringError):
        KeyFile(tmp_path / "keys.json", create=True).read()


def test_files_are_written_and_frames_move_away(fat, tmp_path):
    keep_private(tmp_path / "data")
    write_durably(tmp_path / "stick" / "packet.json", b"{}")
    write_durably(tmp_path / "stick" / "packet.json", [b"{", b"1}"])
    assert [one.read_bytes() for one in (tmp_path / "stick").iterdir()] == [b"{1}"]
    hot = tmp_path / "hot"
    hot.mkdir()
    out, folder, now = io.BytesIO(), HotFolder(hot), datetime.now().astimezone()
    Image.new("RGB", (96, 128)).save(out, "JPEG")
    (hot / "IMG_0001.JPG").write_bytes(out.getvalue())
    [found] = [frame for n in range(3) for frame in folder.poll(now + timedelta(seconds=n))]
    folder.done(found)
    assert [one.name for one in (hot / "taken").iterdir()] == ["IMG_0001.JPG"]


@pytest.fixture(params=[errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP], ids=errno.errorcode.get)
def no_locks(monkeypatch, request):
    def flock(descriptor, operation):
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr("gradphoto.engine.file_locks.fcntl.flock", flock)


def test_where_no_locks_are_known_nobody_waits_for_one_for_ever(no_locks, tmp_path, settings, monkeypatch):
    """Drivers of exFAT and NTFS beside the kernel, shares of a network: the first start of a room ended in an endless loop."""
    settings.DATA_DIR = tmp_path
    waited = []
    with migrating._in_folder(lambda: waited.append("somebody")):
        assert not waited
    monkeypatch.setattr(temporary_files.tempfile, "tempdir", None)
    monkeypatch.setattr(temporary_files.atexit, "register", lambda *of: None)
    other = tmp_path / "tmp" / "of-another-process"
    other.mkdir(parents=True)
    (other / ".lock").touch()
    mine = temporary_files.use_own_folder(tmp_path)
    temporary_files._held.pop().close()
    assert mine.is_dir()
    assert other.is_dir(), "it may be in use"


def test_a_lock_is_held_once_and_let_go_with_the_file(tmp_path):
    with (tmp_path / "one").open("wb") as first, (tmp_path / "one").open("rb") as second:
        assert locked(first.fileno(), wait=True) is True
        assert locked(second.fileno()) is False
        first.close()
        assert locked(second.fileno()) is True
