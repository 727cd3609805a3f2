"""A question that is put together once answers as Django's own does, whatever the values."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from django.apps import apps
from django.db import DatabaseError, connections, transaction
from django.db.models import F
from django.db.models.signals import post_save
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from gradphoto.apps.access.models import AccessAttempt, AttemptOutcome, EntryPoint
from gradphoto.apps.core import actions
from gradphoto.apps.core.encryption import BlindIndex, blind_index
from gradphoto.apps.core.lifecycle import LifecycleBypassedError, save_with_step
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.prepared import Change, Prepared, _Slot, add
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.actions import see_status
from gradphoto.apps.verification.lifecycle import CASE
from gradphoto.apps.verification.models import CaseStatus, Confirmation, VerificationCase
from verification.graduate_world import graduate, open_case
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


def test_an_action_holds_the_row_of_its_target_and_no_other():
    """A model's own order may join others; where one of those has no row, PostgreSQL refused to hold anything."""
    ours = [one for one in apps.get_models() if one.__module__.startswith("gradphoto.")]
    assert len(ours) > 100
    for model in ours:
        sql = str(actions._by_key(model)._build(pk=_Slot("pk")).query)
        assert " JOIN " not in sql, model
        assert "ORDER BY" not in sql, model


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
    add(added, only_guards=True)
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


def _entry(number: int, **more: object) -> AuditEntry:
    return AuditEntry(
        chain=7, number=number, at=NOON, action="a.b", actor="system", detail={}, correlation=UUID(int=1), **more
    )


def test_a_key_that_is_given_is_kept_whichever_kind_came_first(monkeypatch):
    monkeypatch.setattr(connections["default"], "_prepared", {}, raising=False)
    entries = [_entry(1), _entry(2, pk=90_001), _entry(3)]
    for one in entries:
        add(one, only_guards=True)
    assert dict(AuditEntry.objects.filter(chain=7).values_list("number", "pk")) == {
        n + 1: e.pk for n, e in enumerate(entries)
    }
    assert entries[1].pk == 90_001


def test_a_row_key_that_is_given_is_kept():
    case = open_case(build_world(), 1)
    kept = Confirmation(pk=70_001, case=case, portrait_id=case.portrait_id, facts="{}", at=NOON)
    add(kept)
    assert Confirmation.objects.get(pk=70_001).facts.decrypt() == "{}"


def test_whoever_listens_is_told():
    told = []

    def hear(instance, created, **_):
        told.append((instance, created))

    post_save.connect(hear, sender=AccessAttempt)
    try:
        add(attempt := _attempt("heard"))
    finally:
        post_save.disconnect(hear, sender=AccessAttempt)
    assert told == [(attempt, True)]
    add(_attempt("unheard"))
    assert len(told) == 1


def test_a_save_of_its_own_is_not_gone_around(monkeypatch):
    saved = []
    monkeypatch.setattr(AccessAttempt, "save", lambda self, **how: saved.append((self, how)))
    add(attempt := _attempt("own"))
    assert saved == [(attempt, {"force_insert": True})]


def test_a_question_asks_by_no_none():
    """In SQL nothing equals it; Django would look for rows without a value."""
    with pytest.raises(TypeError, match="portrait"):
        Prepared(lambda portrait: Confirmation.objects.filter(portrait=portrait)).all(portrait=None)
    with pytest.raises(TypeError, match="pk"):
        Change(lambda pk: AccessAttempt.objects.filter(pk=pk), "outcome").make(pk=None, outcome=AttemptOutcome.FAILED)


@pytest.mark.parametrize(
    "way",
    [
        lambda row: add(row, only_guards=True),
        lambda row: Change(lambda pk: AuditEntry.objects.filter(pk=pk), "action").make(pk=1, action=None),
    ],
)
def test_a_refused_statement_spoils_its_transaction_as_save_does(way):
    """On both databases: whoever caught the error inside would otherwise commit half of what belongs together on SQLite."""
    add(_entry(1, pk=1), only_guards=True)
    with transaction.atomic():
        with pytest.raises(DatabaseError):
            way(_entry(1, pk=1))
        with pytest.raises(TransactionManagementError):
            AuditEntry.objects.count()


def _by_itself(case):
    return case


def _read_anew(case):
    return VerificationCase.objects.get(pk=case.pk)


@pytest.mark.parametrize("copy", [_by_itself, _read_anew])
@pytest.mark.parametrize("within_another", [False, True])
def test_an_action_within_a_step_sees_what_the_step_has_set_and_loses_nothing(copy, within_another):
    """What ``save_with_step`` keeps for the end is written before another action reads that row under its lock."""
    case, other = (open_case(world, n) for world in [build_world()] for n in (1, 2))
    with CASE.taking(case, "verification.view_case"):
        case.viewed_at = NOON
        save_with_step(case, "viewed_at")
        seen = copy(case)
        with CASE.taking(other, "verification.view_case") if within_another else contextlib.nullcontext():
            see_status(graduate(case), seen)
        assert seen.viewed_at == NOON
    written = VerificationCase.objects.get(pk=case.pk)
    assert (written.viewed_at, written.status) == (NOON, CaseStatus.VIEWED)


def test_a_step_writes_a_relation_as_save_does():
    """A related record that got its key after it was assigned, and one that has none."""
    case = open_case(build_world(), 1)
    portrait, key = Portrait(), case.portrait_id
    case.portrait = portrait
    with pytest.raises(ValueError, match="unsaved related object"), transaction.atomic():
        CASE.move(case, "verification.view_case", fields=["portrait"])
    case = VerificationCase.objects.get(pk=case.pk)
    case.portrait = portrait
    portrait.pk = key
    CASE.move(case, "verification.view_case", fields=["portrait"])
    assert VerificationCase.objects.get(pk=case.pk).portrait_id == key


def test_a_step_of_a_model_that_saves_in_its_own_way_goes_that_way(monkeypatch):
    case, saved = open_case(build_world(), 1), []
    monkeypatch.setattr(VerificationCase, "save", lambda self, **more: saved.append(more["update_fields"]))
    CASE.move(case, "verification.view_case")
    assert saved == [("status",)]


def test_keys_of_a_decorated_function_that_was_undone_are_not_used_again():
    """Its block is the same at each call; SQLite's counter goes back with it, so somebody else may have taken them."""
    field = Confirmation._meta.pk

    @transaction.atomic
    def take(count: int, fails: bool) -> list[int]:
        keys = [field.get_pk_value_on_save(Confirmation()) for _ in range(count)]
        if fails:
            raise ZeroDivisionError
        return keys

    with contextlib.suppress(ZeroDivisionError):
        take(2, fails=True)  # a stretch of one and one of two: a key is left over
    others = field.take(5)  # as another process would
    assert not set(take(2, fails=False)) & set(others)
