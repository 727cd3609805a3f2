"""Two first starts at once on an empty database take turns (issue 18, section 1)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from serving import environment, run
from test_site_backup import database

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def test_first_starts_at_once_take_turns(kind, tmp_path):
    data = tmp_path / "data"
    with database(kind) as created:
        given = created("shared")
        command = [sys.executable, "-m", "gradphoto.cli", "migrate"]
        starts = [
            subprocess.Popen(
                command, env=environment(data, **given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(3)
        ]
        ended = [(start.communicate(timeout=180), start.returncode) for start in starts]
        assert [status for _, status in ended] == [0, 0, 0], ended
        found = run(data, "doctor", **given)
        assert "✓ 迁移 migrations" in found.stdout
        assert "✗" not in found.stdout
