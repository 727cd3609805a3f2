"""A folder in, a folder out: one bad file never stops the others."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from PIL import Image

from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.folder import make_folder
from gradphoto.engine.portrait.verdict import Outcome
from patience import PROCESS_S, until


@pytest.fixture
def session(tmp_path, studio_jpeg):
    """Four frames as a session leaves them: good, broken off, empty chair, and a stray note."""
    folder = tmp_path / "frames"
    folder.mkdir()
    (folder / "0001.JPG").write_bytes(studio_jpeg)
    (folder / "0002.JPG").write_bytes(studio_jpeg[:20_000])
    chair = io.BytesIO()
    Image.fromarray(np.full((600, 450, 3), (100, 197, 255), np.uint8)).save(chair, "PNG")
    (folder / "0003.png").write_bytes(chair.getvalue())
    (folder / "note.txt").write_text("lamp 2 flickers", encoding="utf-8")
    (folder / ".hidden").write_bytes(b"")
    return folder


@pytest.mark.parametrize("workers", [1, 2])
def test_a_session_is_worked_through_and_reported(session, tmp_path, installed_models, mb2017, legacy, workers):
    out, steps = tmp_path / "out", []
    report = make_folder(session, out, [mb2017, legacy], steps.append, workers=workers)
    assert sorted(path.name for path in out.iterdir()) == [
        "0001.json", "0001_legacy_2009.jpg", "0001_legacy_2009.json", "0001_mb2017_99.jpg", "0001_mb2017_99.json",
        "0003.json", "report.html", "report.xlsx", "run.jsonl", "thumbnails",
    ]  # fmt: skip
    assert [step.done for step in steps] == [1, 2, 3, 4]
    assert {step.total for step in steps} == {4}
    ends = {(line.file, line.profile_code): line.code for line in report.lines if line.outcome is Outcome.FAIL}
    assert ends == {
        (file, profile): code
        for profile in ("mb2017_99", "legacy_2009")
        for file, code in [
            ("0002.JPG", "portrait.truncated"),
            ("0003.png", "portrait.face_count"),
            ("note.txt", "portrait.not_an_image"),
        ]
    }
    sidecar = json.loads((out / "0001_mb2017_99.json").read_text(encoding="utf-8"))
    written = (out / "0001_mb2017_99.jpg").read_bytes()
    assert sidecar["output_sha256"] == hashlib.sha256(written).hexdigest()
    rows = [
        [cell.value for cell in row] for row in openpyxl.load_workbook(out / "report.xlsx").active.iter_rows(min_row=2)
    ]
    assert len(rows) == 8
    assert [row[2].split()[1] for row in rows] == ["fail"] * 6 + [row[2].split()[1] for row in rows[6:]]
    assert all(row[4] and row[5] for row in rows[:6])
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<article") == 8
    assert page.index("note.txt") < page.index("0001.JPG")


def test_a_second_run_passes_over_what_is_done_and_redoes_what_changed(session, tmp_path, installed_models, legacy):
    out = tmp_path / "out"
    make_folder(session, out, [legacy])
    (out / "0001_legacy_2009.jpg").unlink()
    (session / "0004.JPG").write_bytes((session / "0001.JPG").read_bytes())
    worked: list[str] = []
    report = make_folder(session, out, [legacy], lambda step: worked.append(step.file))
    assert report.resumed == 3
    assert worked == ["", "0001.JPG", "0004.JPG"]
    assert (out / "0001_legacy_2009.jpg").exists()
    assert len(report.lines) == 5


def test_other_profiles_begin_anew(session, tmp_path, installed_models, legacy, mb2017):
    make_folder(session, tmp_path / "out", [legacy])
    assert make_folder(session, tmp_path / "out", [mb2017]).resumed == 0


KILLED_RUN = """
import os, signal, sys
from pathlib import Path
from gradphoto.engine.portrait.folder import make_folder
from gradphoto.engine.standards.profiles import load_profile
def stop(step):
    if step.done == 2:
        os.kill(os.getpid(), signal.SIGKILL)
make_folder(Path(sys.argv[1]), Path(sys.argv[2]), [load_profile("legacy_2009")], stop)
"""


def test_a_killed_run_goes_on_where_it_stopped(session, tmp_path, installed_models, legacy):
    out = tmp_path / "out"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_RUN, str(session), str(out)], capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with (out / "run.jsonl").open("ab") as stream:
        stream.write(b'{"file": "0003.png", "li')  # a line cut off by the power cut
    report = make_folder(session, out, [legacy])
    assert report.resumed == 2
    assert len(report.lines) == 4
    assert make_folder(session, out, [legacy]).resumed == 4


class Deadly(type(Path())):  # type: ignore[misc]
    """A folder in which reading one file takes the whole process down, as a fault in a library would."""

    def read_bytes(self) -> bytes:
        if self.name == "0002.JPG":
            os._exit(13)
        return super().read_bytes()


ORPHANS = """
import multiprocessing, os, signal, sys
from concurrent.futures import wait
from gradphoto.engine.portrait import folder
if __name__ == "__main__":
    pool = folder._pool(2, None)
    futures = [pool.submit(os.getpid) for _ in range(40)]
    wait(futures)
    print(*{future.result() for future in futures}, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
def test_workers_end_with_a_killed_run(tmp_path, installed_models):
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS, encoding="utf-8")
    killed = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=PROCESS_S
    )
    assert killed.returncode == -signal.SIGKILL
    workers = [int(pid) for pid in killed.stdout.split()]
    assert workers
    until(lambda: not any(map(_lives, workers)))


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_a_file_that_kills_its_worker_is_told_and_the_others_are_done(session, tmp_path, installed_models, legacy):
    report = make_folder(Deadly(session), tmp_path / "out", [legacy], workers=2)
    ends = {line.file: line.code for line in report.lines}
    assert ends["0002.JPG"] == "portrait.crashed"
    assert ends["note.txt"] == "portrait.not_an_image"
    assert (tmp_path / "out" / "0001_legacy_2009.jpg").exists()


def test_two_files_of_one_stem_do_not_overwrite_each_other(tmp_path, studio, studio_jpeg, installed_models, legacy):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "7.jpg").write_bytes(studio_jpeg)
    Image.fromarray(studio).save(folder / "7.png")
    report = make_folder(folder, tmp_path / "out", [legacy])
    outputs = [line.output for line in report.lines]
    assert outputs == ["7.jpg_legacy_2009.jpg", "7.png_legacy_2009.jpg"]


def test_the_photographs_own_folder_is_not_an_output_folder(session, legacy):
    with pytest.raises(PhotoError) as caught:
        make_folder(session, session, [legacy])
    assert caught.value.code == "portrait.folder_same"


def test_a_missing_folder_is_told(tmp_path, legacy):
    with pytest.raises(PhotoError) as caught:
        make_folder(tmp_path / "nowhere", tmp_path / "out", [legacy])
    assert caught.value.code == "portrait.folder_missing"
