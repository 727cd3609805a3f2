"""Settings are read by typed readers: what is wrong is refused by its name (issue 11, section 1)."""

import os
import re
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest

from gradphoto.engine import environment as reading
from gradphoto.engine.errors import GradPhotoError
from gradphoto.site import environment

ROOT = Path(__file__).parents[2]


def wrong(**given):
    with pytest.raises(GradPhotoError) as refused:
        reading.read_all(given)
    assert refused.value.code == "settings.wrong_value"
    return refused.value.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRADPHOTO_TLS", "ture"),
        ("GRADPHOTO_TLS", "2"),
        ("GRADPHOTO_SITE_URL", "photo.example.edu"),
        ("GRADPHOTO_SITE_URL", "https://photo.example.edu/app"),
        ("GRADPHOTO_SITE_URL", "ftp://photo.example.edu"),
        ("GRADPHOTO_SITE_URL", "https://photo.example.edu:port"),
        ("GRADPHOTO_HOSTS", "https://photo.example.edu"),
        ("GRADPHOTO_HOSTS", "photo.example.edu:443"),
        ("GRADPHOTO_HOSTS", "*"),
        ("GRADPHOTO_TRUSTED_PROXIES", "127.0.0.1,proxy"),
        ("GRADPHOTO_TRUSTED_PROXIES", "10.0.0.1/8"),  # host bits set: which was meant?
        ("GRADPHOTO_SITE_URL", "https://*"),
        ("GRADPHOTO_SITE_URL", "https://a.example.edu,b.example.edu"),
        ("GRADPHOTO_HOSTS", "a.example.edu;b.example.edu"),
        ("GRADPHOTO_HOSTS", "."),
        ("GRADPHOTO_TRUSTED_PROXIES", "0.0.0.0/0"),  # everybody's headers believed
        ("GRADPHOTO_TRUSTED_PROXIES", "10.0.0.0/8,::/0"),
        ("GRADPHOTO_DATABASE", "postgresql://u:p@db"),
        ("GRADPHOTO_DATABASE", "mysql://db/x"),
        ("GRADPHOTO_DATABASE", "postgresql://u:p@db:54x32/x"),
        ("GRADPHOTO_BROKER", "amqp://broker"),
        ("GRADPHOTO_SMTP", "mail.example.edu:587"),
        ("GRADPHOTO_MAIL_FROM", "the office"),
        ("GRADPHOTO_MAIL_FROM", "a@example.edu\nBcc: b@example.edu"),
        ("GRADPHOTO_IDLE_MINUTES", "1_0"),
        ("GRADPHOTO_SMS", "sms"),
        ("GRADPHOTO_SMS", "no_such_package.carrier.Carrier"),
        ("GRADPHOTO_FONTS", "/no/such/folder"),
        ("GRADPHOTO_LOG", "/dev/null/gradphoto.log"),
        ("GRADPHOTO_LOG", "/"),
        ("GRADPHOTO_WEBHOOK", "im.example.edu/hook"),
        ("GRADPHOTO_LOG_LEVEL", "loud"),
        ("GRADPHOTO_LEASE_SECONDS", "half a minute"),
        ("GRADPHOTO_LEASE_SECONDS", "nan"),
        ("GRADPHOTO_KEYS_FILE", "/nowhere/keys"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name, value):
    said = wrong(**{name: value})
    assert name in said.zh
    assert name in said.en


def test_all_wrong_settings_are_named_at_once_and_no_secret_is_repeated():
    said = wrong(GRADPHOTO_TLS="maybe", GRADPHOTO_DATABASE="mysql://root:hunter2@db/x").en
    assert "GRADPHOTO_TLS" in said
    assert "GRADPHOTO_DATABASE" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("1", True), ("ON", True), ("Yes", True), ("false", False), ("0", False), ("", None)],
)
def test_every_way_to_say_yes_or_no_is_understood(text, value):
    assert environment.TLS.read({"GRADPHOTO_TLS": text}) is value


def test_lists_of_proxies_hosts_and_addresses():
    given = {
        "GRADPHOTO_TRUSTED_PROXIES": " 127.0.0.1 , 10.0.0.0/8,fd00::/8",
        "GRADPHOTO_HOSTS": "A.example.edu,[::1], .b.cn",
    }
    assert environment.TRUSTED_PROXIES.read(given) == [*map(ip_network, ("127.0.0.1", "10.0.0.0/8", "fd00::/8"))]
    assert environment.HOSTS.read(given) == ["a.example.edu", "[::1]", ".b.cn"]
    assert environment.SITE_URL.read({"GRADPHOTO_SITE_URL": "https://a.example.edu/"}) == "https://a.example.edu"


def test_a_secret_comes_from_a_file_but_not_from_two_places(tmp_path):
    file = tmp_path / "database"
    file.write_text("postgresql://u:p@db/x\n")
    assert environment.DATABASE.read({"GRADPHOTO_DATABASE_FILE": str(file)}) == "postgresql://u:p@db/x"
    assert (
        "GRADPHOTO_DATABASE_FILE" in wrong(GRADPHOTO_DATABASE="postgresql:///y", GRADPHOTO_DATABASE_FILE=str(file)).en
    )
    file.write_text("mysql://u:p@db/x")
    assert "GRADPHOTO_DATABASE" in wrong(GRADPHOTO_DATABASE_FILE=str(file)).en


def test_a_slip_of_the_pen_is_noticed():
    assert reading.unknown({"GRADPHOTO_TRUSTED_PROXY": "x", "GRADPHOTO_DATA": "x", "HOME": "/"}) == [
        "GRADPHOTO_TRUSTED_PROXY"
    ]


def settings_with(tmp_path, expression, **given):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_"))}
    return subprocess.run(
        [sys.executable, "-c", f"from gradphoto.site import settings as s; print({expression})"],
        env={**kept, "GRADPHOTO_DATA": str(tmp_path), **given}, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip


def test_the_site_address_decides_on_tls_and_hosts(tmp_path):
    asked = "s.TLS, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS[0], s.CSRF_TRUSTED_ORIGINS"
    answer = settings_with(tmp_path, asked, GRADPHOTO_SITE_URL="https://photo.example.edu")
    assert answer.stdout.strip() == "True True True photo.example.edu ['https://photo.example.edu']", answer.stderr
    answer = settings_with(tmp_path, asked, GRADPHOTO_TLS="true", GRADPHOTO_HOSTS="photo.example.edu")
    assert answer.stdout.strip() == "True True True photo.example.edu ['https://photo.example.edu']", answer.stderr
    refused = settings_with(tmp_path, asked, GRADPHOTO_TLS="1", GRADPHOTO_SITE_URL="http://photo.example.edu")
    assert refused.returncode != 0
    assert "GRADPHOTO_TLS" in refused.stderr


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("HTTPS://Photo.Example.EDU/", "https://photo.example.edu"),  # once: TLS silently off
        ("https://photo.example.edu:443", "https://photo.example.edu"),  # as a browser writes it in Origin
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://照片.example.edu", "https://xn--2uxqs.example.edu"),
    ],
)
def test_the_site_address_is_written_as_a_browser_writes_it(typed, origin):
    assert environment.SITE_URL.read({"GRADPHOTO_SITE_URL": typed}) == origin


@pytest.mark.parametrize(
    ("given", "code"),
    [({"GRADPHOTO_DATA": "/dev/null"}, "settings.data_unusable"), ({}, "installation.not_begun")],
)
def test_a_command_without_an_installation_is_a_sentence(tmp_path, given, code):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_"))}
    refused = subprocess.run(
        [sys.executable, "-m", "gradphoto.cli", "audit", "verify"],
        env={**kept, "GRADPHOTO_DATA": str(tmp_path / "none"), **given}, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    assert code in refused.stderr
    assert "Traceback" not in refused.stderr


def test_nothing_reads_the_environment_past_the_readers():
    """Every GRADPHOTO_ name of the source is a declared setting, and none is read from os.environ directly."""
    named, past = set(), []
    for file in (ROOT / "src").rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        named |= set(re.findall(r"\bGRADPHOTO_[A-Z0-9_]+\b", source))
        past += re.findall(r"environ\.get\(\"GRADPHOTO_|environ\[\"GRADPHOTO_[A-Z_]+\"\](?! = )", source)
    known = set(reading.VARIABLES) | {f"{name}_FILE" for name, one in reading.VARIABLES.items() if one.secret}
    assert {name for name in named if not name.endswith("_")} - known == set()
    assert past == []


def test_the_page_of_settings_is_what_the_readers_say():
    from gradphoto.cli.configuration import as_markdown

    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "gradphoto config --markdown > docs/configuration.md"
    assert all(f"`{name}`" in page for name in reading.VARIABLES)
    assert all(one.shown and one.meaning and one.accepts for one in reading.VARIABLES.values())


def test_the_settings_in_force_are_printed_without_secrets(monkeypatch):
    from click.testing import CliRunner

    from gradphoto.cli import main

    monkeypatch.setenv("GRADPHOTO_SMTP", "smtp://u:hunter2@mail.example.edu:587")
    monkeypatch.setenv("GRADPHOTO_TRUSTED_PROXY", "127.0.0.1")
    monkeypatch.setenv("GRADPHOTO_TRUSTED_PROXIES", "127.0.0.1")
    answer = CliRunner().invoke(main, ["config"])
    assert "hunter2" not in answer.output
    assert "127.0.0.1/32" in answer.output
    assert "no such setting, it does nothing: GRADPHOTO_TRUSTED_PROXY\n" in answer.output
    monkeypatch.setenv("GRADPHOTO_TLS", "ture")
    refused = CliRunner().invoke(main, ["config"])
    assert refused.exit_code == 2
    assert "GRADPHOTO_TLS" in refused.output
