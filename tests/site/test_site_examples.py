"""The examples of deploy/: every command and setting in them exists, units and compose file are well formed.

What they start is run elsewhere: nginx and ``serve`` by test_site_behind_nginx, ``backup`` by test_site_backup.
"""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from gradphoto.cli import main
from gradphoto.engine import environment as reading
from gradphoto.site import environment  # noqa: F401 - declares the settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


def parse(command: str) -> None:
    """Fails where a command line names a command or an option that does not exist, or lacks an argument."""
    words = shlex.split(command.partition("#")[0])[1:]
    group: click.Command = main
    context = click.Context(main, info_name="gradphoto")
    while isinstance(group, click.Group) and words != ["--help"]:
        name = words.pop(0)
        found = group.get_command(context, name)
        assert found is not None, f"gradphoto {name} does not exist ({command})"
        group = found
    if words == ["--help"]:
        return
    group.make_parser(click.Context(group, parent=context)).parse_args(words)


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str
    read.read(path)
    return read


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_the_units_start_commands_that_exist(path):
    for name, value in unit(path)["Service"].items() if path.suffix == ".service" else ():
        if name.startswith("ExecStart"):
            assert value.startswith("/opt/gradphoto/venv/bin/gradphoto ")
            parse(value)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd on this machine")
def test_systemd_understands_the_units(tmp_path):
    """By systemd itself, with a program that is there in the place of ours."""
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/gradphoto/venv/bin/gradphoto", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", *(tmp_path / path.name for path in UNITS)], capture_output=True, text=True
    )
    told = [line for line in done.stderr.splitlines() if "gradphoto" in line and "not-found" not in line]
    assert told == []


def test_the_settings_file_is_accepted_by_the_readers():
    text = (DEPLOY / "gradphoto.env").read_text()
    given = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    reading.read_all(given)
    assert reading.unknown(given) == []
    others = dict(re.findall(r"^#(GRADPHOTO_\w+)=(.*)$", text, re.MULTILINE))
    reading.read_all(others)
    assert reading.unknown(others) == []


def test_the_compose_file_names_only_what_exists():
    said = yaml.safe_load((DEPLOY / "container" / "compose.yaml").read_text())
    for name, service in said["services"].items():
        assert set(service.get("secrets", [])) <= set(said["secrets"]), name
        assert {volume.split(":")[0] for volume in service.get("volumes", [])} <= set(said["volumes"]), name
        assert set(service.get("depends_on", {})) <= set(said["services"]), name
        if service.get("image") == "gradphoto":
            own = {key: value for key, value in service["environment"].items() if key.startswith("GRADPHOTO_")}
            assert reading.unknown(own) == [], name
            reading.read_all({key: value for key, value in own.items() if not key.endswith("_FILE")})
            if command := service.get("command"):
                parse(shlex.join(command))
            assert (ROOT / "deploy/container" / service["build"]["context"] / service["build"]["dockerfile"]).is_file()


def test_the_containerfile_copies_what_is_there_and_starts_a_command_that_exists():
    text = (DEPLOY / "container" / "Containerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line
    parse(shlex.join(yaml.safe_load(re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)[1])))


@pytest.mark.parametrize("page", ["docs/deploy.md", "README.md", "README.zh-CN.md"])
def test_the_pages_print_commands_that_exist(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    printed = re.findall(r"`(gradphoto (?!serve` )[a-z][^`]*)`", text) + re.findall(
        r"^    (gradphoto [a-z].*)$", text, re.MULTILINE
    )
    printed += [f"gradphoto {rest}" for rest in re.findall(r"^    gp (.*)$", text, re.MULTILINE)]
    assert printed
    for command in printed:
        words = re.split(r"\s{2,}", command)[0]
        if not re.search(r"[|…]|\.\.\.", words):
            parse(words)
