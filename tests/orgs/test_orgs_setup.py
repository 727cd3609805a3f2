"""How an installation begins: one command, one administrator, everything else on pages."""

import os
import re

import pytest
from click.testing import CliRunner
from django.test import Client

from forked import forge
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
from gradphoto.cli import main, server

pytestmark = pytest.mark.django_db


@pytest.fixture
def command(monkeypatch):
    monkeypatch.setattr(server, "prepare", lambda: None)  # the tests' database is there already
    return lambda *arguments: CliRunner().invoke(main, ["setup", *arguments])


def password_in(output):
    return re.search(r"[A-Za-z2-9]{5}(?:-[A-Za-z2-9]{5}){3}", output)[0]


def signs_in(username, password):
    return Client().post("/accounts/login/", {"login": username, "password": password}).status_code == 302


def test_the_first_administrator_signs_in_with_the_password_that_was_shown_once(command):
    answer = command("--name", "示范大学", "--code", "99901")
    assert answer.exit_code == 0, answer.output
    root = Organisation.objects.get()
    assert (root.name, root.kind, root.code, root.parent) == ("示范大学", "school", "99901", None)
    assert Membership.objects.get().role == Role.ADMINISTRATOR
    password = password_in(answer.output)
    client = Client()
    assert client.post("/accounts/login/", {"login": "admin", "password": password}).status_code == 302
    assert client.get("/people/").url == "/accounts/password/", "whoever saw the terminal knows it: changed first"
    assert password not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


def test_an_empty_directory_becomes_an_installation(tmp_path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("GRADPHOTO_", "DJANGO_"))}
    environment["GRADPHOTO_DATA"] = str(tmp_path)
    begun = forge().run(["setup", "--name", "示范大学"], environment)
    assert begun.returncode == 0, begun.stderr
    assert password_in(begun.stdout)
    again = forge().run(["setup", "--name", "示范大学"], environment)
    assert again.returncode == 2
    assert "gradphoto setup --new-password" in again.stderr


def test_it_begins_once_and_a_lost_password_is_renewed_from_the_machine_itself(command):
    first = password_in(command("--name", "示范大学").output)
    again = command("--name", "另一所大学")
    assert again.exit_code == 2
    assert "orgs.set_up_already" in again.output
    assert Organisation.objects.count() == 1
    renewed = password_in(command("--new-password", "admin").output)
    assert signs_in("admin", renewed)
    assert not signs_in("admin", first)
    assert command("--new-password", "nobody").exit_code == 2
    assert User.objects.count() == 1
    assert command().exit_code == 2
