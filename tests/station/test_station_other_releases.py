"""Packets of another release, and records that nobody can read: one record is told, the others go on, nothing is lost."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from station_forms import _kit

from gradphoto.apps.core import audit
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations import intake
from gradphoto.apps.stations.carried import Carried, audit_payload
from gradphoto.apps.stations.models import Conflict, RecordKind, RecordState, StationRecord
from gradphoto.apps.stations.placing import place_all
from gradphoto.apps.stations.receipts import make_receipt
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.station_packet import PacketHead
from makeup.makeup_world import client
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db
KEY = b"k" * 32
LAPTOP = "a1" * 16


@pytest.fixture
def world(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    made = build_world()
    made.kit = _kit(made)
    made.kit.secrets = json.dumps({name: base64.b64encode(KEY).decode() for name in ("seal", "blind_index", "audit")})
    made.kit.save()
    made.person = add_candidate(made, 1)
    made.session = CaptureSession.objects.create(campaign=made.campaign, date=timezone.localdate(), place="104")
    return made


def record(kit, kind: RecordKind, payload: dict, key: str = "k", number: int = 1) -> StationRecord:
    return StationRecord.objects.create(
        kit=kit, installation=LAPTOP, kind=kind, key=key, number=number, digest="0", payload=payload
    )


def trail(kit, *entries: tuple[str, dict]) -> None:
    """A laptop's proven trail: each entry follows the one before."""
    before = ""
    for number, (action, detail) in enumerate(entries, start=1):
        entry = AuditEntry(
            chain=1, number=number, at=timezone.now(), action=action, actor="user:1", actor_label="", target_type="",
            target_key="1", detail=detail, correlation=uuid.uuid4(), previous=before,
        )  # fmt: skip
        entry.digest = before = audit.entry_digest(entry, KEY)
        record(kit, RecordKind.AUDIT, audit_payload(entry), f"1/{number}")


def agreed(person, **when) -> FaceConsent:
    given = timezone.now() - timedelta(**when) if when else timezone.now()
    return FaceConsent.objects.create(candidate=person, paper="册 3", given_at=given)


def consent_of(person, given: str, ended: str | None = None) -> dict:
    return {"candidate": person.pk, "paper": "册", "given_at": given, "withdrawn_at": ended, "by": ""}


def test_what_was_taken_back_at_a_laptop_of_the_release_before_ends_here(world):
    """It carries no consents: its proven trail alone says so."""
    other = add_candidate(world, 2)
    agreed(world.person, days=1)
    agreed(other, days=1)
    taken = ("pairing.withdraw_consent", {"candidate": world.person.pk, "removed": 0})
    trail(world.kit, ("capture.check_in", {}), taken, ("pairing.withdraw_consent", {"candidate": "?"}))
    place_all(world.kit)
    assert list(FaceConsent.objects.filter(withdrawn_at=None).values_list("candidate", flat=True)) == [other.pk]
    assert set(StationRecord.objects.values_list("state", flat=True)) == {"applied"}
    agreed(world.person)
    place_all(world.kit)
    assert FaceConsent.objects.filter(candidate=world.person, withdrawn_at=None).exists(), "heard once"


def test_an_altered_trail_ends_nobodys_consent(world):
    agreed(world.person, days=1)
    trail(world.kit, ("pairing.withdraw_consent", {"candidate": 0}))
    one = StationRecord.objects.get()
    one.payload["detail"] = {"candidate": world.person.pk}
    one.save()
    place_all(world.kit)
    assert FaceConsent.objects.filter(withdrawn_at=None).exists()
    assert Conflict.objects.get().kind == "history"


_MOMENT = "2026-11-02T08:00:00+00:00"
UNREADABLE = [
    (RecordKind.CHECK_IN, {"status": "shot"}),
    (RecordKind.CHECK_IN, {"status": "unheard of"}),
    (RecordKind.HOLD, {"session": 1}),
    (RecordKind.FRAME, {"sha256": "0" * 64}),
    (RecordKind.ALARM, {}),
    (RecordKind.CLOCK, {"session": 0, "camera_serial": "x", "measured_at": "noon"}),
    (RecordKind.NOTICE, {"session": None}),
    (RecordKind.CONSENT, {"candidate": 1, "paper": "", "given_at": "2026-11-02T08:00:00", "withdrawn_at": None, "by": ""}),
    (RecordKind.CONSENT, {}),
    (RecordKind.SESSION, {}),
    (RecordKind.AUDIT, {"number": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "payload"), UNREADABLE, ids=str)
def test_a_record_that_cannot_be_read_is_a_conflict_and_holds_up_nothing_else(world, kind, payload):
    agreed(world.person, days=1)
    bad = record(world.kit, kind, payload, key="x")
    record(world.kit, RecordKind.CONSENT, consent_of(world.person, _MOMENT, _MOMENT), key="good")
    place_all(world.kit)
    bad.refresh_from_db()
    expected = RecordState.WAITING if kind == RecordKind.FRAME else RecordState.CONFLICT
    assert bad.state == expected, "a frame waits for its file"
    assert StationRecord.objects.get(key="good").state == RecordState.APPLIED
    assert make_receipt(world.actor(Role.COLLECTION_CENTRE), world.kit, installation=LAPTOP)
    page = client(world, Role.COLLECTION_CENTRE).get(reverse("stations:conflict_list"))
    assert page.status_code == 200


def take_in(world, number: int, *records: Carried) -> intake.IntakeReport:
    report = intake.IntakeReport()
    rows = [[str(one.kind), one.key, one.payload] for one in records]
    head = PacketHead(str(world.kit.kit_id), "A1", LAPTOP, number, timezone.now().isoformat())
    intake._receive_records(world.kit, head, json.dumps({"records": rows}).encode(), report)
    return report


def test_a_consent_that_was_set_aside_is_still_taken_back_by_a_later_packet(world):
    given = agreed(world.person, days=1).given_at.isoformat()
    take_in(world, 1, Carried(RecordKind.CONSENT, "k", consent_of(world.person, given)))
    StationRecord.objects.update(state=RecordState.SET_ASIDE)
    gone = Carried(RecordKind.CONSENT, "k", consent_of(world.person, given, timezone.now().isoformat()))
    assert take_in(world, 2, gone).changed == 1
    place_all(world.kit)
    assert take_in(world, 1, Carried(RecordKind.CONSENT, "k", consent_of(world.person, given))).older == 1
    place_all(world.kit)
    assert not FaceConsent.objects.filter(withdrawn_at=None).exists()


@pytest.mark.parametrize(
    ("kind", "key", "code"), [("dream", "k", "packet.too_new"), ("consent", "k" * 91, "packet.altered")]
)
def test_what_this_release_does_not_know_is_refused_by_name_and_as_a_whole(world, kind, key, code):
    payload = json.dumps({"records": [["session", "1", {}], [kind, key, {}]]}).encode()
    head = PacketHead(str(world.kit.kit_id), "A1", LAPTOP, 1, timezone.now().isoformat())
    with pytest.raises(GradPhotoError) as caught:
        intake._receive_records(world.kit, head, payload, intake.IntakeReport())
    assert caught.value.code == code
    assert not StationRecord.objects.exists()
