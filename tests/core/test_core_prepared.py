"""A question that is put together once answers as Django's own does, whatever the values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from gradphoto.apps.access.models import AccessAttempt, AttemptOutcome, EntryPoint
from gradphoto.apps.core.encryption import BlindIndex, blind_index
from gradphoto.apps.core.lifecycle import LifecycleBypassedError, save_with_step
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.prepared import Change, Prepared, add
from gradphoto.apps.roster.models import Candidate
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def _attempt(subject: str, at: datetime = NOON) -> AccessAttempt:
    return AccessAttempt(
        entry_point=EntryPoint.PORTAL, at=at, address_index=blind_index("campus"), subject_index=blind_index(subject)
    )


def test_records_with_their_relations_annotations_and_sealed_fields_are_djangos():
    world = build_world()
    people = [add_candidate(world, n) for n in (1, 2)]
    asked = Candidate.objects.select_related("campaign__school", "department", "same_person").annotate(
        no=F("student_no")
    )
    question = Prepared(lambda born, pk: asked.filter(birth_date=born, pk=pk).order_by())
    for one in people:
        found, plain = question.first(born=one.birth_date, pk=one.pk), asked.get(pk=one.pk)
        columns = [field.attname for field in Candidate._meta.concrete_fields]
        assert [getattr(found, name) for name in columns] == [getattr(plain, name) for name in columns]
        assert found.id_number.decrypt() == one.id_number.decrypt()
        assert (found.no, found.same_person) == (plain.no, None)
        assert Candidate.campaign.is_cached(found)
        assert found.campaign.school == plain.campaign.school
    assert question.first(born=date(1900, 1, 1), pk=people[0].pk) is None


def test_it_is_put_together_once_and_asked_each_time(monkeypatch):
    question = Prepared(lambda since: AccessAttempt.objects.filter(at__gt=since).only("at").order_by("at"))
    assert question.all(since=NOON - timedelta(hours=1)) == []
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *_, **__: pytest.fail("put together anew"))
    change = Change(lambda pk: AccessAttempt.objects.filter(pk=pk), "outcome")
    first, second = _attempt("a"), _attempt("b", NOON + timedelta(minutes=1))
    with monkeypatch.context() as free:
        free.undo()
        add(first)
        change.make(pk=0, outcome=AttemptOutcome.FAILED)
    monkeypatch.setattr(SQLCompiler, "as_sql", lambda *_, **__: pytest.fail("put together anew"))
    add(second)
    assert change.make(pk=second.pk, outcome=AttemptOutcome.SUCCEEDED) == 1
    assert question.all(since=NOON - timedelta(hours=1)) == [first, second]
    assert question.all(since=NOON) == [second]
    monkeypatch.undo()
    assert AccessAttempt.objects.get(outcome=AttemptOutcome.SUCCEEDED) == second


def test_a_text_with_several_indexes_is_found_under_each():
    """While a key is being replaced a row stands under the earlier one."""
    attempt = _attempt("earlier")
    add(attempt)
    question = Prepared(lambda subject: AccessAttempt.objects.filter(subject_index=subject))
    index = BlindIndex(blind_index("under the new key"))
    assert question.first(subject=index) is None
    index.earlier = (str(attempt.subject_index),)
    assert question.first(subject=index) == attempt


@pytest.mark.django_db(transaction=True)
def test_a_row_is_held_within_a_transaction_only():
    question = Prepared(lambda pk: AccessAttempt.objects.select_for_update().filter(pk=pk))
    with transaction.atomic():
        assert question.first(pk=1) is None
    with pytest.raises(TransactionManagementError):
        question.first(pk=1)


def test_a_state_is_still_its_lifecycles():
    change = Change(lambda pk: Candidate.objects.filter(pk=pk), "status")
    with pytest.raises(LifecycleBypassedError):
        change.make(pk=1, status="accepted")


def test_what_is_added_is_what_save_writes():
    world = build_world()
    facts = {
        "chain": 7, "at": timezone.now(), "action": "a.b", "actor": "system", "detail": {"说明": [1, None]},
        "correlation": "12345678123456781234567812345678", "target_key": str(world.school.pk),
    }  # fmt: skip
    saved, added = AuditEntry(number=1, **facts), AuditEntry(number=2, **facts)
    saved.save()
    add(added)
    assert not added._state.adding
    columns = [one.attname for one in AuditEntry._meta.concrete_fields if one.attname not in ("id", "number")]
    rows = AuditEntry.objects.filter(chain=7).values_list(*columns)
    assert rows[0] == rows[1]
    assert added.pk == saved.pk + 1


def test_outside_of_its_own_step_a_field_is_saved_at_once():
    world = build_world()
    person = add_candidate(world, 1)
    person.class_name = "3班"
    save_with_step(person, "class_name")
    assert Candidate.objects.get(pk=person.pk).class_name == "3班"
