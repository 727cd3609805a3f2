"""A changed setting enters the audit trail by name, never by value (issue 11: the audit trail)."""

import json

import pytest

from gradphoto.apps.core.models import AuditEntry
from gradphoto.site.settings_trail import ACTION, note_settings

pytestmark = pytest.mark.django_db


def entries():
    return AuditEntry.objects.filter(action=ACTION).order_by("pk")


def test_a_start_with_other_settings_is_on_record_and_one_with_the_same_is_not(monkeypatch):
    note_settings()
    before = entries().count()
    assert note_settings() == ()
    assert entries().count() == before

    monkeypatch.setenv("GRADPHOTO_WEBHOOK_SECRET", "a secret of the school")
    monkeypatch.setenv("GRADPHOTO_LOG_LEVEL", "ERROR")
    assert note_settings() == ("GRADPHOTO_LOG_LEVEL", "GRADPHOTO_WEBHOOK_SECRET")
    last = entries().last()
    assert last.detail["changed"] == ["GRADPHOTO_LOG_LEVEL", "GRADPHOTO_WEBHOOK_SECRET"]
    assert "secret of the school" not in json.dumps(last.detail)

    monkeypatch.setenv("GRADPHOTO_WEBHOOK_SECRET", "another one")
    assert note_settings() == ("GRADPHOTO_WEBHOOK_SECRET",)
    monkeypatch.delenv("GRADPHOTO_WEBHOOK_SECRET")
    assert note_settings() == ("GRADPHOTO_WEBHOOK_SECRET",), "taken away is a change, too"
