"""What packages only carry is their makers' own; the page of dependencies names every package of the project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gradphoto.engine import carried_files

HERE = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.engine


def test_the_files_are_those_of_their_makers():
    assert carried_files.changed_files() == []


def test_a_changed_or_missing_file_is_told(tmp_path, monkeypatch):
    for name in ("css/bootstrap.min.css", "js/bootstrap.bundle.min.js"):
        path = tmp_path / "bootstrap" / name
        path.parent.mkdir(parents=True)
        path.write_bytes((carried_files.folder_of("bootstrap") / name).read_bytes())
    (tmp_path / "bootstrap/js/bootstrap.bundle.min.js").write_text("alert(1)")
    real = carried_files.folder_of
    monkeypatch.setattr(carried_files, "folder_of", lambda one: tmp_path / one if one == "bootstrap" else real(one))
    assert carried_files.changed_files() == ["bootstrap/js/bootstrap.bundle.min.js"]


def test_without_the_package_debians_font_is_taken(tmp_path, monkeypatch):
    monkeypatch.setattr(carried_files, "folder_of", lambda one: None)
    monkeypatch.setattr(carried_files, "DEBIAN_FONT", tmp_path / "NotoSansCJK-Regular.ttc")
    assert carried_files.font_file() == tmp_path / "NotoSansCJK-Regular.ttc"
    assert "noto_cjk_sans_otc/NotoSansCJK-Regular.ttc" in carried_files.changed_files()


def test_the_page_of_dependencies_is_as_made():
    done = subprocess.run(
        [sys.executable, str(HERE / "scripts/dependencies"), "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
