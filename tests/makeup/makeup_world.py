"""What the tests of the make-up desk stand on: a closed session with missed people, published days, cases at any step."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.delivery.models import Package, PackageItem, Portrait
from gradphoto.apps.makeup import booking, cases, forms_out
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.permissions import student
from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot
from gradphoto.engine.standards.make_up import PublishedDays
from gradphoto.engine.wording import Wording
from world import add_candidate, build_world, put

BACKEND = "django.contrib.auth.backends.ModelBackend"


def make_up_world():
    world = build_world()
    Rule.objects.filter(key=IDENTIFICATION.name).update(
        value=["id_card_swipe", "manual", "makeup_qr", "mailed", "self_organised"]
    )
    return world


def session_with(world, count, *, status="closed", day=None, place="104"):
    """A session with ``count`` people on its list, none of them photographed."""
    day = day or timezone.localdate()
    session = CaptureSession.objects.create(campaign=world.campaign, date=day, place=place, status=status)
    start = timezone.make_aware(datetime.combine(day, time(9)))
    slot = Slot.objects.create(
        session=session, department=world.department, class_name="计科2201", season="spring",
        starts_at=start, ends_at=start + timedelta(hours=1),
    )  # fmt: skip
    people = [add_candidate(world, n) for n in range(1, count + 1)]
    for position, person in enumerate(people, start=1):
        Appointment.objects.create(slot=slot, candidate=person, position=position)
    return session, people


def recipient(world):
    return cases.set_recipient(
        world.actor(Role.REGISTRAR), world.campaign, unit=world.school, name="王秘书", phone="0730-0000000",
        address="示范市学院路1号示范大学教务处", postcode="414006",
    )  # fmt: skip


def published(world, capacity=2, days_ahead=3):
    """One published day of one half-hour at the centre."""
    day = timezone.localdate() + timedelta(days=days_ahead)
    own = PublishedDays(
        "own", Wording("测试补拍日", "Test day"), "测试通知", "示范路1号", ((time(9), time(10)),), dates=(day,)
    )
    made, _ = booking.publish_days(
        world.actor(Role.COLLECTION_CENTRE), world.centre, published=own, first=day, last=day, capacity=capacity
    )
    return made


def approved(world, person, way="centre", reason_kind="internship", **more):
    registrar = world.actor(Role.REGISTRAR)
    asks = world.actor(Role.LEARNING_CENTRE if person.department == world.learning_centre else Role.COUNSELLOR)
    case = cases.apply_for(asks, person, reason_kind=reason_kind, reason="外省实习", way=way, **more)
    cases.approve_case(registrar, case)
    return case


def filled(world, person, **more):
    case = approved(world, person, **more)
    forms_out.issue_form(world.actor(Role.COLLEGE_OFFICER), case)
    forms_out.fill_form(student(person.pk), case, consent=True, phone="13900000000", right_recipient=True)
    return case


def attended(world, person):
    case = filled(world, person)
    slot = published(world).slots.first()
    booking.book(student(person.pk), case, slot=slot)
    come_to_the_day(case)
    forms_out.attend(world.actor(Role.SITE_STAFF), case, student_card=True, id_card=True)
    return MakeUpCase.objects.get(pk=case.pk)


def come_to_the_day(case):
    """The day of the appointment has come: attendance is marked on that day only (R144)."""
    case.bookings.filter(released_at=None).update(at=timezone.now())


def went_out(case):
    """The case's photograph is in a package that was handed over."""
    frame = case.check_in.frames.first() or Frame.objects.create(
        session=case.check_in.session, check_in=case.check_in, status="accepted", file_name="1.jpg",
        blob=blobs.put_photograph(b"\xff\xd8\xff 1"),
    )  # fmt: skip
    portrait = Portrait.objects.create(
        candidate=case.candidate, check_in=case.check_in, frame=frame, profile="mb2017_99", pipeline_version="1",
        blob=frame.blob, width_px=480, height_px=640, provenance={},
    )  # fmt: skip
    package = Package.objects.create(
        campaign=case.candidate.campaign, organisation=case.candidate.campaign.school, season="spring", number=1,
    )  # fmt: skip
    put(Package.objects.filter(pk=package.pk), status="delivered", delivered_at=timezone.now())
    PackageItem.objects.create(package=package, portrait=portrait, shooting_number=case.check_in.shooting_number)
    return package


def client(world, role, strange=False):
    found = Client()
    found.force_login((world.strangers if strange else world.people)[role], BACKEND)
    return found


def today() -> date:
    return timezone.localdate()


def refused(code, call, *args, **kwargs):
    """The refusal of this code that the call must end in."""
    with pytest.raises(Refusal) as told:
        call(*args, **kwargs)
    assert told.value.code == code
    return told.value
