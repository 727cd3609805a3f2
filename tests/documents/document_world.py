"""A school with two, one or no college at work, with something of every kind that a document can be made of."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from errata.errata_world import draft, on_a_form
from fees.fee_world import all_the_way_up, charged, pay
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.fees.bank import import_statement
from gradphoto.apps.fees.models import Collection
from gradphoto.apps.fees.receipts import receipt_for_collection, receipt_for_hand_in
from gradphoto.apps.makeup import closings, selfmade
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cases
from gradphoto.apps.roster.channel import confirm_channel
from gradphoto.apps.roster.models import BulkOutcome, BulkStep, Candidate, RosterImport
from gradphoto.apps.schedule import stations
from gradphoto.apps.schedule.booking_actions import agree_booking, report_headcount
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.actions import open_cases
from queued_jobs import run_queued
from schedule.schedule_world import DAY, build_school, planned_school
from verification.graduate_world import add_graduate, set_verifying
from world import World, add_candidate

BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(world: World, role: str) -> Client:
    browser = Client(raise_request_exception=False)
    browser.force_login(world.people[role], BACKEND)
    return browser


def world_of(colleges: int) -> World:
    """With none only the campaign and its tree; with one everybody is of the computing college; with two as usual."""
    if not colleges:
        made = build_school(people=0)
        confirm_channel(made.actor(Role.REGISTRAR), made.campaign, school=made.school.name, teacher="registrar")
        return made
    made = planned_school("104", people=2)
    if colleges == 1:
        Candidate.objects.update(department=made.department)
    confirm_channel(made.actor(Role.REGISTRAR), made.campaign, school=made.school.name, teacher="registrar")
    _roster(made)
    _stations(made)
    _money(made)
    _self_organised(made)
    _graduates(made, colleges)
    return made


def _roster(world: World) -> None:
    """An error noted, a file read in with a person too many, the admissions data compared, a bulk step."""
    people = list(Candidate.objects.order_by("student_no"))
    cases.note_error(world.actor(Role.COLLEGE_OFFICER), people[0], field="name", value="测试新", note="录取时写错")
    browser = signed_in(world, Role.REGISTRAR)
    answer = browser.post(
        "/roster/imports/", {"form": "upload_roster", "row": world.campaign.pk, "file": _file("名册.csv", people)}
    )
    columns = browser.get(answer.url).context["form"].columns()
    browser.post(answer.url, {field.html_name: field.value() for _, field in columns})
    browser.post(
        "/roster/papers/admissions/", {"campaign": world.campaign.pk, "file": _file("录取.csv", people, "哲学")}
    )
    run_queued()
    assert RosterImport.objects.get().findings.exists()
    for role in (Role.REGISTRAR, Role.COLLEGE_OFFICER):
        bulk = BulkStep.objects.create(
            campaign=world.campaign, user=world.people[role], action="roster.check_candidate"
        )
        BulkOutcome.objects.create(bulk=bulk, candidate=people[0], state="done")


def _file(name: str, people: list[Candidate], other_name: str = "") -> SimpleUploadedFile:
    """The roster as a school writes it; the last row's ID number is wrong by its check digit."""
    lines = ["学号,姓名,性别,出生日期,身份证号,院系,专业名称,培养层次,毕业季,班级"]
    for person in people:
        number = person.id_number.decrypt()
        lines.append(
            f"{person.student_no},{other_name or person.name},{person.get_sex_display()},{person.birth_date:%Y%m%d},{number},"
            f"{person.department.name},{person.major},本科,春季,{person.class_name}"
        )
    lines.append("2022999999,测试末,女,20040305,990101200403050010,计算机学院,哲学,本科,春季,甲班")
    return SimpleUploadedFile(name, "\r\n".join(lines).encode("utf-8-sig"))


def _stations(world: World) -> None:
    """A teaching point has reported, the school has reported its heads, the centre has agreed."""
    registrar = world.actor(Role.REGISTRAR)
    line = {
        "contact": "李老师", "telephone": "0730-0000001", "city": "江城市", "address": "江城路1号",
        "spring_count": 3, "autumn_count": 2, "first_day": DAY, "last_day": DAY,
    }  # fmt: skip
    stations.report_point(registrar, world.campaign, point=world.learning_centre, **line)
    booking = report_headcount(
        registrar, world.campaign, spring_count=30, autumn_count=10, first_day=DAY, last_day=DAY, place="至善楼"
    )
    agree_booking(world.actor(Role.COLLECTION_CENTRE), booking, first_day=DAY, last_day=DAY)


def _money(world: World) -> None:
    """A class has paid, the money went up, receipts were given; a bank's statement was read."""
    people = list(Candidate.objects.filter(department=world.department, season="spring").order_by("student_no"))
    charged(world, people)
    pay(world, people)
    lists = all_the_way_up(world)
    receipt_for_hand_in(world.actor(Role.COLLECTION_CENTRE), lists[-1])
    receipt_for_collection(world.actor(Role.COUNSELLOR), Collection.objects.get())
    rows = "流水号,日期,金额,付款人,附言\r\nS1,2026-01-05,20.00,某家长,2022000001\r\n"
    import_statement(
        world.actor(Role.REGISTRAR), Campaign.objects.get(pk=world.campaign.pk), organisation=world.school,
        file_name="明细.csv", data=rows.encode("utf-8-sig"), media_type="text/csv",
    )  # fmt: skip
    run_queued()


def _self_organised(world: World) -> None:
    officer = world.actor(Role.LEARNING_CENTRE)
    made = selfmade.open_collection(officer, world.campaign, organisation=world.learning_centre, title="十月")
    selfmade.confirm_contact(officer, made, on=timezone.localdate(), whom="图片社王老师")


def _graduates(world: World, colleges: int) -> None:
    """Delivered, disputed and open for verification; their session is counted, one of them registered."""
    graduates = [add_graduate(world, 101, department=world.department)]
    if colleges > 1:
        graduates.append(add_graduate(world, 102, department=world.other_department))
    Package.objects.update(
        delivered_at=timezone.now(), check_due=timezone.localdate() + timedelta(days=20), photo_count=len(graduates)
    )
    closings.propose_closing(world.actor(Role.PHOTOGRAPHER), CaptureSession.objects.get(place="体育馆"))
    missing = [add_candidate(world, 111, department=world.department)]
    if colleges > 1:
        missing.append(add_candidate(world, 112, department=world.other_department))
    on_a_form(world, *(draft(world, person, ErrataKind.MISSING) for person in missing))
    set_verifying(world)
    open_cases(world.actor(Role.REGISTRAR), world.campaign)
