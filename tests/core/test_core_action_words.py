"""Every action has words of its own, in both languages, and they stand where the trail is read."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client

import gradphoto
from gradphoto.apps.core import audit
from gradphoto.apps.core.action_words import action_words, words_of
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from world import build_world

_SOURCE = Path(gradphoto.__file__).parent


_ACTION = re.compile(r'^@action\(\s*"([a-z_.]+)"', re.MULTILINE)


def test_every_action_is_called_something_and_nothing_else_is():
    """Read from the source: an entry without an action is named in it as a text."""
    known = action_words()
    source = "\n".join(path.read_text(encoding="utf-8") for path in _SOURCE.rglob("*.py"))
    actions = set(_ACTION.findall(source))
    assert actions >= set(REGISTRY)
    assert sorted(actions - set(known)) == []
    assert [name for name in set(known) - actions if f'"{name}"' not in source] == [], "words of what is done nowhere"
    for name, said in known.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said.zh), name
        assert said.en.isascii(), name
        assert not said.zh.endswith("。"), name
        assert "_" not in said.zh + said.en, name


def test_two_actions_of_a_room_are_told_apart():
    for language in ("zh", "en"):
        said = Counter((name.split(".")[0], getattr(words, language)) for name, words in action_words().items())
        assert [one for one, count in said.items() if count > 1] == []


def test_what_a_newer_station_did_is_its_own_name():
    assert words_of("capture.not_known_here").zh == "capture.not_known_here"


@pytest.mark.django_db
def test_the_trail_the_desk_and_a_units_history_say_it_in_words():
    world = build_world()
    admin = world.people[Role.ADMINISTRATOR]
    audit.record(Actor.of(admin), "access.change_password", world.department)
    audit.record(Actor.of(admin), "roster.reveal_id_number", world.department)
    client = Client()
    client.force_login(admin)
    page = client.get("/audit/").content.decode()
    assert "修改密码" in page
    assert "access.change_password" in page, "who must quote the code finds it"
    assert "修改密码" in client.get("/").content.decode()
    for asked in ("修改密码", "access."):
        found = client.get("/audit/", {"action": asked}).content.decode()
        assert "access.change_password" in found
        assert "roster.reveal_id_number" not in found
    for asked, is_found in (("单位", True), ("organisation", True), ("交付包", False)):
        found = client.get("/audit/", {"target": asked}).content.decode()
        assert ("access.change_password" in found) is is_found, asked
    client.post(
        f"/people/organisations/{world.department.pk}/",
        {"form": "change_organisation", "name": "新计算机学院", "code": world.department.code},
    )
    assert AuditEntry.objects.filter(action="orgs.change_organisation").exists()
    history = client.get(f"/people/organisations/{world.department.pk}/").content.decode()
    assert "修改单位名称或代码" in history
    assert f"{world.department.name} → 新计算机学院" in history
