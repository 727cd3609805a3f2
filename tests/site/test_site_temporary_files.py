"""Files on their way lie in the data directory, and what a killed process left of them goes at the next start (issue 11, 5)."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from gradphoto.site import temporary_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows keeps temporary files in the account's own folder")
KILLED = """
import sys, tempfile
from pathlib import Path
from gradphoto.site.temporary_files import use_own_folder
use_own_folder(Path(sys.argv[1]))
Path(tempfile.mkdtemp(prefix="gradphoto-export-"), "export.xlsx").write_bytes(b"110101200403050011")
print("written", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def own_tempdir(monkeypatch):
    """What ``use_own_folder`` changes for its process is given back after the test."""
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    monkeypatch.setattr(temporary_files, "_held", [])
    monkeypatch.setattr(temporary_files.atexit, "register", lambda *_: None)


def test_what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path, own_tempdir):
    place = tmp_path / temporary_files.FOLDER
    start = [sys.executable, "-c", KILLED, str(tmp_path)]
    other = subprocess.Popen(start, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "written\n"
    left = list(place.rglob("export.xlsx"))
    mine = temporary_files.use_own_folder(tmp_path)
    with tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).is_relative_to(mine)
        assert os.stat(mine).st_mode & 0o077 == 0
    assert left[0].exists(), "its process lives"
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert temporary_files.remove_left_behind(place) == 1
    assert not left[0].exists()
    assert mine.exists()
