"""The folder that stands in for Redis: no worker ever reads half a message or half a table, whoever is killed (R98)."""

from __future__ import annotations

import errno
import fcntl
import os
import threading

import pytest
from celery import Celery
from kombu.transport import filesystem

from gradphoto.site import folder_broker

pytestmark = pytest.mark.engine


@pytest.fixture
def open_channel(tmp_path):
    """Channels of as many processes as are asked for, all on the same folders."""
    folders = {name: tmp_path / name for name in ("messages", "control")}
    for folder in folders.values():
        folder.mkdir()
    app = Celery("test", broker="filesystem://")
    app.conf.broker_transport_options = {
        "data_folder_in": folders["messages"], "data_folder_out": folders["messages"], "control_folder": folders["control"],
    }  # fmt: skip
    links = []

    def opened():
        links.append(app.connection_for_write())
        return links[-1].channel()

    opened.folders = folders
    yield opened
    for link in links:
        link.release()


def test_a_folder_is_served_by_our_transport(open_channel):
    assert isinstance(open_channel(), folder_broker.Channel)


@pytest.mark.parametrize(
    "write", [lambda one: one._put("quick", {"job": 1}), lambda one: one._queue_bind("e", "r", "", "q")]
)
def test_what_is_being_written_is_nobodys_yet(open_channel, monkeypatch, write):
    channel, seen = open_channel(), []
    real = os.replace

    def look_first(source, target):
        seen.append((channel._size("quick"), channel.get_table("e")))
        real(source, target)

    monkeypatch.setattr(folder_broker.os, "replace", look_first)
    write(channel)
    assert seen == [(0, [])]
    assert channel._size("quick") + len(channel.get_table("e")) == 1
    assert not [path for folder in open_channel.folders.values() for path in folder.glob("*.new")]


def test_a_message_that_was_cut_short_is_left_out_and_the_next_one_given(open_channel):
    channel = open_channel()
    (open_channel.folders["messages"] / "0_cut.quick.msg").write_bytes(b"")
    (open_channel.folders["messages"] / "1_cut.quick.msg").write_bytes(b'{"job": ')
    channel._put("quick", {"job": 1})
    assert channel._get("quick") == {"job": 1}
    with pytest.raises(filesystem.Empty):
        channel._get("quick")


def test_messages_are_given_by_age_however_long_the_machine_has_run(open_channel, monkeypatch):
    channel = open_channel()
    for number, seconds in enumerate((99.999, 100.0, 9_999_999.0, 10_000_000.0)):
        monkeypatch.setattr(folder_broker, "monotonic", lambda seconds=seconds: seconds)
        channel._put("quick", number)
    assert [channel._get("quick") for _ in range(4)] == [0, 1, 2, 3]


def test_a_table_that_was_cut_short_is_made_anew(open_channel):
    """A power cut at the first start once kept every later worker from starting."""
    channel = open_channel()
    (open_channel.folders["control"] / "e.exchange").write_bytes(b"")
    assert channel.get_table("e") == []
    channel._queue_bind("e", "r", "", "q")
    assert [one.queue for one in channel.get_table("e")] == ["q"]


def test_workers_that_begin_together_in_a_new_folder_are_all_bound(open_channel):
    queues = [f"q{n}" for n in range(8)]
    starts = [threading.Thread(target=open_channel()._queue_bind, args=("e", queue, "", queue)) for queue in queues]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(one.queue for one in open_channel().get_table("e")) == queues


def test_a_folder_on_a_file_system_without_locks_binds_all_the_same(open_channel, monkeypatch):
    def no_locks(descriptor, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    channel = open_channel()
    channel._queue_bind("e", "r", "", "q")
    assert [one.queue for one in channel.get_table("e")] == ["q"]


def test_who_leaves_is_bound_no_more_and_a_full_disk_is_told(open_channel, monkeypatch):
    channel = open_channel()
    for queue in ("a", "b"):
        channel._queue_bind("e", queue, "", queue)
        channel._put(queue, 1)
    channel._delete("a", "e", "a", "")
    assert [one.queue for one in channel.get_table("e")] == ["b"]
    assert (channel._size("a"), channel._size("b")) == (0, 1)

    def full(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder_broker.os, "replace", full)
    with pytest.raises(filesystem.ChannelError):
        channel._put("b", 2)
    assert channel._size("b") == 1
    assert len(list(open_channel.folders["messages"].iterdir())) == 1


def test_what_a_power_cut_left_half_written_is_swept_at_the_next_start(open_channel):
    long_ago, now = (open_channel.folders["messages"] / f"{name}.quick.msg.x.new" for name in ("long_ago", "now"))
    for half in (long_ago, now):
        half.write_bytes(b'{"body": "')
    os.utime(long_ago, (0, 0))
    open_channel()
    assert not long_ago.exists()
    assert now.exists(), "somebody may be writing it"


def test_a_folder_has_no_host_and_nothing_is_warned_of(caplog):
    Celery("test", broker="filesystem://").connection_for_write().info()
    assert "No hostname" not in caplog.text
