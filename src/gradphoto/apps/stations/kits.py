"""Making a kit at the centre: what one station needs, sealed for that station."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.contrib.auth.hashers import make_password
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import PACKET_SUITE, PHOTO_PROFILE
from gradphoto.apps.capture.verdicts import judgement, rules_version
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index, encrypt, keyring, row_context
from gradphoto.apps.core.errors import invalid, refuse, stated_reason
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Membership, Organisation, User
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import first_of
from gradphoto.apps.schedule.models import Appointment, CaptureSession, SessionStatus, Slot
from gradphoto.apps.stations.kit_parts import gather_parts
from gradphoto.apps.stations.models import StationKit
from gradphoto.engine.packet.box import raw_public
from gradphoto.engine.packet.envelope import Receiver, write_envelope
from gradphoto.engine.packet.kit import (
    KIT_KIND,
    Kit,
    KitAppointment,
    KitCampaign,
    KitKeys,
    KitOrganisation,
    KitPerson,
    KitRule,
    KitSession,
    KitSlot,
    KitUser,
)
from gradphoto.engine.packet.station_packet import STATION_CODE
from gradphoto.engine.packet.suites import Suite

_PASSPHRASE_LENGTH = 12
_PIN_DIGITS = 6
_GRACE = timedelta(days=3)
_LEAST_NUMBERS = 200
SUITES_IN_WORDS = {
    Suite.INTL: bi("国际算法（AES、SHA-256）", "AES, SHA-256"),
    Suite.GM: bi("国密（SM4、SM3）", "SM4, SM3"),
}


@dataclass(frozen=True, slots=True)
class MadeKit:
    """The kit's file, and the PIN of each person who may sign in: shown once, kept nowhere."""

    row: StationKit
    data: bytes
    pins: dict[str, str]


def centre_box() -> X25519PrivateKey:
    """The key that packets are sealed to from now on."""
    return keyring().boxes()[0]


def centre_signing_key() -> Ed25519PrivateKey:
    """The key that kits and packages are signed with."""
    return keyring().signing()


@action("stations.make_kit", permission="stations.manage")
def make_kit(
    actor: Actor,
    campaign: Campaign,
    *,
    station: str,
    receivers: Sequence[Receiver],
    sessions: Collection[CaptureSession] = (),
    usernames: Collection[str] = (),
    numbers: int | None = None,
    valid_days: int | None = None,
    signing_public: Ed25519PublicKey | None = None,
    chairs: Collection[int] = (),
) -> MadeKit:
    """Reserve a range of shooting numbers for a station and make its kit.

    Without ``sessions``: all that are not closed; without ``usernames``: the campaign's photographers and checkers.
    ``numbers``: how many shooting numbers the station may give (default: twice its list, at least 200). Valid until
    three days after its last session, or for ``valid_days``. ``chairs``: which of its rooms' chairs the station works,
    where several laptops stand in one room (default: all). ``signing_public``: the key that the laptop has made for
    itself; without it the kit brings one. Raises ``capture.kit_station``, ``capture.kit_opener``,
    ``capture.kit_sessions``, ``capture.kit_nobody``, ``capture.kit_crew``, ``capture.no_such_chair``.
    """
    code = station.strip().upper()
    _require(code, receivers)
    chosen = _sessions(campaign, sessions)
    _require_chairs(chosen, chairs)
    people = _people_of(campaign)
    if not people:
        raise refuse(
            "capture.kit_nobody",
            "核准名单是空的。",
            "The approved list is empty.",
            "请先由学校核准名册。",
            "Have the school accept its roster first.",
        )
    crew = _crew(campaign, usernames)
    suite_rule = in_force(campaign.rule_set, PACKET_SUITE)
    now = timezone.now()
    row = StationKit(
        campaign=campaign,
        station=code,
        chairs=sorted(set(chairs)),
        suite=Suite(PACKET_SUITE.read(suite_rule.value)) if suite_rule else Suite.INTL,
        people=len(people),
        made_by=actor.user,
        made_at=now,
        expires_at=now + timedelta(days=valid_days) if valid_days else _until(chosen),
    )
    row.number_first, row.number_last = _reserve(campaign, numbers or max(_LEAST_NUMBERS, 2 * len(people)))
    keys = {name: secrets.token_bytes(32) for name in ("seal", "blind_index", "audit")}
    signing = None if signing_public else Ed25519PrivateKey.generate()
    known = signing_public or (signing.public_key() if signing else None)
    assert known is not None
    row.signing_public = raw_public(known).hex()
    row.secrets = json.dumps({name: _b64(key) for name, key in keys.items()})
    pins = {user.username: f"{secrets.randbelow(10**_PIN_DIGITS):0{_PIN_DIGITS}d}" for user in crew}
    kit = _contents(row, chosen, people, crew, pins, keys, signing)
    data = _seal(row, kit, receivers)
    row.file = blobs.put(data, "application/octet-stream")
    row.save()
    row.sessions.set(chosen)
    audit.note(station=code, first=row.number_first, last=row.number_last, people=len(people), crew=sorted(pins))
    audit.note(own_key=signing is None)
    return MadeKit(row, data, pins)


@action("stations.revoke_kit", permission="stations.manage")
def revoke_kit(actor: Actor, kit: StationKit, *, reason: str) -> None:
    """Take in nothing more of this station: its laptop was lost. What was taken in stays; its numbers stay used."""
    kit.revoked_at, kit.revoke_reason = timezone.now(), stated_reason(reason, "capture.reason_missing")
    kit.save(update_fields=["revoked_at", "revoke_reason"])
    audit.note(reason=kit.revoke_reason)


def _require(code: str, receivers: Sequence[Receiver]) -> None:
    if not STATION_CODE.fullmatch(code):
        raise invalid(
            "capture.kit_station",
            "站点代号应为 1–8 位字母、数字或短横。",
            "A station's code is 1 to 8 letters, digits or hyphens.",
            "例如 A1。",
            "For example A1.",
            field="station",
        )
    weak = [one for one in receivers if one.public_key is None and len(one.passphrase or "") < _PASSPHRASE_LENGTH]
    if not receivers or weak:
        raise invalid(
            "capture.kit_opener",
            f"需要本站的公钥，或至少 {_PASSPHRASE_LENGTH} 个字符的口令。",
            f"It takes the station's public key or a passphrase of at least {_PASSPHRASE_LENGTH} characters.",
            "可用四个互不相干的词；口令与 U 盘分开送达。",
            "Use four unrelated words, and send them apart from the stick.",
            field="passphrase",
        )


def _require_chairs(sessions: Iterable[CaptureSession], chairs: Collection[int]) -> None:
    most = max(session.chairs for session in sessions)
    if wrong := sorted(one for one in chairs if not 1 <= one <= most):
        raise invalid(
            "capture.no_such_chair",
            f"所选场次没有 {wrong[0]} 号座位。",
            f"The chosen sessions have no chair {wrong[0]}.",
            f"这些采集点最多 {most} 台；请修改采集点的台数，或选择其他座位。",
            f"Their rooms have {most} station(s) at most: change that on the collection point, or choose other chairs.",
            field="chairs",
        )


def _sessions(campaign: Campaign, wanted: Collection[CaptureSession]) -> list[CaptureSession]:
    found = list(wanted) or list(campaign.sessions.exclude(status=SessionStatus.CLOSED).select_related("room"))
    if not found or any(one.campaign_id != campaign.pk for one in found):
        raise refuse(
            "capture.kit_sessions",
            "没有可用的场次。",
            "There is no session to work.",
            "请先编排时间表，或选择本批次未结束的场次。",
            "Make the timetable first, or choose a session of this campaign that is not closed.",
        )
    return found


def _crew(campaign: Campaign, usernames: Collection[str]) -> list[User]:
    here = Q(memberships__organisation__in=_homes(campaign), memberships__role__in=roles_of("stations.run"))
    found = User.objects.filter(here, is_active=True).distinct().order_by("username")
    crew = list(found.filter(username__in=usernames) if usernames else found)
    if not crew or set(usernames) - {user.username for user in crew}:
        raise refuse(
            "capture.kit_crew",
            "找不到可在本站登录的摄影师或检验员。",
            "No photographer or checker was found who may sign in at the station.",
            "请先在系统中添加人员和角色，或核对用户名。",
            "Add the people and their roles first, or check the user names.",
        )
    return crew


def _homes(campaign: Campaign) -> list[Organisation]:
    """Where a member of the crew may have their role: school, centre, and what stands above them."""
    paths = {path for one in (campaign.school, campaign.centre) for path in one.ancestor_paths()}
    return list(Organisation.objects.filter(path__in=paths))


def _until(sessions: Iterable[CaptureSession]) -> Any:
    last = max(session.date for session in sessions)
    now = timezone.now()
    return now + _GRACE + timedelta(days=max(0, (last - timezone.localdate(now)).days))


def _reserve(campaign: Campaign, count: int) -> tuple[int, int]:
    """The next ``count`` numbers under the campaign's lock: no other station gets them, nor the centre (R97)."""
    held = Campaign.objects.select_for_update().get(pk=campaign.pk)
    first = held.last_shooting_number + 1
    held.last_shooting_number = first + count - 1
    held.save(update_fields=["last_shooting_number"])
    return first, held.last_shooting_number


def _contents(
    row: StationKit,
    sessions: list[CaptureSession],
    people: list[Candidate],
    crew: list[User],
    pins: dict[str, str],
    keys: dict[str, bytes],
    signing: Ed25519PrivateKey | None,
) -> Kit:
    campaign = row.campaign
    slots = list(Slot.objects.filter(session__in=sessions).order_by("pk"))
    places = Appointment.objects.filter(slot__in=slots, candidate__in=people).order_by("pk")
    roles = _roles(campaign, crew)
    homes = {org for held in roles.values() for org, _ in held}
    needed = homes | {p.department_id for p in people} | {s.department_id for s in slots}
    return Kit(
        kit_id=str(row.kit_id),
        station=row.station,
        made_at=row.made_at.isoformat(),
        expires_at=row.expires_at.isoformat(),
        suite=row.suite,
        centre_name=campaign.centre.name,
        keys=_keys(keys, signing),
        campaign=_campaign(row),
        organisations=_organisations(needed | {campaign.school_id, campaign.centre_id}),
        rules=[
            KitRule(rule.key, rule.value, rule.source, rule.effective_from.isoformat(), rule.issuer)
            for rule in campaign.rule_set.rules.filter(withdrawn_reason="").order_by("pk")
        ],
        sessions=[KitSession(one.pk, one.date.isoformat(), one.place, one.chairs) for one in sessions],
        slots=[_slot(one) for one in slots],
        people=[_person(one, keys) for one in people],
        appointments=[KitAppointment(one.slot_id, one.candidate_id, one.position) for one in places],
        users=[
            KitUser(
                user.pk,
                user.username,
                user.display_name,
                make_password(pins[user.username]),
                [list(pair) for pair in sorted(roles[user.pk])],
            )
            for user in crew
        ],
        parts=gather_parts(campaign, [one.pk for one in people]),
        chairs=row.chairs,
    )


def _keys(keys: dict[str, bytes], signing: Ed25519PrivateKey | None) -> KitKeys:
    return KitKeys(
        seal=_b64(keys["seal"]),
        blind_index=_b64(keys["blind_index"]),
        audit=_b64(keys["audit"]),
        signing=_b64(signing.private_bytes_raw()) if signing else "",
        centre_box=_b64(raw_public(centre_box().public_key())),
    )


def _campaign(row: StationKit) -> KitCampaign:
    campaign = row.campaign
    profile = value_of(campaign, PHOTO_PROFILE)
    return KitCampaign(
        pk=campaign.pk,
        cohort_year=campaign.cohort_year,
        title=campaign.title,
        school=campaign.school_id,
        centre=campaign.centre_id,
        rule_set_name=campaign.rule_set.name,
        number_first=row.number_first,
        number_last=row.number_last,
        photo_profile=profile,
        rules_version=rules_version(profile),
        judgement=judgement(profile),
    )


def _slot(slot: Slot) -> KitSlot:
    return KitSlot(
        slot.pk,
        slot.session_id,
        slot.department_id,
        slot.class_name,
        slot.season,
        slot.starts_at.isoformat(),
        slot.ends_at.isoformat(),
    )


def _roles(campaign: Campaign, crew: list[User]) -> dict[int, set[tuple[int, str]]]:
    roles: dict[int, set[tuple[int, str]]] = {user.pk: set() for user in crew}
    for held in Membership.objects.filter(
        user__in=crew, organisation__in=_homes(campaign), role__in=roles_of("stations.run")
    ):
        roles[held.user_id].add((held.organisation_id, held.role))
    return roles


def _organisations(pks: Collection[int]) -> list[KitOrganisation]:
    paths = {path for one in Organisation.objects.filter(pk__in=pks) for path in one.ancestor_paths()}
    found = Organisation.objects.filter(path__in=paths)
    return [
        KitOrganisation(one.pk, one.parent_id, one.kind, one.code, one.name, one.name_en)
        for one in sorted(found, key=lambda one: one.path.count("/"))
    ]


def _people_of(campaign: Campaign) -> list[Candidate]:
    """The approved list; somebody in two programmes once, under the record that is photographed."""
    approved = campaign.candidates.filter(status__in=APPROVED).order_by(F("same_person").asc(nulls_first=True), "pk")
    once: dict[int, Candidate] = {}
    for one in approved:
        once.setdefault(first_of(one), one)
    return sorted(once.values(), key=lambda one: one.pk)


def _person(one: Candidate, keys: dict[str, bytes]) -> KitPerson:
    number = one.id_number.decrypt()
    place = row_context(Candidate._meta.db_table, "id_number", one.pk)
    return KitPerson(
        pk=one.pk,
        department=one.department_id,
        season=one.season,
        class_name=one.class_name,
        student_no=one.student_no,
        name=one.name,
        sex=one.sex,
        birth_date=str(one.birth_date),
        major=one.major,
        level=one.level,
        preassigned_number=one.preassigned_number,
        graduation_kind=one.graduation_kind,
        id_token=_b64(encrypt(number.encode(), place, keys["seal"])),
        id_index=blind_index(number, keys["blind_index"]),
        id_masked=str(one.id_number),
    )


def _seal(row: StationKit, kit: Kit, receivers: Sequence[Receiver]) -> bytes:
    return write_envelope(
        kit.to_bytes(),
        kind=KIT_KIND,
        about={"kit": kit.kit_id, "station": kit.station, "nonce": uuid.uuid4().hex[:8]},
        signer=centre_signing_key(),
        receivers=receivers,
        made_at=row.made_at,
        expires_at=row.expires_at,
        suite=Suite(row.suite),
    )


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
