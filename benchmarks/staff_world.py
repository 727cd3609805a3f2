"""A province of made-up rows for ``benchmarks.staff``: schools, campaigns, people and their photographs, by ``COPY``."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_COLLEGES, _CLASSES = 16, 8
_BORN = date(2004, 3, 5)
_SHOT_AT = datetime(2026, 9, 14, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True, slots=True)
class Province:
    """Who looks at it: user keys of a registrar, of the collection centre and of the national reviewer."""

    registrar: int
    centre: int
    reviewer: int
    people: int


def build(people: int, schools: int) -> Province:
    """So many people in so many schools: timetabled, photographed, delivered, half of them verified, a quarter registered."""
    from gradphoto.apps.campaigns.models import Campaign
    from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
    from gradphoto.apps.schedule.models import CaptureSession
    from world import build_world

    world = build_world()
    kind = OrganisationKind
    Campaign.objects.filter(pk=world.campaign.pk).delete()
    homes = []
    for n in range(schools):
        school = Organisation.objects.create(
            kind=kind.SCHOOL, name=f"第{n + 1}大学", code=f"98{n:03d}", parent=world.national
        )
        colleges = [
            Organisation.objects.create(kind=kind.DEPARTMENT, name=f"学院{c + 1}", code=f"{c + 1:02d}", parent=school)
            for c in range(_COLLEGES)
        ]
        campaign = Campaign.objects.create(
            cohort_year=2026, title="2026届图像采集", school=school, centre=world.centre,
            rule_set=world.campaign.rule_set, status="verifying",
        )  # fmt: skip
        session = CaptureSession.objects.create(
            campaign=campaign, date=_SHOT_AT.date(), place="体育馆", status="closed"
        )
        homes.append((campaign, colleges, session))
    _pour(homes, people // schools)
    registrar = User.objects.create(username="bench_registrar")
    Membership.objects.create(user=registrar, organisation=homes[0][0].school, role=Role.REGISTRAR)
    return Province(
        registrar.pk, world.people[Role.COLLECTION_CENTRE].pk, world.people[Role.NATIONAL_REVIEWER].pk,
        people // schools * schools,
    )  # fmt: skip


def _pour(homes: list[tuple[Any, list[Any], Any]], each: int) -> None:
    from django.db import connection

    from gradphoto.apps.capture.models import CheckIn, Frame
    from gradphoto.apps.core import blobs
    from gradphoto.apps.core.bulk_rows import insert_encrypted_rows, insert_rows
    from gradphoto.apps.core.models import Blob
    from gradphoto.apps.delivery.models import Package, PackageItem, Portrait
    from gradphoto.apps.roster.models import Candidate
    from gradphoto.apps.verification.models import VerificationCase
    from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION

    blob = blobs.put_photograph(b"\xff\xd8\xffmade up").pk
    fields = _fields(Candidate, "id_number")
    insert_encrypted_rows(Candidate, list(fields), _candidates(homes, each, fields), encrypted="id_number")
    rows = list(Candidate.objects.order_by("campaign", "pk").values_list("pk", "campaign", "season", "student_no"))
    sessions = {campaign.pk: session.pk for campaign, _, session in homes}
    insert_rows(CheckIn, *_made(CheckIn, (
        {"session": sessions[campaign], "campaign": campaign, "candidate": pk, "shooting_number": number + 1,
         "method": "id_card_swipe", "at": _SHOT_AT + timedelta(seconds=number * 20), "status": "confirmed",
         "nonce": uuid.uuid4()}
        for number, (pk, campaign, *_) in enumerate(rows)
    )))  # fmt: skip
    shots = list(CheckIn.objects.order_by("pk").values_list("pk", "session", "campaign", "candidate"))
    insert_rows(Blob, *_made(Blob, ({"name": f"made-up-{pk}", "size_bytes": 1} for pk, *_ in shots)))
    insert_rows(Frame, *_made(Frame, (
        {"session": session, "blob": f"made-up-{pk}", "check_in": pk, "file_name": "x.jpg", "status": "accepted",
         "packed_at": _SHOT_AT}
        for pk, session, *_ in shots
    )))  # fmt: skip
    frames = list(Frame.objects.order_by("pk").values_list("pk", "check_in", "check_in__candidate"))
    insert_rows(Portrait, *_made(Portrait, (
        {"candidate": candidate, "check_in": check_in, "frame": frame, "profile": "mb2017_99",
         "pipeline_version": PIPELINE_VERSION, "blob": blob, "width_px": 480, "height_px": 640, "provenance": {}}
        for frame, check_in, candidate in frames
    )))  # fmt: skip
    packages = {
        campaign.pk: Package.objects.create(
            campaign=campaign, organisation=campaign.school, season="spring", number=1, status="delivered",
            delivered_at=_SHOT_AT,
        ).pk
        for campaign, *_ in homes
    }  # fmt: skip
    portraits = Portrait.objects.order_by("pk").values_list(
        "pk", "candidate", "candidate__campaign", "check_in__shooting_number"
    )
    made = list(portraits)
    insert_rows(PackageItem, *_made(PackageItem, (
        {"package": packages[campaign], "portrait": pk, "shooting_number": number} for pk, _, campaign, number in made
    )))  # fmt: skip
    insert_rows(VerificationCase, *_made(VerificationCase, (
        {"candidate": candidate, "portrait": pk, "status": "confirmed" if pk % 2 else "open",
         "confirmed_at": _SHOT_AT if pk % 2 else None}
        for pk, candidate, *_ in made
    )))  # fmt: skip
    book()
    tell()
    register()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def book() -> None:
    """A slot for every college and season, an appointment for everybody."""
    from gradphoto.apps.core.bulk_rows import insert_rows
    from gradphoto.apps.roster.models import Candidate
    from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot

    sessions = dict(CaptureSession.objects.values_list("campaign", "pk"))
    people = Candidate.objects.order_by("campaign", "season", "department", "student_no")
    groups = list(
        people.order_by("campaign", "season", "department").values_list("campaign", "season", "department").distinct()
    )
    slots = Slot.objects.bulk_create(
        Slot(session_id=sessions[campaign], department_id=unit, season=season, starts_at=_SHOT_AT,
             ends_at=_SHOT_AT + timedelta(hours=4))
        for campaign, season, unit in groups
    )  # fmt: skip
    slot_of = {group: slot.pk for group, slot in zip(groups, slots, strict=True)}
    rows = list(people.values_list("pk", "campaign", "season", "department"))
    insert_rows(Appointment, *_made(Appointment, (
        {"slot": slot_of[campaign, season, unit], "candidate": pk, "position": place}
        for place, (pk, campaign, season, unit) in enumerate(rows)
    )))  # fmt: skip


def tell() -> None:
    """Half of those who have not confirmed were told; one of a hundred had an answer to a dispute."""
    from django.db.models import F

    from gradphoto.apps.core.bulk_rows import insert_rows
    from gradphoto.apps.verification.models import VerificationCase
    from gradphoto.apps.verification.notices.models import Notice

    waiting = list(VerificationCase.objects.filter(status="open").order_by("pk").values_list("candidate", flat=True))
    insert_rows(Notice, *_made(Notice, (
        {"candidate": candidate, "channel": "phone", "state": "told", "at": _SHOT_AT, "facts": {}}
        for candidate in waiting[::2]
    )))  # fmt: skip
    VerificationCase.objects.annotate(rest=F("pk") % 100).filter(rest=0).update(answered_at=_SHOT_AT)


def register() -> None:
    """Of eight who confirmed one waits for each stage of the review, and four are in the ledger."""
    from gradphoto.apps.core.bulk_rows import insert_encrypted_rows, insert_rows, ready
    from gradphoto.apps.registration.models import LedgerEntry, Review
    from gradphoto.apps.verification.models import VerificationCase

    cases = VerificationCase.objects.filter(status="confirmed").order_by("candidate__campaign", "pk")
    rows = list(cases.values_list("pk", "candidate", "candidate__campaign", "candidate__name", "portrait"))
    stages = {
        1: "applied",
        2: "head_approved",
        3: "returned",
        4: "approved",
        5: "approved",
        6: "approved",
        7: "approved",
    }
    insert_rows(Review, *_made(Review, (
        {"case": pk, "status": stages[n % 8], "applied_at": _SHOT_AT} for n, (pk, *_) in enumerate(rows) if n % 8
    )))  # fmt: skip
    reviews = dict(Review.objects.filter(status="approved").values_list("case", "pk"))
    fields, last = _fields(LedgerEntry, "id_number"), dict[int, int]()
    stored = {name: ready(LedgerEntry, name) for name in ("facts", "at")}

    def lines() -> Iterator[tuple[Any, ...]]:
        for pk, candidate, campaign, name, portrait in rows:
            if pk in reviews:
                last[campaign] = last.get(campaign, 0) + 1
                yield tuple({
                    **fields, "campaign": campaign, "number": last[campaign], "candidate": candidate, "name": name,
                    "kind": "with_photo", "portrait": portrait, "review": reviews[pk], "id_number": "990101200403050000",
                    "facts": stored["facts"]({"student_no": "2022", "shooting_number": last[campaign]}),
                    "at": stored["at"](_SHOT_AT),
                }.values())  # fmt: skip

    insert_encrypted_rows(LedgerEntry, list(fields), lines(), encrypted="id_number")


def _fields(model: Any, *given: str) -> dict[str, Any]:
    """The columns of a model that a row must give, with the value that a new record would have."""
    from django.db.models import NOT_PROVIDED

    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key and field.get_internal_type() == "BigAutoField":
            continue
        default = field.default
        value = None if default is NOT_PROVIDED else default() if callable(default) else default
        if value is None and not field.null and field.empty_strings_allowed and not field.is_relation:
            value = ""
        found[field.name] = value
    return found


def _made(model: Any, rows: Iterator[dict[str, Any]]) -> tuple[list[str], Iterator[tuple[Any, ...]]]:
    from gradphoto.apps.core.bulk_rows import ready

    usual = _fields(model)
    as_stored = {name: ready(model, name) for name in usual}

    def stored(name: str, value: Any) -> Any:
        return value if value is None or isinstance(value, int | str) else as_stored[name](value)

    return list(usual), (tuple(stored(name, value) for name, value in {**usual, **row}.items()) for row in rows)


def _candidates(
    homes: list[tuple[Any, list[Any], Any]], each: int, fields: dict[str, Any]
) -> Iterator[tuple[Any, ...]]:
    from gradphoto.apps.core.encryption import blind_index

    number = 0
    for campaign, colleges, _ in homes:
        for n in range(each):
            number += 1
            college = colleges[n % len(colleges)]
            id_number = f"990101{_BORN:%Y%m%d}{number:07d}"
            yield tuple({
                **fields, "campaign": campaign.pk, "department": college.pk, "season": "spring" if n % 10 else "autumn",
                "class_name": f"班{n // len(colleges) % _CLASSES + 1}", "student_no": f"2022{n:07d}",
                "name": f"测试{n}", "sex": "male" if n % 2 else "female", "birth_date": _BORN, "id_number": id_number,
                "id_number_index": blind_index(id_number), "major": "计算机科学与技术", "level": "本科",
                "status": "accepted",
            }.values())  # fmt: skip
