"""Identification by scanned codes: interchangeable, each only where the rule set allows it."""

from __future__ import annotations

import io
import uuid

import pytest
from django.utils import timezone

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import actions
from gradphoto.apps.capture.identify import identify
from gradphoto.apps.capture.models import CheckIn, Hold, Identification
from gradphoto.apps.capture.room.notices import cards_in_vain
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.fees import shooting_lists
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot
from gradphoto.engine.cards.data import Card, CardData, standard_form
from gradphoto.engine.cards.payload import issue_bytes
from gradphoto.engine.devices.collection_code import CodeHolder, TrialCodec
from world import add_candidate, build_world, made_up_id_number, put

pytestmark = pytest.mark.django_db
WAYS = [str(way) for way in Identification]


@pytest.fixture
def room():
    world = build_world()
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    people = [add_candidate(world, n) for n in (1, 2, 3)]
    now = timezone.now()
    slot = Slot.objects.create(
        session=session, department=world.department, season="spring",
        starts_at=now, ends_at=now + timezone.timedelta(hours=1),
    )  # fmt: skip
    for position, person in enumerate(people, start=1):
        Appointment.objects.create(slot=slot, candidate=person, position=position)
    return world, session, people


def allow(world, *ways: str) -> None:
    Rule.objects.filter(key="capture.identification").update(value=list(ways))


def adapter(world, setting: str) -> None:
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="capture.collection_code", value=setting,
        source="彩排", effective_from="2020-01-01",
    )  # fmt: skip


def scan(client, world, session, code: str):
    actor = world.actor(Role.PHOTOGRAPHER)
    client.force_login(actor.user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(f"/capture/{session.pk}/scan/", {"code": code})


def test_a_student_number_checks_its_holder_in(client, room):
    world, session, people = room
    allow(world, *WAYS)
    scan(client, world, session, "]C02022000002\r")
    made = CheckIn.objects.get()
    assert (made.candidate, made.method, made.shooting_number) == (people[1], "student_no", 1)


def test_who_was_refused_or_held_at_the_page_may_sit_down_all_the_same(client, room):
    """A scanner that types (wedge), the search by hand and a held card count like a card that the reader refused (R98)."""
    world, session, people = room
    allow(world, *WAYS)
    for code in ("2022000001", "2022000002", "no such code"):
        scan(client, world, session, code)
    client.post(f"/capture/{session.pk}/check-in/", {"candidate": people[2].pk, "nonce": str(uuid.uuid4())})
    assert [one.person for one in cards_in_vain(session, 1)[0]] == [people[1].pk, None, people[2].pk]
    put(CheckIn.objects.all(), status="shot", closed_at=timezone.now())
    scan(client, world, session, "2022000001")
    held = session.holds.get(reason="already")
    *_, laid = cards_in_vain(session, 1)[0]
    assert (laid.person, laid.until) == (people[0].pk, None)
    actions.decide_hold(world.actor(Role.PHOTOGRAPHER), held, admit=False, reason="已有合格照片")
    *_, laid = cards_in_vain(session, 1)[0]
    assert laid.until is not None, "the crew has sent that person away"


def test_the_rule_set_decides_which_ways_are_lawful(client, room):
    world, session, _ = room
    allow(world, "id_card_swipe", "manual")
    answer = scan(client, world, session, "2022000002")
    assert answer.status_code == 409
    assert "capture.method_not_allowed" in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_r101_a_preassigned_number_names_whom_the_issued_list_names(client, room):
    """The list is issued, then somebody drops out and the order of the session changes: the numbers stay (R47, B7)."""
    world, session, people = room
    allow(world, "preassigned_number")
    with pytest.raises(Refusal) as caught:
        identify(session, "3")
    assert caught.value.code == "capture.scan_unknown", "no list, no number"
    shooting_lists.preassign_numbers(world.actor(Role.REGISTRAR), world.campaign, people=people)
    Appointment.objects.filter(candidate=people[0]).delete()
    scan(client, world, session, "0003")
    made = CheckIn.objects.get()
    assert (made.candidate, made.method) == (people[2], "preassigned_number")
    assert identify(session, "2").candidate == people[1]
    with pytest.raises(Refusal) as caught:
        identify(session, "9")
    assert caught.value.code == "capture.scan_unknown"


def test_a_collection_card_names_its_holder_by_check_values(client, room):
    world, session, people = room
    allow(world, "machine_card")
    person = people[0]
    data = CardData(
        school_name="示范大学", school_code="99901", department_code="01", degree_category="本科",
        school_kind="普通高校", name=person.name, student_no=person.student_no,
        id_number=person.id_number.decrypt(),
    )  # fmt: skip
    code = issue_bytes(Card("99901-000001", data, marks=True), standard_form(2, 15)).decode("gb18030")
    assert person.id_number.decrypt() not in code
    scan(client, world, session, code)
    made = CheckIn.objects.get()
    assert (made.candidate, made.method) == (person, "machine_card")


def code_of(person, words: str = "彩排", **changes) -> str:
    said = {
        "unique_number": "U1", "name": person.name, "id_number": person.id_number.decrypt(),
        "student_no": person.student_no,
    }  # fmt: skip
    return TrialCodec(words).write(CodeHolder(**(said | changes)))


def test_a_collection_code_goes_through_the_adapter_of_the_rule_set(client, room):
    world, session, people = room
    allow(world, "chsi_code")
    with pytest.raises(Refusal) as caught:
        identify(session, code_of(people[0]))
    assert caught.value.code == "capture.code_no_adapter"
    adapter(world, "trial:彩排")
    scan(client, world, session, code_of(people[0]))
    assert (CheckIn.objects.get().candidate, CheckIn.objects.get().method) == (people[0], "chsi_code")


def test_r103_a_code_of_somebody_else_does_not_pass(client, room):
    world, session, people = room
    allow(world, "chsi_code")
    adapter(world, "trial:彩排")
    scan(client, world, session, code_of(people[0], name="别人"))
    assert Hold.objects.get().reason == "data_differ"
    scan(client, world, session, code_of(people[0], id_number=made_up_id_number(70, male=True), name="外校生"))
    assert Hold.objects.filter(reason="not_listed", name="外校生").exists()
    answer = scan(client, world, session, code_of(people[0], student_no="2021999999"))
    assert "capture.code_other_programme" in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_the_code_is_neither_in_an_address_nor_in_the_audit(client, room, caplog):
    world, session, people = room
    allow(world, "chsi_code")
    adapter(world, "trial:彩排")
    out = io.StringIO()
    answer = scan(client, world, session, code_of(people[0]))
    out.write(answer.headers["Location"] + caplog.text)
    assert "GPTEST1" not in out.getvalue()
    assert people[0].id_number.decrypt() not in out.getvalue()
