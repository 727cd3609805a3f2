"""A foreigner's card says two names: the crew reads both wherever the card is named (R103, R109)."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Identification
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord, Sex
from page_text import flat
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db


def screen_after(*, listed: str, name: str, english: str, on_list: bool = True) -> str:
    """What the room shows when such a card was laid down."""
    world = build_world()
    person = add_candidate(world, 1, name=listed)
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    card = CardRecord(
        kind=CardKind.FOREIGNER_2023, name=name, english_name=english, sex=Sex.MALE, birth_date=person.birth_date,
        id_number=person.id_number.decrypt() if on_list else "932410198501017756", valid_from=None, valid_to=None,
    )  # fmt: skip
    facts = actions.CardFacts(card.shown_name, person.sex, card.birth_date, card.id_number, card.english_name)
    photographer = world.actor(Role.PHOTOGRAPHER)
    actions.check_in(photographer, session, card=facts, method=Identification.ID_CARD, nonce=uuid.uuid4())
    client = Client()
    client.force_login(world.people[Role.PHOTOGRAPHER], "django.contrib.auth.backends.ModelBackend")
    return flat(client.get(f"/capture/{session.pk}/"))


@pytest.mark.parametrize("on_list", [True, False], ids=["names_differ", "not_on_the_list"])
def test_r103_a_held_foreign_card_shows_both_names(on_list):
    assert "马丁（MARTIN, PETER）" in screen_after(
        listed="测试某", name="马丁", english="MARTIN, PETER", on_list=on_list
    )


def test_r103_a_card_with_latin_letters_alone_shows_them_once():
    page = screen_after(listed="测试某", name="", english="MARTIN, PETER")
    assert "MARTIN, PETER" in page
    assert "（MARTIN, PETER）" not in page


@pytest.mark.parametrize("listed", ["马丁", "MARTIN, PETER"])
def test_r103_either_name_of_the_card_is_the_persons(listed):
    page = screen_after(listed=listed, name="马丁", english="MARTIN, PETER")
    assert "请拍照" in page
    assert listed in page
