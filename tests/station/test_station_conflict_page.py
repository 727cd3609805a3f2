"""Nobody decides between two numbers of one person without seeing both faces (R98, R212)."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from station_forms import _kit

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import blobs
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.models import Conflict, ConflictKind, RecordKind, StationRecord
from page_text import flat
from repair_world import photographed
from world import build_world

pytestmark = pytest.mark.django_db


def plain(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(out, "JPEG")
    return out.getvalue()


def average(answer) -> tuple[int, int, int]:
    """The colour of a picture as the browser gets it."""
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    return Image.open(io.BytesIO(answer.content)).resize((1, 1)).getpixel((0, 0))


@pytest.fixture
def conflict(tmp_path, settings):
    """The centre holds a red photograph of somebody, a packet brought a blue one of the same person."""
    settings.DATA_DIR = tmp_path
    world = build_world()
    session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
    [present], [ours] = photographed(world, session, 1)
    Frame.objects.filter(pk=ours.pk).update(blob=blobs.put_photograph(plain("red")))
    said = {"number": 201, "status": "shot", "at": timezone.now().isoformat()}
    theirs = {"check_in": "k", "status": "accepted", "sha256": "not here yet"}
    kit = _kit(world)
    record, shot = (
        StationRecord.objects.create(
            kit=kit, installation="x", kind=kind, key=key, number=1, digest="0", payload=payload
        )
        for kind, key, payload in ((RecordKind.CHECK_IN, "k", said), (RecordKind.FRAME, "f", theirs))
    )
    made = Conflict.objects.create(
        record=record, kind=ConflictKind.PERSON_TWICE, sentence={"zh": "两次", "en": "twice"},
        candidate=present.candidate, present=CheckIn.objects.get(pk=present.pk),
    )  # fmt: skip
    return world, made, shot, ours


def test_both_photographs_stand_side_by_side_each_under_who_says_it(conflict):
    world, made, shot, ours = conflict
    client = Client()
    client.force_login(world.people[Role.COLLECTION_CENTRE], "django.contrib.auth.backends.ModelBackend")
    of_station, of_centre = (
        reverse("stations:conflict_photo", args=[made.pk]),
        f"/capture/frames/{ours.pk}/image/?size=thumb",
    )
    page = flat(client.get(reverse("stations:conflict_list")))
    assert of_centre in page
    assert of_station not in page, "its file has not come: no broken picture"
    assert client.get(of_station).status_code == 404
    shot.payload |= {"sha256": blobs.put_photograph(plain("blue")).pk}
    shot.save()
    page = flat(client.get(reverse("stations:conflict_list")))
    station, centre = page.split(f'src="{of_station}"')
    assert "00201" in station
    assert f'src="{of_centre}"' in centre, "and after it the centre's"
    red, _, blue = average(client.get(of_station))
    assert blue > 200 > 60 > red
    red, _, blue = average(client.get(of_centre))
    assert red > 200 > 60 > blue


@pytest.mark.parametrize("role", [Role.PHOTOGRAPHER, Role.COUNSELLOR])
def test_who_does_not_decide_does_not_see_the_stations_photograph(conflict, role):
    world, made, shot, _ = conflict
    shot.payload |= {"sha256": blobs.put_photograph(plain("blue")).pk}
    shot.save()
    client = Client()
    client.force_login(world.people[role], "django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("stations:conflict_photo", args=[made.pk])).status_code in (403, 404)
