"""A folder in, a folder out: one bad file never stops the others."""

from __future__ import annotations

import csv
import hashlib
import io
import json

import numpy as np
import pytest
from PIL import Image

from gradphoto.engine.portrait.errors import PhotoError
from gradphoto.engine.portrait.folder import make_folder
from gradphoto.engine.portrait.verdict import Outcome


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
        "0003.json", "report.csv",
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
    with (out / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 8
    assert all(row["message_zh"] and row["advice_zh"] for row in rows if row["outcome"] == "fail")


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
