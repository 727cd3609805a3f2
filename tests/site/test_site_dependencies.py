"""What packages only carry is their makers' own; the page of dependencies names every package of the project."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
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


NAMED = {
    "ai-edge-litert": "from ai_edge_litert", "argon2-cffi": "PASSWORD_HASHERS", "bootstrap-wrapper": "import bootstrap",
    "chinesecalendar": "import chinese_calendar", "django-allauth": "from allauth",  "django-cotton": '"django_cotton',
    "django-csp": "from csp", "django-prometheus": '"django_prometheus.', "django-ninja": "from ninja", "django-storages": '"storages.', "noto-cjk-sans-otc": '"noto_cjk_sans_otc',
    "opencv-python-headless": "import cv2", "pillow": "from PIL", "psycopg": "django.db.backends.postgresql",
    "pyserial": "import serial", "whitenoise": '"whitenoise.', "zxing-cpp": "import zxingcpp",
}  # fmt: skip
"""What the source says of a package that it does not import by its own name."""


def test_every_package_of_the_product_is_used():
    """Imported, or named in the settings: a package whose last use went goes with it."""
    wanted = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    text = "\n".join(path.read_text("utf-8") for path in sorted((HERE / "src").rglob("*.py")))
    names = [re.split(r"[^\w.-]", one)[0] for one in wanted]
    own = {name: (f"import {name.replace('-', '_')}", f"from {name.replace('-', '_')}") for name in names}
    assert [
        name for name in names if not any(said in text for said in (*own[name], NAMED.get(name, own[name][0])))
    ] == []
