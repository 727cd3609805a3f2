"""The ways to a personal link from the pages of earlier rooms: the make-up case, the collection, the roster (R9, R144, R148)."""

import pytest
from django.test import RequestFactory

from gradphoto.apps.core.slots import filled
from gradphoto.apps.makeup.models import SelfCollection
from gradphoto.apps.orgs.models import Organisation, OrganisationKind, Role
from makeup.makeup_world import approved, client
from selfphoto.selfphoto_world import linked, self_photo_world, somebody
from world import build_world

pytestmark = pytest.mark.django_db


def page(world, role, address):
    answer = client(world, role).get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_r9_a_case_that_the_rule_lets_in_leads_to_the_link_and_one_that_it_does_not_is_silent():
    world = self_photo_world(("special",))
    abroad, missed = somebody(world, 1), somebody(world, 2)
    let_in, not_in = approved(world, abroad, reason_kind="abroad"), approved(world, missed, reason_kind="missed")
    way = f'href="/self-photographs/{abroad.pk}/"'
    html = page(world, Role.REGISTRAR, f"/make-up/cases/{let_in.pk}/")
    assert way in html
    assert "发放链接" in html
    assert way in page(world, Role.REGISTRAR, f"/roster/{abroad.pk}/")
    for address in (f"/make-up/cases/{not_in.pk}/", f"/roster/{missed.pk}/"):
        assert f"/self-photographs/{missed.pk}/" not in page(world, Role.REGISTRAR, address)
    told = filled("makeup.own", RequestFactory().get("/"), [let_in, not_in])
    assert 'href="/my-photo/"' in told[let_in.pk], "the person reads that a phone will do"
    assert not told[not_in.pk]
    linked(world, abroad)
    assert "链接和进展" in page(world, Role.REGISTRAR, f"/make-up/cases/{let_in.pk}/")


@pytest.mark.parametrize("groups", [("learning_centre",), ("make_up",)])
def test_r148_a_learning_centres_collection_leads_to_its_people_where_the_rule_lets_them(groups):
    world = self_photo_world(groups)
    Organisation.objects.filter(pk=world.department.pk).update(kind=OrganisationKind.LEARNING_CENTRE)
    one = SelfCollection.objects.create(campaign=world.campaign, organisation=world.department, title="第一批")
    html = page(world, Role.REGISTRAR, f"/make-up/self-organised/{one.pk}/")
    way = f"/self-photographs/?campaign={world.campaign.pk}&amp;department={world.department.pk}"
    assert (way in html) == (groups == ("learning_centre",))


def test_r9_the_empty_list_leads_to_the_rule_that_opens_it():
    world = build_world()
    html = page(world, Role.REGISTRAR, "/self-photographs/")
    assert f'href="/campaigns/{world.campaign.pk}/rule/?key=self_photo.for"' in html
