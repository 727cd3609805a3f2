"""The first day (issue: a real school, from an empty machine): after ``gradphoto setup`` pages alone, once a notice."""

from __future__ import annotations

import re

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from browser.walk import cards_on
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.notices import notices
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.registration.models import EntryKind, LedgerEntry
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.demo.sitters import good_sitters, picture
from journey.page_walk import Person, work
from roster_engine.made_up_rosters import cells_of, person, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
DAILY = ("today",)
"""The notice walked here at every run, beside the two that are walked to the ledger (below, and in the browser); the others at night."""
SCHOOL, CODE, REGION = "湖滨理工学院", "10999", "430601"
PEOPLE = 10
SECRET = "huabin-3-lake-7"
PASSWORD = re.compile(r"[A-Za-z2-9]{5}(?:-[A-Za-z2-9]{5}){3}")


class FirstDay:
    """The school as it grows: who has signed in, by user name."""

    def __init__(self, password: str) -> None:
        self.admin = Person("admin", password)
        self.admin.press("保存", present=password, new=SECRET, again=SECRET)
        self.people: dict[str, Person] = {}

    def add_unit(self, name: str, kind: str, code: str = "") -> None:
        self.admin.open("/people/organisations/")
        self.admin.press("添加", parent=SCHOOL, kind=kind, name=name, code=code)

    def add_person(self, username: str, name: str, unit: str, role: str) -> None:
        self.admin.open("/people/")
        place = Organisation.objects.get(name=unit)
        self.admin.press("添加", display_name=name, username=username, organisation=place.pk, role=role)

    def invite_everybody(self) -> None:
        """One sheet of slips for all; each person opens the own link, sets a password and signs in."""
        slips = self.admin.open("/people/").press("未登录过的人：邀请单").body
        for sheet in pypdfium2.PdfDocument(slips):
            for code in zxingcpp.read_barcodes(sheet.render(scale=3).to_pil()):
                guest = Person().open(f"/{code.text.split('/', 3)[3]}")
                username = guest.forms[-1].controls["username"].values[0]
                guest.press("设置并去登录", new=SECRET, again=SECRET)
                self.people[username] = Person(username, SECRET)

    def __getitem__(self, username: str) -> Person:
        return self.people[username]


@pytest.fixture
def day(monkeypatch):
    """The machine after the one command; its output is all that the administrator has."""
    from gradphoto.cli import main, server

    monkeypatch.setattr(server, "prepare", lambda: None)
    cache.clear()  # sign-ins of other tests from this address
    told = CliRunner().invoke(main, ["setup", "--name", SCHOOL, "--code", CODE])
    assert told.exit_code == 0, told.output
    found = PASSWORD.search(told.output)
    assert found is not None
    return FirstDay(found[0])


def settle(day: FirstDay) -> None:
    """School, departments, people: the guide leads through them and keeps what is done."""
    desk = day.admin.open("/").text
    assert "第一天" in desk
    assert "还缺：采集中心" in desk
    day.add_unit("新华社本省采集中心", "采集中心")
    day.add_unit("计算机学院", "院系", "01")
    assert "2/8" in day.admin.open("/").text
    for username, name, unit, role in (
        ("registrar", "王老师", SCHOOL, "教务处"),
        ("office", "党政办", SCHOOL, "学院党政办公室"),
        ("checker", "检验员", SCHOOL, "现场检验员"),
        ("national", "国家中心答复", SCHOOL, "国家中心审核员"),
        ("officer", "计算机学院老师", "计算机学院", "学院负责人"),
        ("counsellor", "辅导员", "计算机学院", "毕业班辅导员"),
        ("leader", "院领导", "计算机学院", "主管学生工作的院领导"),
        ("photographer", "摄影师", "新华社本省采集中心", "摄影师"),
        ("centre", "采集中心", "新华社本省采集中心", "采集中心"),
    ):
        day.add_person(username, name, unit, role)
    day.invite_everybody()
    assert "3/8" in day.admin.open("/").text
    assert "由 王老师（教务处） 办理" in day.admin.text
    assert "先要有“采集批次”，由王老师（教务处）办理" in day["photographer"].open("/").text


def begin(day: FirstDay, code: str) -> Campaign:
    """The campaign from its notice, whatever the notice leaves out, and the class."""
    registrar, year = day["registrar"], timezone.localdate().year + 1
    registrar.open("/").follow("去办理采集批次")
    registrar.press("预览", year=year, basis=f"notice:{code}")
    assert "全部日期" in registrar.text
    shooting = timezone.localdate().isoformat()
    registrar.press("建立批次", date_shooting=shooting)
    campaign = Campaign.objects.get()
    while "还缺必须填写的规则" in registrar.open(f"/campaigns/{campaign.pk}/rules/").text:
        if (title := "每人采集费") in registrar.text.split("还缺必须填写的规则")[1].split("</div>")[0]:
            registrar.follow(title).press("查看影响", value="20", source="省发改价格〔2025〕1号", issuer="province")
        else:
            registrar.follow("收费方式").press("查看影响", value=["on_the_day"], source="学校通知")
        registrar.press("保存")
    if not campaign.cohort_rules.exists():
        registrar.open("/").follow("去办理采集对象").press("添加", intake_year=year - 4, source="学校通知")
    return campaign


def roster(day: FirstDay, campaign: Campaign) -> None:
    """Ten people from a workbook to the approved list: import, college, student, counsellor, leader, registry."""
    registrar = day["registrar"]
    entry = f"{campaign.cohort_year - 4}0901"
    rows = [person(n, entry_date=entry, id_number=_number(n)) for n in range(1, PEOPLE + 1)]
    registrar.open("/").follow("去办理名册")
    registrar.press("确认", school=SCHOOL, teacher="王老师")
    data = workbook({"名册": cells_of(rows)})
    registrar.press("上传", file=SimpleUploadedFile("名册.xlsx", data))
    registrar.press("检查")
    assert work() == 1
    registrar.open(registrar.address)
    registrar.press("加入名册", all="1")
    work()
    assert Candidate.objects.filter(campaign=campaign).count() == PEOPLE
    for username, step in (
        ("officer", "核对无误"),
        ("officer", "学生已在纸上签字"),
        ("counsellor", "辅导员签字"),
        ("leader", "主管院领导签字"),
        ("registrar", "核准"),
    ):
        day[username].open("/roster/").press("办理", step=step, all="on")
    assert set(campaign.candidates.values_list("status", flat=True)) == {CandidateStatus.ACCEPTED}


def timetable(day: FirstDay, campaign: Campaign) -> None:
    """The places of the notice, or one of our own, today; the guide is done and goes."""
    registrar, today = day["registrar"], timezone.localdate().isoformat()
    registrar.open("/").follow("去办理采集地点和时间")
    registrar.press("编排", first_day=today, last_day=today, places="至善楼104", every_day="on")
    assert work() == 1
    registrar.open(registrar.address)
    assert campaign.sessions.get().date == timezone.localdate()
    assert "第一天" not in registrar.open("/").text
    registrar.open(f"/campaigns/{campaign.pk}/").follow("进入采集阶段").press("确认：进入采集阶段")


def shoot(day: FirstDay) -> None:
    """Every person looked up by hand, photographed, confirmed by the checker; the session ends on its own page."""
    photographer = day["photographer"]
    photographer.open("/capture/").follow("至善楼104").press("开始场次")
    photographer.press("确认：开始场次", no_clock_reason="没有联机相机，照片由网页上传")
    room = photographer.address
    for place, candidate in enumerate(Candidate.objects.order_by("student_no")):
        photographer.open(f"{room}?q={candidate.student_no}").press(candidate.student_no)
        jpeg = SimpleUploadedFile(f"IMG_{place:04d}.JPG", picture(good_sitters()[place]))
        photographer.press("上传", frame=jpeg)
        photographer.press("采用")
    checker = day["checker"].open(room).follow("现场确认")
    checker.press("确认勾选者", check_in=list(checker.choices("check_in")))
    photographer.open(room).press("结束场次")
    assert "没有。" in photographer.text, "nothing is left open, and the page says so"
    photographer.press("确认：结束场次")


def deliver(day: FirstDay) -> dict[str, str]:
    """Portraits, package, cards, check: by student number the code on each printed card."""
    centre, registrar = day["centre"], day["registrar"]
    centre.open("/delivery/portraits/").press("制作照片")
    work()
    centre.open("/delivery/").press("制作交付包")
    work()
    centre.open(centre.address).press("交付")
    package = Package.objects.get()
    cards: dict[str, str] = {}
    registrar.open(f"/delivery/{package.pk}/").follow("图像信息卡")
    page = registrar.address
    while registrar.open(page).offers("打印 PDF"):
        cards |= cards_on(registrar.press("打印 PDF").body)
    registrar.open(f"/delivery/{package.pk}/").press("已核对")
    return cards


def verify(day: FirstDay, campaign: Campaign, cards: dict[str, str]) -> None:
    """The campaign goes on, its graduates are let in before the forty days for a reason, and each of them confirms."""
    registrar = day["registrar"]
    registrar.open(f"/campaigns/{campaign.pk}/").follow("进入校对阶段").press("确认：进入校对阶段")
    registrar.open("/verification/").press("开放校对", early_reason="教务处批准提前")
    for candidate in campaign.candidates.all():
        phone = Person().open("/verify/sign-in/")
        phone.press(
            "登录", school_code=CODE, student_no=candidate.student_no, name=candidate.name,
            code=cards[candidate.student_no],
        )  # fmt: skip
        phone.press("信息无误", own="yes")
        assert "所有信息均确认无误" in phone.text


def register(day: FirstDay) -> None:
    """College, head office, national centre: three people, three steps."""
    for username in ("officer", "office", "national"):
        day[username].open("/registration/reviews/").press("人全部：")
        work()


def _number(n: int) -> str:
    from roster_engine.made_up_rosters import number

    return number("20040305", n * 2 + n % 2, REGION)


@pytest.mark.parametrize(
    "code", [code if code in DAILY else pytest.param(code, marks=pytest.mark.nightly) for code in notices()], ids=str
)
def test_every_notice_leads_from_setup_to_an_approved_roster_through_pages_alone(day, code):
    settle(day)
    campaign = begin(day, code)
    roster(day, campaign)


def test_a_school_that_is_not_the_demo_goes_from_setup_to_ten_registered_graduates_by_pages(day):
    settle(day)
    campaign = begin(day, "hunan_2014")
    roster(day, campaign)
    timetable(day, campaign)
    shoot(day)
    verify(day, campaign, deliver(day))
    register(day)
    assert LedgerEntry.objects.filter(kind=EntryKind.WITH_PHOTO).count() == PEOPLE
    assert f"{PEOPLE}" in day["registrar"].open("/registration/ledger/").text
