"""Who is let in: links that end, that are guessed, that are another's; card and collection code; for whom the rule opens."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from gradphoto.apps.access.models import AccessAttempt
from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.selfphoto import links
from gradphoto.apps.selfphoto.models import Consent, PersonalLink, SelfPortrait
from gradphoto.engine.devices.collection_code import CodeHolder, TrialCodec
from makeup.makeup_world import approved
from selfphoto.selfphoto_world import agreed, let_in, linked, rule, self_photo_world, somebody
from verification.graduate_world import add_graduate, card_of
from world import add_candidate

pytestmark = pytest.mark.django_db


def try_in(code, person, name=None):
    data = {"way": "link", "code": code, "student_no": person.student_no, "name": name or person.name}
    return Client().post("/my-photo/", data)


def refused(code, call, *args, **kwargs):
    with pytest.raises(Refusal) as told:
        call(*args, **kwargs)
    assert told.value.code == code


def test_the_link_is_kept_as_an_index_only_and_leaves_the_address_bar():
    world = self_photo_world()
    person = somebody(world)
    issued = linked(world, person)
    assert len(issued.code) == 16
    stored = [str(value) for value in PersonalLink.objects.values_list().get()]
    assert not any(issued.code in value for value in stored)
    assert issued.code not in str(list(AuditEntry.objects.values_list("detail", flat=True)))
    assert person.id_number.decrypt() not in issued.address
    browser = Client()
    answer = browser.get(f"/my-photo/l/{issued.code}/")
    assert answer["Location"] == "/my-photo/"
    assert issued.code in browser.get("/my-photo/").content.decode(), "filled in from the link"
    assert Client().get("/my-photo/l/GUESSED/")["Location"] == "/my-photo/", "one answer for every link"


def test_every_wrong_entry_is_one_sentence_and_attempts_are_slowed_down():
    world = self_photo_world()
    person, other = somebody(world), somebody(world, 2)
    code = linked(world, person).code
    linked(world, other)
    pages = [try_in(code, other), try_in("A" * 16, person), try_in(code, person, "别人")]
    assert {answer.status_code for answer in pages} == {403}
    assert len({answer.content.decode().count("所填信息不一致") for answer in pages}) == 1
    assert try_in(code, person).status_code == 302, "a few mistakes shut nobody out"
    for _ in range(4):
        try_in("B" * 16, other)
    slow = try_in("B" * 16, other)
    assert slow.status_code == 429
    assert int(slow["Retry-After"]) > 0
    assert set(AccessAttempt.objects.values_list("entry_point", flat=True)) == {"self_photo"}


def test_what_was_typed_stays_after_a_refusal_whichever_way_was_tried():
    """A name with one wrong sign is mended, not everything typed again; nothing is cut, however long."""
    given = {
        "link": {"code": "ABCDEFGHJKLMNPQR", "student_no": "2022009999", "name": "王不对"},
        "card": {"school_code": "99901", "student_no": "2022009999", "name": "王不对", "card_code": "K" * 150},
    }
    for way, typed in given.items():
        answer = Client().post("/my-photo/", {"way": way, **typed})
        assert answer.status_code == 403
        page = answer.content.decode()
        assert all(f'value="{text}"' in page for text in typed.values()), way
        assert "maxlength" not in page
    empty = Client().post("/my-photo/", {"way": "link", "code": "", "student_no": "2022009999", "name": "王不对"})
    assert (empty.status_code, 'data-code="pages.required"' in empty.content.decode()) == (403, True)


def test_a_link_ends_with_its_day_with_a_newer_one_and_when_it_is_taken_back():
    world = self_photo_world()
    person, officer = somebody(world), world.actor(Role.COLLEGE_OFFICER)
    first = linked(world, person)
    browser = let_in(world, person, first.code)
    assert browser.get("/my-photo/consent/").status_code == 200
    second = linked(world, person)
    assert browser.get("/my-photo/consent/").status_code == 302, "the session ended with its link"
    assert try_in(first.code, person).status_code == 403
    browser = let_in(world, person, second.code)
    links.revoke_link(officer, SelfPortrait.objects.get(), reason="发错了人")
    assert browser.get("/my-photo/consent/").status_code == 302
    assert try_in(second.code, person).status_code == 403
    refused("selfphoto.no_link", links.revoke_link, officer, SelfPortrait.objects.get(), reason="再收一次")
    third = linked(world, person)
    with time_machine.travel(timezone.now() + timedelta(days=21, hours=12)):
        assert try_in(third.code, person).status_code == 403
        refused("selfphoto.over", linked, world, person)


def test_only_whom_the_rule_names_and_only_by_whose_people_it_is():
    world = self_photo_world(("special",))
    officer = world.actor(Role.COLLEGE_OFFICER)
    plain, away, missed = somebody(world), somebody(world, 2), somebody(world, 3)
    approved(world, away, reason_kind="army")
    refused("selfphoto.not_for_you", linked, world, plain)
    assert linked(world, away).link.case is not None
    rule(world, keys.SELF_PHOTO_FOR, ["learning_centre"])
    outside = add_candidate(world, 4, department=world.learning_centre)
    refused("selfphoto.not_for_you", linked, world, missed)
    assert links.issue_link(world.actor(Role.LEARNING_CENTRE), outside).code
    rule(world, keys.SELF_PHOTO_FOR, [])
    refused("selfphoto.not_allowed", linked, world, plain)
    rule(world, keys.SELF_PHOTO_FOR, ["everybody"])
    with pytest.raises(PermissionRefusal):
        links.issue_link(world.stranger(Role.COLLEGE_OFFICER), plain)
    with pytest.raises(PermissionRefusal):
        links.issue_link(world.actor(Role.PHOTOGRAPHER), plain)
    issued, left_out = links.issue_links(officer, [plain, away])
    assert (len(issued), left_out) == (2, [])


def test_a_collection_code_by_its_adapter_and_an_image_card_open_the_page_too():
    world = self_photo_world(COLLECTION_CODE="trial:words")
    person = somebody(world)
    number = person.id_number.decrypt()
    code = TrialCodec("words").write(CodeHolder("u1", person.name, number, person.student_no))
    browser = Client()
    data = {"way": "collection", "collection_code": code, "student_no": person.student_no}
    assert browser.post("/my-photo/", data).status_code == 302
    assert browser.get("/my-photo/consent/").status_code == 200
    other = somebody(world, 2)
    assert Client().post("/my-photo/", {**data, "student_no": other.student_no}).status_code == 403
    graduate = add_graduate(world, 3)
    card = card_of(graduate)
    given = {"way": "card", **card, "card_code": graduate.image_card.code.decrypt()}
    assert Client().post("/my-photo/", given).status_code == 302
    assert Client().post("/my-photo/", {**given, "card_code": "NOPE"}).status_code == 403


def test_consent_is_on_record_with_its_words_and_nothing_goes_without():
    world = self_photo_world(SELF_PHOTO_COMPARE=True)
    person = somebody(world)
    browser = let_in(world, person)
    assert browser.get("/my-photo/camera/").status_code == 302, "first the consent"
    page = browser.post("/my-photo/consent/", {})
    assert page.status_code == 400
    assert browser.post("/my-photo/consent/", {"photograph": "on"}).status_code == 302
    given = Consent.objects.get()
    assert (given.purpose, given.text_version, len(given.text_sha256)) == ("photograph", "2026-11", 64)
    browser.post("/my-photo/consent/", {"photograph": "on", "compare": "on"})
    assert Consent.objects.filter(withdrawn_at=None).count() == 2
    browser.post("/my-photo/consent/withdraw/", {"purpose": "compare"})
    assert [one.purpose for one in Consent.objects.filter(withdrawn_at=None)] == ["photograph"]


def test_another_persons_try_is_unknown():
    from selfphoto.selfphoto_world import good, send

    world = self_photo_world()
    mine, other = agreed(world, somebody(world)), agreed(world, somebody(world, 2))
    said = send(mine, good()).json()
    for address in (said["url"], said["picture"]["url"], said["picture"]["portrait_url"]):
        assert other.get(address).status_code == 404
        assert Client().get(address).status_code == 302
    assert other.post(said["submit_url"]).status_code == 404
    assert Client().get(f"{said['url']}judgement/").status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = mine.cookies
    assert strict.post(said["submit_url"]).status_code == 403, "no submit without the page's token"
    assert SelfPortrait.objects.filter(status="submitted").count() == 0
