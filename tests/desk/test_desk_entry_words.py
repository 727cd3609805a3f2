"""The audit trail is read in words: every record that an action takes and every detail that the code notes has its own."""

from __future__ import annotations

import ast
import inspect
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import Model
from django.utils import translation

import gradphoto
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.desk.entry_words import detail_of, detail_words, target_of, target_words
from gradphoto.apps.orgs.models import Role
from verification.graduate_world import staff
from world import build_world

SOURCE = Path(gradphoto.__file__).parent


def _targets() -> Iterator[str]:
    for one in REGISTRY.values():
        function = inspect.unwrap(one.function)
        names = list(inspect.signature(function).parameters)
        try:
            taken = typing.get_type_hints(function).get(names[1])
        except NameError:  # a name for the checker only
            continue
        for kind in typing.get_args(taken) or (taken,):
            if isinstance(kind, type) and issubclass(kind, Model):
                yield kind._meta.label_lower


def _noted() -> Iterator[str]:
    """The names of details, as the code writes them."""
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "note(" not in text and "audit.record" not in text:  # to take apart all of the source takes seconds
            continue
        for call in ast.walk(ast.parse(text)):
            if not isinstance(call, ast.Call):
                continue
            name = ast.unparse(call.func)
            if name in ("audit.note", "note"):
                yield from (one.arg for one in call.keywords if one.arg)
            elif name.endswith("audit.record"):
                for detail in call.args:
                    if isinstance(detail, ast.Dict):
                        yield from (one.value for one in detail.keys if isinstance(one, ast.Constant))


def test_every_record_and_every_detail_has_words():
    assert sorted(set(_targets()) - set(target_words())) == []
    assert sorted(set(_noted()) - set(detail_words())) == []
    for name, said in {**target_words(), **detail_words()}.items():
        assert said.zh, name
        assert said.en.isascii(), name
        assert "_" not in said.zh + said.en, name


@pytest.fixture
def world(db):
    return build_world()


def _entry(world, detail) -> AuditEntry:
    actor = Actor.of(world.people[Role.ADMINISTRATOR])
    return audit.record(actor, "campaigns.open_verification", world.campaign, detail) or AuditEntry.objects.latest("pk")


@pytest.mark.parametrize(
    ("detail", "zh", "en"),
    [
        ({"to": "verifying", "from": "collecting"}, "原状态：采集中；新状态：校对中", "from: "),
        ({"amount_fen": 226050, "by_hand": False}, "金额（元）：2260.50；人工：否", "amount (yuan): 2260.50; by hand: no"),
        ({"fields": ["major", "name"]}, "字段：专业、名称", "fields: major, name"),
        ({"key": "photo.profile"}, "项目：图像标准", "key: "),
        ({"sha256": "ab" * 32}, "指纹：abababababab…", "fingerprint: abababababab…"),
        ({"reason": "delivery.build_package"}, "原因：", "reason: "),
        ({"reason": "", "cases": []}, "", ""),
        ({"not_known_here": 3}, "not_known_here：3", "not_known_here: 3"),
    ],
)  # fmt: skip
def test_a_detail_is_told_with_its_label_and_the_words_of_its_value(world, detail, zh, en):
    entry = _entry(world, detail)
    assert target_of(entry) == f"批次 {world.campaign.pk}"
    assert detail_of(entry).startswith(zh)
    with translation.override("en"):
        assert detail_of(entry).startswith(en)


def test_the_page_shows_words_and_the_file_the_codes_beside_them(world):
    _entry(world, {"to": "verifying", "from": "collecting"})
    browser = staff(world, Role.ADMINISTRATOR)
    page = browser.get("/audit/").content.decode()
    assert "新状态：校对中" in page
    assert "campaigns.campaign " not in page
    text = b"".join(browser.get("/audit/export/?format=csv").streaming_content).decode("utf-8-sig")
    assert "campaigns.campaign" in text
