"""``serve`` and ``demo`` end when told, and what dies alone is started again (issue 11, section 1; issue 18, section 1)."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from benchmarks.free_ports import free_port
from serving import answers, of_installation, run, terminal, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]
INTERRUPT = b"\x03"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """An installation that is there already: what is timed below is the start of the server."""
    folder = tmp_path_factory.mktemp("installation") / "data"
    begun = run(folder, "setup", "--name", "示范大学")
    assert begun.returncode == 0, begun.stderr
    return folder


LIGHT = ("--workers", "1", "--no-worker")
"""Starting costs the processor seconds; how it ends is the same."""


@pytest.mark.parametrize(
    ("when", "times"),
    [(0.3, 2), (0.7, 1), ("started", 2), ("ready", 1)]
    + [
        pytest.param(when, times, marks=pytest.mark.nightly)
        for when, times in [(0.3, 1), (0.7, 2), (1.5, 1), (1.5, 2), ("started", 1), ("ready", 2)]
    ],
)
def test_ctrl_c_ends_the_server_from_the_first_moment(data, when, times):
    port = free_port()
    with terminal(data, "serve", "--port", str(port), *LIGHT) as screen:
        if isinstance(when, float):
            time.sleep(when)
        else:
            screen.wait_for("Ctrl+C")
        if when == "ready":
            until(lambda: answers(f"http://127.0.0.1:{port}/accounts/login/") == 200)
        for _ in range(times):
            screen.press(INTERRUPT)
            time.sleep(0.02)
        until(screen.ended)
        until(lambda: not of_installation(data))
        assert answers(f"http://127.0.0.1:{port}/") == 0
        if when == "ready" and times == 1:
            assert os.waitstatus_to_exitcode(screen.status) == 0


def test_a_service_manager_may_signal_the_whole_group_and_again(data):
    """As systemd does by default, and ``timeout``: everybody gets SIGTERM, and the parent's own follows."""
    with terminal(data, "serve", "--port", str(port := free_port()), *LIGHT) as screen:
        until(lambda: answers(f"http://127.0.0.1:{port}/accounts/login/") == 200)
        for _ in range(2):
            for pid in of_installation(data):
                with contextlib.suppress(ProcessLookupError):  # a child may end between the look and the signal
                    os.kill(pid, signal.SIGTERM)
        until(screen.ended)
        until(lambda: not of_installation(data))


@pytest.mark.nightly
def test_ctrl_c_ends_the_demo_with_its_worker(tmp_path):
    with terminal(data := tmp_path / "demo", "demo", "--data", str(data), "--port", str(free_port())) as screen:
        until(lambda: len(of_installation(data)) > 1)  # the worker is there
        screen.press(INTERRUPT)
        until(screen.ended)
        until(lambda: not of_installation(data))


def test_what_dies_alone_is_started_again_and_a_killed_parent_leaves_nobody(data):
    port = free_port()
    login = f"http://127.0.0.1:{port}/accounts/login/"

    def children(parent):
        with open(f"/proc/{parent}/task/{parent}/children") as listed:
            return [int(pid) for pid in listed.read().split()]

    with terminal(data, "serve", "--port", str(port)) as screen:
        until(lambda: answers(login) == 200)
        second = run(data, "serve", "--port", str(port))
        assert second.returncode == 2
        assert "server.port_taken" in second.stderr
        assert answers(login) == 200

        whole = len(of_installation(data))
        server = next(
            pid for pid in children(screen.pid) if b"web-process" in Path(f"/proc/{pid}/cmdline").read_bytes()
        )
        victim = children(server)[0]
        os.kill(victim, signal.SIGKILL)  # one process of the server: the next requests are answered, a new one comes
        until(lambda: victim not in of_installation(data))
        until(lambda: len(of_installation(data)) == whole and answers(login) == 200)
        assert server in of_installation(data)

        for pid in children(screen.pid):  # the server's parent and the worker
            os.kill(pid, signal.SIGKILL)
        until(lambda: len(of_installation(data)) == whole and server not in of_installation(data))
        until(lambda: answers(login) == 200)

        os.kill(screen.pid, signal.SIGKILL)
        until(screen.ended)
        until(lambda: not of_installation(data))


def test_a_taken_port_is_a_sentence_and_the_demo_says_so_before_it_deletes_anything(tmp_path, data):
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        for arguments in (("serve",), ("demo", "--data", str(tmp_path / "demo"))):
            refused = run(data, *arguments, "--port", port)
            assert refused.returncode == 2
            assert "已被占用" in refused.stderr
            assert "--port" in refused.stderr
    assert not (tmp_path / "demo").exists()


def test_the_demo_refuses_a_database_of_people(tmp_path):
    refused = run(tmp_path / "demo", "demo", GRADPHOTO_DATABASE="postgresql://u:p@db.example.edu/people")
    assert refused.returncode == 2
    assert "GRADPHOTO_DATABASE" in refused.stderr


def test_a_wrong_setting_stops_the_start_by_its_name(data):
    refused = run(data, "serve", "--port", str(free_port()), GRADPHOTO_TLS="ture", GRADPHOTO_TRUSTED_PROXIES="proxy")
    assert refused.returncode == 2
    assert "GRADPHOTO_TLS" in refused.stderr
    assert "GRADPHOTO_TRUSTED_PROXIES" in refused.stderr
    assert "Traceback" not in refused.stderr
