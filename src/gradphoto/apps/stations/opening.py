"""Opening a kit on an empty laptop: a small database with exactly what the room needs."""

from __future__ import annotations

import base64
import uuid
from datetime import date, datetime

from django.contrib.auth.hashers import identify_hasher
from django.db import transaction
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Rule, RuleSet
from gradphoto.apps.capture.verdicts import rules_version
from gradphoto.apps.core import audit
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import EncryptedText
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.models import Membership, Organisation, User
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.schedule.models import Appointment, CaptureSession, CollectionRoom, Slot
from gradphoto.apps.stations.kit_parts import load_parts
from gradphoto.apps.stations.models import StationSelf
from gradphoto.engine.packet.kit import Kit, KitPerson


@transaction.atomic
def load_kit(kit: Kit, *, centre_signing: str = "") -> StationSelf:
    """Fill an empty database, keeping the centre's primary keys, and say in the audit trail that this was done.

    ``centre_signing``: the key that signed the kit, 64 hex digits; receipts are believed by it.

    Raises ``capture.station_not_empty`` where anybody is in the database already.
    """
    if StationSelf.objects.exists() or User.objects.exists() or Candidate.objects.exists():
        raise refuse(
            "capture.station_not_empty",
            "这个数据目录里已有数据。",
            "This data directory holds data already.",
            "请另选一个空目录，原有数据不会改动。",
            "Choose an empty directory; what is there is not touched.",
        )
    for org in kit.organisations:
        Organisation.objects.create(
            pk=org.pk, parent_id=org.parent, kind=org.kind, code=org.code, name=org.name, name_en=org.name_en
        )
    campaign = _campaign(kit)
    _people(kit, campaign)
    _timetable(kit, campaign)
    _crew(kit)
    load_parts(campaign, kit.parts)
    station = StationSelf.objects.create(
        kit_id=kit.kit_id,
        installation=uuid.uuid4().hex,
        station=kit.station,
        campaign=campaign,
        chairs=kit.chairs,
        number_first=kit.campaign.number_first,
        number_last=kit.campaign.number_last,
        suite=kit.suite,
        centre_name=kit.centre_name,
        centre_signing=centre_signing,
        centre_box=base64.b64decode(kit.keys.centre_box).hex(),
        opened_at=timezone.now(),
        expires_at=datetime.fromisoformat(kit.expires_at),
    )
    detail = {"station": kit.station, "kit": kit.kit_id, "people": len(kit.people)}
    audit.record(Actor.system("station"), "capture.open_kit", station, detail)
    return station


def judges_alike(kit: Kit) -> bool:
    """Whether this laptop's engine judges photographs by the same thresholds as the centre's."""
    return rules_version(kit.campaign.photo_profile) == kit.campaign.rules_version


def _campaign(kit: Kit) -> Campaign:
    said = kit.campaign
    rule_set = RuleSet.objects.create(name=said.rule_set_name)
    for rule in kit.rules:
        Rule.objects.create(
            rule_set=rule_set,
            key=rule.key,
            value=rule.value,
            source=rule.source,
            issuer=rule.issuer,
            effective_from=date.fromisoformat(rule.effective_from),
        )
    return Campaign.objects.create(
        pk=said.pk,
        cohort_year=said.cohort_year,
        title=said.title,
        school_id=said.school,
        centre_id=said.centre,
        rule_set=rule_set,
        status=CampaignStatus.COLLECTING,
        last_shooting_number=said.number_first - 1,
    )


def _people(kit: Kit, campaign: Campaign) -> None:
    Candidate.objects.bulk_create((_candidate(one, campaign) for one in kit.people), batch_size=500)


def _candidate(one: KitPerson, campaign: Campaign) -> Candidate:
    return Candidate(
        pk=one.pk,
        campaign=campaign,
        department_id=one.department,
        season=one.season,
        class_name=one.class_name,
        student_no=one.student_no,
        name=one.name,
        sex=one.sex,
        birth_date=date.fromisoformat(one.birth_date),
        id_number=EncryptedText.sealed_for(
            Candidate._meta.db_table, "id_number", one.pk, base64.b64decode(one.id_token)
        ),
        id_number_index=one.id_index,
        major=one.major,
        level=one.level,
        preassigned_number=one.preassigned_number,
        graduation_kind=one.graduation_kind,
        status=CandidateStatus.ACCEPTED,
    )


def _timetable(kit: Kit, campaign: Campaign) -> None:
    for session in kit.sessions:
        room, _ = CollectionRoom.objects.get_or_create(
            campaign=campaign, name=session.place, defaults={"stations": session.chairs}
        )
        CaptureSession.objects.create(
            pk=session.pk, campaign=campaign, date=date.fromisoformat(session.date), place=session.place, room=room
        )
    for slot in kit.slots:
        Slot.objects.create(
            pk=slot.pk,
            session_id=slot.session,
            department_id=slot.department,
            class_name=slot.class_name,
            season=slot.season,
            starts_at=datetime.fromisoformat(slot.starts_at),
            ends_at=datetime.fromisoformat(slot.ends_at),
        )
    Appointment.objects.bulk_create(
        (Appointment(slot_id=one.slot, candidate_id=one.candidate, position=one.position) for one in kit.appointments),
        batch_size=500,
    )


def _crew(kit: Kit) -> None:
    for one in kit.users:
        identify_hasher(one.pin_hash)  # a kit that carries a PIN in the clear is no kit
        user = User.objects.create(
            pk=one.pk, username=one.username, display_name=one.display_name, password=one.pin_hash
        )
        for organisation, role in one.roles:
            Membership.objects.create(user=user, organisation_id=organisation, role=role)
