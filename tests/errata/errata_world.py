"""Delivered graduates with errors to report, for the tests of errata."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.utils import timezone

from gradphoto.apps.capture.models import CheckIn, Frame, FrameStatus
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import Package, PackageItem, Portrait
from gradphoto.apps.errata import papers, steps
from gradphoto.apps.errata.drafting import Contact, Wrong, draft_case
from gradphoto.apps.errata.kinds import Channel, ErrataKind
from gradphoto.apps.errata.models import ErrataCase, ErrataForm
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from verification.graduate_world import SHOT_AT, jpeg
from world import World, add_candidate, put

CONTACT = Contact("王老师", "0731-12345678", "示范省示范市示范路1号示范大学教务处")
SCAN = b"%PDF-1.7 sealed"
TODAY = timezone.localdate


def draft(
    world: World,
    person: Candidate,
    kind: ErrataKind = ErrataKind.MISSING,
    *,
    actor: Actor | None = None,
    right: dict[str, str] | None = None,
    words: str = "核对时发现",
) -> ErrataCase:
    """A drafted case of one person, by the registrar unless said otherwise."""
    return draft_case(
        actor or world.actor(Role.REGISTRAR),
        world.campaign,
        kind=kind,
        people=[Wrong(person, right or {})],
        contact=CONTACT,
        description=words,
    )


def missing_case(world: World, n: int = 1) -> ErrataCase:
    """The n-th candidate's photograph is missing."""
    return draft(world, add_candidate(world, n))


def on_a_form(world: World, *cases: ErrataCase) -> ErrataForm:
    """The cases on one form."""
    return papers.compile_form(world.actor(Role.REGISTRAR), world.campaign, cases=list(cases))


def seal(world: World, form: ErrataForm) -> None:
    facts = papers.Seal("示范大学", "李主任", "教务处长", TODAY())
    papers.seal_form(world.actor(Role.REGISTRAR), form, seal=facts, data=SCAN, media_type="application/pdf")


def send(world: World, form: ErrataForm, days_ago: int = 0) -> None:
    day = TODAY() - timedelta(days=days_ago)
    papers.send_form(world.actor(Role.REGISTRAR), form, on=day, channel=Channel.FAX, to="图片社数据部")


def receive(world: World, form: ErrataForm, days_ago: int = 0) -> None:
    papers.receive_form(world.actor(Role.COLLECTION_CENTRE), form, on=TODAY() - timedelta(days=days_ago))


def at_the_agency(world: World, *cases: ErrataCase, days_ago: int = 0) -> ErrataForm:
    """The cases sealed, sent and received so many days ago."""
    form = on_a_form(world, *cases)
    if any(case.needs_seal for case in cases):
        seal(world, form)
    send(world, form, days_ago)
    receive(world, form, days_ago)
    for case in cases:
        case.refresh_from_db()
    return form


def hand_over(world: World, case: ErrataCase, *, by: Role = Role.REGISTRAR) -> None:
    """A case without a form goes to its corrector and is received."""
    actor = world.actor(by)
    steps.send_case(actor, case, on=TODAY(), channel=Channel.ONLINE, to="学籍科")
    steps.receive_case(world.actor(Role.REGISTRAR), case, on=TODAY())


def deliver_photograph(world: World, person: Candidate, n: int = 500) -> Portrait:
    """The person's photograph now comes from another frame, made and delivered to the school."""
    session, _ = CaptureSession.objects.get_or_create(
        campaign=world.campaign, date=SHOT_AT.date(), place="体育馆", defaults={"status": "closed"}
    )
    shot = person.check_ins.exclude(status="cancelled").first() or CheckIn.objects.create(
        session=session, campaign=world.campaign, candidate=person, shooting_number=n + person.pk, at=SHOT_AT,
        method="id_card_swipe", status="confirmed", nonce=uuid.uuid4(),
    )  # fmt: skip
    put(shot.frames.filter(status=FrameStatus.ACCEPTED), status=FrameStatus.REJECTED)
    blob = blobs.put_photograph(jpeg(n + person.pk))
    frame = Frame.objects.create(
        session=shot.session, blob=blob, check_in=shot, file_name=f"IMG_{n}.JPG", status=FrameStatus.ACCEPTED
    )
    portrait = Portrait.objects.create(
        candidate=person, check_in=shot, frame=frame, profile="mb2017_99", pipeline_version="test", blob=blob,
        width_px=48, height_px=64, provenance={},
    )  # fmt: skip
    package = Package.objects.create(
        campaign=world.campaign, organisation=world.school, season=person.season, status="delivered",
        number=Package.objects.count() + 1, delivered_at=timezone.now(),
    )  # fmt: skip
    PackageItem.objects.create(package=package, portrait=portrait, shooting_number=shot.shooting_number)
    return portrait
