"""A photograph by mail or an electronic image: the same engine, always a person's eyes (R146)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.makeup.mailed import take_mailed
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.demo.sitters import picture
from makeup.makeup_world import approved, client, refused
from world import add_candidate

pytestmark = pytest.mark.django_db


def take(world, case, **changes):
    told = {"data": picture("person_01"), "file_name": "x.jpg", "origin": "部队挂号信", **changes}
    return take_mailed(world.actor(Role.COLLECTION_CENTRE), case, **told)


@pytest.mark.slow
def test_r146_a_mailed_picture_becomes_a_frame_that_a_person_must_look_at(world):
    cases = [approved(world, add_candidate(world, n), way="mail", reason_kind="army") for n in (1, 2)]
    upload = SimpleUploadedFile("王五.jpg", picture("person_01"), "image/jpeg")
    page = client(world, Role.COLLECTION_CENTRE)
    page.post(f"/make-up/cases/{cases[0].pk}/mailed/", {"file": upload, "origin": "部队挂号信，11月20日收到"})
    made = CheckIn.objects.get()
    assert (made.method, made.status, made.shooting_number) == ("mailed", "shot", 1)
    frame = Frame.objects.get()
    assert (frame.status, frame.review.state, frame.file_name) == ("accepted", "held", f"mailed-{cases[0].pk}.jpg")
    assert frame.assessments.filter(current=True).exists(), "measured like the others"
    assert frame.review.decisions.get().words == "部队挂号信，11月20日收到"
    case = MakeUpCase.objects.get(pk=cases[0].pk)
    assert (case.status, case.check_in) == ("captured", made)
    refused("makeup.same_picture", take, world, cases[1])
    assert CheckIn.objects.count() == 1, "nothing of the second is left"
    take(world, cases[1], data=picture("person_02"))
    assert set(made.session.__class__.objects.values_list("status", flat=True)) == {"closed"}


def test_only_approved_cases_of_this_way_with_an_origin(world):
    by_mail = approved(world, add_candidate(world, 1), way="mail", reason_kind="abroad")
    at_centre = approved(world, add_candidate(world, 2))
    refused("makeup.not_by_mail", take, world, at_centre)
    refused("makeup.reason_missing", take, world, by_mail, origin=" ")
    with pytest.raises(PermissionRefusal):
        take_mailed(world.actor(Role.COUNSELLOR), by_mail, data=b"", file_name="x.jpg", origin="信")
    Rule.objects.filter(key=IDENTIFICATION.name).update(value=["id_card_swipe"])
    refused("makeup.method_not_allowed", take, world, by_mail)
