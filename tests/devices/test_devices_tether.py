"""A camera on the cable: the wheel's own virtual PTP camera, whole frames on disk, clocks compared."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gradphoto.demo.sitters import picture
from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.several import SeveralSources
from gradphoto.engine.devices.tether import CameraError, ClockReading, find_cameras
from patience import PROCESS_S

pytestmark = pytest.mark.engine
HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "gradphoto"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="gphoto2 has no wheel for Windows")
def test_frames_come_over_the_cable_whole_numbered_and_once(tmp_path):
    card = tmp_path / "card"
    card.mkdir()
    (card / "A.JPG").write_bytes(picture("person_01"))
    # The virtual camera tells UTC; a real one tells the time it was set to, which libgphoto2 takes for local time.
    environment = os.environ | {"VCAMERADIR": str(card), "PYTHONPATH": str(SOURCE.parent), "TZ": "UTC"}
    done = subprocess.run(
        [sys.executable, str(HERE / "tether_child.py"), str(tmp_path / "spool")],
        env=environment, capture_output=True, text=True, timeout=PROCESS_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["found"][0][0] == "Nikon DSC D750"
    assert told["before"] == 0, "what was on the card before is not this session's"
    names = [frame[:4] for frame in told["frames"]]
    assert names[0][:2] == ["GPH_0099.JPG", "100GPHOT"]
    assert names[1][:3] == ["GPH_0101.JPG", "101GPHOT", 101], "the camera rolled over into the next folder"
    assert {frame[3] for frame in names} == {told["serial"]}
    assert {frame[4] for frame in told["frames"]} == {len(picture("person_01"))}
    offset, give, sentence = told["clock"]
    assert abs(offset) <= give + 0.6, "the virtual camera has the computer's clock"
    assert give <= 1.0
    assert sentence.startswith("相机时间比电脑")
    assert (told["unplugged"], told["connected"], told["back"]) == ("camera.unplugged", False, True)
    assert told["handed out again"] == [names[2][0]], "what was not acknowledged comes again"
    (card / "B.JPG").write_bytes(picture("person_02"))
    for wanted in ([["B.JPG", True]], [["B.JPG", True]]):
        later = subprocess.run(
            [sys.executable, str(HERE / "tether_child.py"), str(tmp_path / "spool"), "later"],
            env=environment, capture_output=True, text=True, timeout=PROCESS_S, check=True,
        )  # fmt: skip
        assert json.loads(later.stdout) == wanted, "fetched once; until it is acknowledged it is handed out again"
    assert len(list((tmp_path / "spool" / "another port").rglob("B*.JPG"))) == 1


def test_windows_is_told_to_use_the_hot_folder(monkeypatch):
    monkeypatch.setitem(sys.modules, "gphoto2", None)
    with pytest.raises(CameraError) as caught:
        find_cameras()
    assert caught.value.code == "camera.no_gphoto2"
    assert "--frames" in caught.value.remedy.zh


def test_the_clock_is_told_in_a_sentence():
    slow = ClockReading(-3.25, 0.1, datetime.now(UTC))
    assert slow.sentence.zh == "相机时间比电脑慢 3.2 秒（±0.1 秒）。"
    assert "behind" in slow.sentence.en


def test_one_camera_in_trouble_does_not_stop_the_other(tmp_path):
    class Broken:
        def poll(self, now):
            raise CameraError("camera.unplugged", *([ClockReading(0, 0, now).sentence] * 2))

    (tmp_path / "b").mkdir()
    folder = HotFolder(tmp_path / "b", settle_s=0)
    troubles: list[DeviceError] = []
    both = SeveralSources([Broken(), folder], troubles.append)
    (tmp_path / "b" / "IMG_0001.JPG").write_bytes(picture("person_01"))
    assert both.poll(datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)) == []
    (frame,) = both.poll(datetime(2026, 11, 21, 9, 0, 1, tzinfo=UTC))
    assert both.read(frame) == picture("person_01")
    both.done(frame)
    assert (tmp_path / "b" / "taken" / "IMG_0001.JPG").exists()
    assert {trouble.code for trouble in troubles} == {"camera.unplugged"}


def test_nothing_of_the_station_needs_posix():
    """The laptop is often a Windows one, and a station imports nearly every room: the whole package is read, but the demo."""
    read = [path for path in sorted(SOURCE.rglob("*.py")) if "demo" not in path.relative_to(SOURCE).parts]
    found = {str(path.relative_to(SOURCE)): faults for path in read if (faults := _needs_posix(path))}
    assert len(read) > 500
    assert found == {}


def _needs_posix(path: Path) -> list[str]:
    """What only POSIX has is imported inside the function that is guarded."""
    posix_only = {"fcntl", "pty", "resource", "termios", "tty", "pwd", "grp", "gphoto2", "syslog", "curses", "readline"}
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    at_import = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {alias.name for node in at_import if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in at_import if isinstance(node, ast.ImportFrom) and node.module}
    found = [f"imports {name}" for name in sorted(names & posix_only)]
    nodes = list(ast.walk(tree))
    used = {(node.value.id, node.attr) for node in nodes if _is_of_a_module(node)}
    found += [f"uses {module}.{name}" for module, name in sorted((used & POSIX_NAMES) - _guarded(path, text))]
    found += [f"calls {node.attr}" for node in nodes if isinstance(node, ast.Attribute) and node.attr in NEVER]
    parts = [part for node in nodes if isinstance(node, ast.BinOp) for part in _name_parts(node)]
    found += [f"name {part!r}" for part in parts if set(part) & set('<>:"|?*\\')]
    stems = {part.split(".")[0].upper() for one in parts for part in one.split("/")}
    reserved = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{n}" for kind in ("COM", "LPT") for n in range(1, 10))}
    found += [f"name {stem!r}" for stem in sorted(stems & reserved)]
    # A Chinese Windows reads text as GBK unless told.
    unsaid = [node for node in nodes if isinstance(node, ast.Call) and _reads_text_without_saying_how(node)]
    return found + [f"line {node.lineno} reads text without its encoding" for node in unsaid]


def _guarded(path: Path, text: str) -> set[tuple[str, str]]:
    """What is asked for before it is used."""
    guarded = {name for name in POSIX_NAMES if f'hasattr({name[0]}, "{name[1]}")' in text}
    if 'hasattr(os, "killpg")' in text or 'sys.platform == "linux"' in text or 'os.name == "posix" and' in text:
        guarded |= {("signal", "SIGKILL"), ("select", "select")}  # SIGKILL in the same guard; select on sockets only
    if 'os.name != "posix"' in text:  # returns before it
        guarded |= {("os", "umask")}
    if path.name == "keyring.py":  # NTFS has hard links; FAT has none, and a second way stands behind it
        guarded |= {("os", "link")}
    if path.name == "simulator.py":  # a reader made of software says that it needs a pseudo-terminal, and stops
        guarded |= {("os", "openpty"), ("os", "ttyname"), ("os", "set_blocking"), ("select", "select")}
    return guarded


POSIX_NAMES = {
    *(("os", name) for name in (
        "fork", "forkpty", "setsid", "killpg", "getuid", "geteuid", "chown", "fchmod", "fchown", "mkfifo", "sync", "nice",
        "openpty", "ttyname", "set_blocking", "wait", "WIFSIGNALED", "O_DIRECTORY", "statvfs", "uname", "getpgid",
        "sched_setaffinity", "posix_fallocate", "pread", "sendfile", "rename", "link", "symlink", "umask",
    )),
    *(("signal", name) for name in ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGCHLD", "alarm", "pause")),
    ("select", "select"), ("select", "poll"), ("select", "epoll"), ("time", "tzset"), ("shutil", "chown"),
    ("asyncio", "get_child_watcher"),
}  # fmt: skip
"""What Windows does not have, or does otherwise: ``os.rename`` replaces nothing there, links need rights."""
NEVER = {"preexec_fn", "symlink_to", "hardlink_to", "rename"}


def _is_of_a_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def _name_parts(node: ast.BinOp) -> list[str]:
    """The literal texts that are put behind a slash of ``pathlib``."""
    if not isinstance(node.op, ast.Div):
        return []
    parts = node.right.values if isinstance(node.right, ast.JoinedStr) else [node.right]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def _reads_text_without_saying_how(node: ast.Call) -> bool:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    said = len(node.args) > (called == "write_text") or any(word.arg == "encoding" for word in node.keywords)
    return called in ("read_text", "write_text") and not said


def test_no_path_of_a_station_is_too_long_for_windows():
    """260 characters in all: what a station puts into its data directory leaves room for where that lies."""
    from gradphoto.engine.devices.tether import FoundCamera, spool_name
    from gradphoto.engine.packet.station_packet import PacketHead, part_name

    head = PacketHead("0" * 36, "A" * 8, "0" * 32, 999_999, "2026-11-21T10:00:00+08:00")
    camera = spool_name(FoundCamera("Canon EOS-1D X Mark III and a long tail of a name", "usb:001,005"))
    blob = f"blobs/{'0' * 2}/{'0' * 2}/{'0' * 64}"
    inside = [blob, f"spool/{camera}/taken/100CANON/IMG_0001~2.JPG", f"{head.folder}/{part_name(9999)}"]
    assert max(map(len, inside)) < 120
    assert not set(camera + head.folder) & set('<>:"|?*')


def test_two_cameras_whose_names_differ_in_case_only_do_not_share_a_file(tmp_path):
    """Windows takes IMG_1.JPG and img_1.jpg for one file: the second is put aside, never over the first."""
    hot = HotFolder(tmp_path, settle_s=0)
    at = datetime(2026, 11, 21, 9, tzinfo=UTC)
    for turn, name in enumerate(("IMG_0001.JPG", "IMG_0001.JPG")):
        (tmp_path / name).write_bytes(picture(f"person_0{turn + 1}"))
        hot.poll(at.replace(minute=2 * turn))
        (frame,) = hot.poll(at.replace(minute=2 * turn + 1))
        hot.done(frame)
    assert len({path.name.casefold() for path in (tmp_path / "taken").iterdir()}) == 2
