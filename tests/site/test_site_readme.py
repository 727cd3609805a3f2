"""README's commands do what they say after its two commands (issue 13): every line is run as printed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from serving import ROOT, environment

pytestmark = pytest.mark.slow
ELSEWHERE = {
    "gradphoto demo": "make demo; tests/journey walks it",
    "gradphoto serve": "test_site_processes",
    "gradphoto worker": "tests/core/test_core_jobs_survive_kill",
}
"""Lines that serve for ever or take minutes, and the test that runs them."""


def printed(page: str) -> list[str]:
    """The commands of a page's section on the command, without their remarks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = re.findall(r"^    ((?:gradphoto|GRADPHOTO_|\. )[^\n]*)$", text, re.MULTILINE)
    return [re.split(r"\s{2,}(?:#|[^\x00-\x7f\s])|\s{2,}[a-z]", line)[0].strip() for line in lines]


@pytest.mark.nightly
def test_every_command_of_the_readme_runs_as_printed(tmp_path):
    lines = printed("README.md")
    assert len(lines) > 15
    assert lines[0] == ". .venv/bin/activate"
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    given = {**environment(folder / "var"), "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])}
    del given["GRADPHOTO_DATA"]  # ./var, as printed
    given["PASSPHRASE"] = ""
    laid = subprocess.run(
        [sys.executable, Path(__file__).with_name("readme_files.py")],
        cwd=folder,
        env=given,
        capture_output=True,
        text=True,
    )
    assert laid.returncode == 0, laid.stderr
    (folder / "passphrase").write_text("a long passphrase")
    run_here = [line for line in lines[1:] if not any(line.startswith(one) for one in ELSEWHERE)]
    assert len(lines) - 1 - len(run_here) == len(ELSEWHERE), "every exception is a line of the page"
    script = "\n".join([lines[0], "set -x", *(f"{line} || exit 1" for line in run_here)])
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=given, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def test_the_models_are_found_wherever_the_command_is_started(tmp_path, monkeypatch):
    """One default place for all: neither the Makefile nor the working directory decides."""
    from gradphoto.engine.portrait.models import default_cache_dir

    assert "GRADPHOTO_MODELS" not in (ROOT / "Makefile").read_text()
    monkeypatch.delenv("GRADPHOTO_MODELS", raising=False)
    first = default_cache_dir()
    monkeypatch.chdir(tmp_path)
    assert default_cache_dir() == first
    assert first.is_absolute()


def one_line(target: str) -> str:
    """The commands of a target; what a backslash joins is one line of the shell."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    return max(re.search(rf"^{target}:.*\n((?:\t.*\n)*)", makefile, re.MULTILINE)[1].splitlines(), key=len)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_the_two_commands_are_targets_of_the_makefile():
    for target in re.findall(r"^    make (\w+)", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE):
        # What should only be told is carried out where its line names $(MAKE): a whole run began within this test once.
        assert subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, timeout=60).returncode == 0
        assert not re.search(r"pytest.*\$\(MAKE\)|\$\(MAKE\).*pytest", one_line(target)), target
