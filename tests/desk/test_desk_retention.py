"""Retention: what is due is shown, then deleted, on record; what somebody still needs stays (PIPL 19, ASVS 14.2.7)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import blobs
from gradphoto.apps.core.encryption import EncryptedTextField
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry, Blob
from gradphoto.apps.desk import retention
from gradphoto.apps.roster.models import Candidate, RosterImport
from gradphoto.apps.verification.notices.models import ContactPoint
from world import add_candidate, build_world, made_up_id_number, put

pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"


def _close(campaign: Campaign, days_ago: int) -> None:
    since = timezone.now() - timedelta(days=days_ago)
    put(Campaign.objects.filter(pk=campaign.pk), status="closed", status_since=since)


def _upload(world, campaign: Campaign, data: bytes) -> RosterImport:
    return RosterImport.objects.create(
        campaign=campaign, organisation=world.school, source=blobs.put(data, "text/csv"), file_name="r.csv"
    )


def _counts() -> dict[str, int]:
    return {due.kept.name: due.count for due in retention.plan()}


def test_what_is_due_is_shown_then_deleted_and_the_rest_stays(django_capture_on_commit_callbacks):
    world = build_world()
    person = add_candidate(world, 1)
    number = person.id_number.decrypt()
    ContactPoint.objects.create(candidate=person, channel="sms", address="13800000001")
    upload = _upload(world, world.campaign, number.encode())
    _close(world.campaign, 89)
    assert not any(_counts().values()), "not a day too early"
    _close(world.campaign, 91)
    assert {name: n for name, n in _counts().items() if n} == {"uploads": 1, "contacts": 1}
    assert blobs.read(upload.source) == number.encode(), "a plan touches nothing"
    with django_capture_on_commit_callbacks(execute=True):
        done = {due.kept.name: due.count for due in retention.run()}
    assert (done["uploads"], done["contacts"]) == (1, 1)
    assert not any(_counts().values())
    assert not ContactPoint.objects.exists()
    upload.refresh_from_db()
    with pytest.raises(Refusal) as caught:
        blobs.read(Blob.objects.get(pk=upload.source_id))
    assert caught.value.code == "core.blob_removed"
    assert not storages["blobs"].exists(blobs.name_of(upload.source_id))
    assert Candidate.objects.get(pk=person.pk).id_number.decrypt() == number, "the roster stays"
    entries = AuditEntry.objects.filter(action="desk.delete_by_retention")
    assert {entry.detail["class"] for entry in entries} == {"uploads", "contacts"}
    assert number not in str(list(entries.values_list("detail", flat=True)))


def test_a_file_that_an_open_campaign_needs_is_left(django_capture_on_commit_callbacks):
    world = build_world()
    other = Campaign.objects.create(
        cohort_year=world.campaign.cohort_year, title="另一批", school=world.school, centre=world.centre,
        rule_set=world.campaign.rule_set, status="collecting",
    )  # fmt: skip
    shared = made_up_id_number(3).encode()
    first, second = _upload(world, world.campaign, shared), _upload(world, other, shared)
    assert first.source_id == second.source_id
    _close(world.campaign, 400)
    with django_capture_on_commit_callbacks(execute=True):
        retention.run()
    assert blobs.read(second.source) == shared
    _close(other, 400)
    with django_capture_on_commit_callbacks(execute=True):
        retention.run()
    with pytest.raises(Refusal):
        blobs.read(Blob.objects.get(pk=second.source_id))


def test_the_page_on_privacy_is_held_to_the_table():
    text = DOCS.read_text("utf-8")
    for kept in retention.KEPT:
        row = next((line for line in text.splitlines() if line.startswith(f"| `{kept.name}` ")), "")
        assert f" {kept.days} days after {kept.since.en} " in row, kept.name
    assert f"{retention.OUTBOX_DAYS} days" in text


WITHOUT_LIMIT = {
    "roster.Candidate.id_number", "delivery.Portrait.blob", "registration.LedgerEntry.id_number",
    "registration.LedgerCorrection.entered", "errata.ErrataItem.right", "verification.Correction.entered",
    "verification.Confirmation.facts", "roster.CorrectionCase.claimed", "roster.CorrectionCase.as_found",
    "makeup.SelfRow.id_number",  # the roster, what was delivered, registered, corrected and confirmed
    "core.Blob.file_key", "pages.Export.query", "stations.StationKit.secrets",  # go with their file
    "stations.ClearedFrame.blob",  # a station's laptop lets go by itself
    "pages.AddedFont.blob", "makeup.DeliveryRecipient.phone", "api.Webhook.secret",  # of the installation and its staff
}  # fmt: skip


def test_every_sealed_value_and_every_file_has_its_time_or_is_kept_for_a_reason():
    """A new column with a person's data is put into the table, or here with the reason why it stays."""
    found = set()
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is Blob or isinstance(field, EncryptedTextField):
                found.add(f"{model._meta.label}.{field.name}")
    gone = set()
    for part in (part for kept in retention.KEPT for part in kept.parts):
        label = part.find(timezone.now()).model._meta.label
        if isinstance(part, retention.Rows):
            gone |= {name for name in found if name.startswith(f"{label}.")}
        elif not isinstance(part, retention.Orphans):
            gone.add(f"{label}.{part.field}")
    assert found - gone == WITHOUT_LIMIT
