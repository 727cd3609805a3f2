"""The forms of stations, ready to be tried by ``tests/pages``: the centre's, and those of a laptop's own site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations import forms
from gradphoto.apps.stations.models import Conflict, ConflictKind, RecordKind, StationKit, StationRecord, StationSelf
from pages.form_cases import Stage, form_case
from world import World, add_candidate

BACKEND = "django.contrib.auth.backends.ModelBackend"
LONG = "很长的说明" * 50


class LaptopBrowser(Client):
    """A browser on a station, whose site has addresses of its own."""

    def request(self, **request: Any) -> Any:
        with override_settings(ROOT_URLCONF="gradphoto.site.station_urls"):
            return super().request(**request)


def _browser(world: World, role: Role, kind: type[Client] = Client) -> Client:
    browser = kind()
    browser.force_login(world.actor(role).user, backend=BACKEND)
    return browser


def _kit(world: World) -> StationKit:
    return StationKit.objects.create(
        campaign=world.campaign, station="A1", number_first=1, number_last=200, signing_public="00", secrets="{}",
        suite="intl", people=1, file=blobs.put(b"kit", "application/octet-stream"),
        expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip


@form_case(forms.MakeKit)
def make_kit(world: World) -> Stage:
    add_candidate(world, 1)
    session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
    good = {
        "campaign": world.campaign.pk, "station": "A1", "numbers": "100", "sessions": [session.pk],
        "passphrase": "four words and then some",
    }  # fmt: skip
    wrong = {
        "station": ("中文", "capture.kit_station"),
        "numbers": ("50001", "pages.too_large"),
        "passphrase": ("short", "capture.kit_opener"),
        "chairs": ("9", "capture.no_such_chair"),
        "sessions": ([10**6], "pages.not_offered"),
    }
    client = _browser(world, Role.COLLECTION_CENTRE)
    return Stage(reverse("stations:kit_new"), client, good, wrong, foreign={"campaign": 10**6})


@form_case(forms.RevokeKit)
def revoke_kit(world: World) -> Stage:
    good = {"row": _kit(world).pk, "reason": "电脑丢失"}
    return Stage(
        reverse("stations:list"), _browser(world, Role.COLLECTION_CENTRE), good, {"reason": (LONG, "pages.too_long")}
    )


@form_case(forms.TakePacketsIn)
def take_packets_in(world: World) -> Stage:
    good = {"packets": SimpleUploadedFile("part-0001.gpp", b"GPENV1\r\nxx")}
    wrong = {"packets": (SimpleUploadedFile("picture.jpg", b"\xff\xd8\xff"), "packet.no_files")}
    return Stage(reverse("stations:list"), _browser(world, Role.COLLECTION_CENTRE), good, wrong)


@form_case(forms.DecideConflict)
def decide_conflict(world: World) -> Stage:
    payload = {"number": 7, "status": "shot", "at": timezone.now().isoformat()}
    record = StationRecord.objects.create(
        kit=_kit(world), installation="x", kind=RecordKind.CHECK_IN, key="k", number=1, digest="0", payload=payload
    )
    conflict = Conflict.objects.create(
        record=record, kind=ConflictKind.PERSON_TWICE, sentence={"zh": "两次", "en": "twice"},
        candidate=add_candidate(world, 1),
    )  # fmt: skip
    good = {"row": conflict.pk, "choice": "present", "reason": "中心的更清晰"}
    wrong = {"choice": ("renumber", "pages.not_offered"), "reason": (LONG, "pages.too_long")}
    return Stage(reverse("stations:conflict_list"), _browser(world, Role.COLLECTION_CENTRE), good, wrong)


def _laptop(world: World) -> Client:
    """The site of a laptop that holds one frame for which nobody has signed."""
    StationSelf.objects.create(
        kit_id="k", installation="i", station="A1", campaign=world.campaign, number_first=1, number_last=200,
        suite="intl", centre_name="示范采集中心", centre_box="0" * 64, centre_signing="0" * 64,
        expires_at=timezone.now() + timedelta(days=3),
    )  # fmt: skip
    session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
    Frame.objects.create(session=session, blob=Blob.objects.get(pk=blobs.put_photograph(b"\xff\xd8\xff x").pk))
    return _browser(world, Role.PHOTOGRAPHER, LaptopBrowser)


@form_case(forms.WritePacket)
def write_packet(world: World) -> Stage:
    wrong = {"folder": ("/no/such/folder", "packet.stick_missing"), "despite": (LONG, "pages.too_long")}
    return Stage("/station/hand-over/", _laptop(world), {"folder": "/tmp"}, wrong)


@form_case(forms.TakeReceipt)
def take_receipt(world: World) -> Stage:
    wrong = {"receipt": (SimpleUploadedFile("a.gpreceipt", b""), "core.upload_empty")}
    return Stage("/station/hand-over/", _laptop(world), {"receipt": SimpleUploadedFile("a.gpreceipt", b"{}")}, wrong)


@form_case(forms.ClearAllFrames)
def clear_all_frames(world: World) -> Stage:
    return Stage("/station/hand-over/", _laptop(world), {"reason": "U 盘已交回"}, {"reason": (LONG, "pages.too_long")})
