"""A school that is not the demo, from ``gradphoto setup`` to ten registered graduates, clicked in a real browser (Liaoning 2014).

Eight desks at 1280 px and ten graduates at 390 px; nothing but pages after the one command. The frames come by the page
that takes them, as in a room without a tethered camera. The other notices are walked in process (tests/journey).
"""

from __future__ import annotations

import pytest
from django.utils import timezone
from walk import Graduate, press, said, work
from walk_desks import print_the_cards
from walk_first_day import SCHOOL, after_setup, hand_in, invited, upload_roster

from chromium import opened_chromium
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.orgs.models import User
from gradphoto.apps.registration.models import EntryKind, LedgerEntry
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.demo import sitters

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.django_db(transaction=True)]
PEOPLE = 10
PLACE = "至善楼104"
CENTRE, COLLEGE = "新华社辽宁采集中心", "计算机学院"
UNITS = [["单位名称", "代码", "类别"], [CENTRE, "", "采集中心"], [COLLEGE, "01", "院系"]]
CREW = [
    ["姓名", "工号", "单位", "角色"],
    ["王老师", "registrar", SCHOOL, "教务处"],
    ["党政办", "office", SCHOOL, "学院党政办公室"],
    ["检验员", "checker", SCHOOL, "现场检验员"],
    ["国家中心答复", "national", SCHOOL, "国家中心审核员"],
    ["学院老师", "officer", COLLEGE, "学院负责人"],
    ["辅导员", "counsellor", COLLEGE, "毕业班辅导员"],
    ["院领导", "leader", COLLEGE, "主管学生工作的院领导"],
    ["摄影师", "photographer", CENTRE, "摄影师"],
    ["采集中心", "centre", CENTRE, "采集中心"],
]


def test_ten_graduates_are_registered_by_clicks_alone(live_server, monkeypatch):
    with opened_chromium() as browser:
        site = live_server.url
        admin = after_setup(browser, site, monkeypatch)
        hand_in(admin, "/people/import/units/", UNITS, "单位.xlsx")
        press(admin, "接收无误的行")
        hand_in(admin, "/people/import/people/", CREW, "人员.xlsx")
        press(admin, "接收无误的行")
        desks = invited(browser, site, admin, *(row[1] for row in CREW[1:]))
        assert len(desks) == User.objects.exclude(username="admin").count()
        campaign = _begin(desks["registrar"])
        _approve_the_roster(desks, campaign)
        _plan(desks["registrar"], campaign)
        _shoot(desks["photographer"], desks["checker"])
        cards = _deliver(desks["centre"], desks["registrar"])
        _open_verification(desks["registrar"], campaign)
        phones = [_verify(browser, site, one, cards[one.student_no]) for one in campaign.candidates.all()]
        for username in ("officer", "office", "national"):
            desks[username].goto("/registration/reviews/")
            press(desks[username], "人全部：")
            work(desks[username])
        entries = LedgerEntry.objects.filter(kind=EntryKind.WITH_PHOTO)
        assert set(entries.values_list("candidate", flat=True)) == {one.pk for one in campaign.candidates.all()}
        assert entries.count() == PEOPLE
        _registered(desks["registrar"], phones[0])
        assert [page.problems for page in (admin, *desks.values())] == [[]] * (len(desks) + 1)
        assert [graduate.phone.problems for graduate in phones] == [[]] * PEOPLE


def _begin(page):
    page.goto("/")
    page.locator("#guide a").filter(has_text="采集批次").click()
    page.fill("input[name=year]", str(timezone.localdate().year + 1))
    page.check("input[value='notice:liaoning_2014']")
    press(page, "下一步：预览")
    page.fill("#id_date_shooting", timezone.localdate().isoformat())
    press(page, "建立批次")
    campaign = Campaign.objects.get()
    page.goto(f"/campaigns/{campaign.pk}/rules/")
    assert "20 元" in said(page)
    assert "还缺必须填写的规则" not in said(page), "the notice says all that must be said"
    if not campaign.cohort_rules.exists():
        page.goto("/")
        page.locator("#guide a").filter(has_text="采集对象").first.click()
        page.fill("input[name=intake_year]", str(campaign.cohort_year - 4))
        page.locator("form:has(input[name=intake_year]) input[name=source]").fill("学校通知")
        press(page, "添加", within="form:has(input[name=intake_year])")
    return campaign


def _approve_the_roster(desks, campaign):
    """Import, college, the students' hands, counsellor, leader, registry: five people, one after the other."""
    page = desks["registrar"]
    upload_roster(page, PEOPLE, f"{campaign.cohort_year - 4}0901")
    work(page)
    press(page, "加入名册")
    work(page)
    assert campaign.candidates.count() == PEOPLE
    for username, step in (
        ("officer", "核对无误"),
        ("officer", "学生已在纸上签字"),
        ("counsellor", "辅导员签字"),
        ("leader", "主管院领导签字"),
        ("registrar", "核准"),
    ):
        page = desks[username]
        page.goto("/roster/")
        page.select_option("#bulk select[name=step]", label=step)
        page.check("#bulk input[name=all]")
        press(page, "办理", within="#bulk")
    assert set(campaign.candidates.values_list("status", flat=True)) == {CandidateStatus.ACCEPTED}


def _plan(page, campaign):
    today = timezone.localdate().isoformat()
    page.goto("/")
    page.locator("#guide a").filter(has_text="采集地点和时间").click()
    for name, text in (("places", PLACE), ("first_day", today), ("last_day", today)):
        page.fill(f"#maketimetable-{name}", text)
    page.check("#maketimetable-every_day")
    press(page, "编排")
    work(page)
    assert campaign.sessions.get().date == timezone.localdate()
    page.goto("/")
    assert "第一天：从空系统到批次开始" not in said(page), "all is done, and the list is gone"
    page.goto(f"/campaigns/{campaign.pk}/")
    press(page, "进入采集阶段")
    press(page, "确认：进入采集阶段")


def _shoot(page, checker):
    """Each person is looked up by the keyboard, photographed, accepted; the checker confirms; the room is closed."""
    page.goto("/capture/")
    press(page, PLACE)
    press(page, "开始场次")
    page.fill("input[name=no_clock_reason]", "没有联机相机，照片由网页上传")
    press(page, "确认：开始场次")
    room = page.url
    for place, candidate in enumerate(Candidate.objects.order_by("student_no")):
        page.keyboard.press("f")
        page.wait_for_selector("#find[open]")
        page.fill("#find input[name=q]", candidate.student_no)
        page.locator("#found [data-result]").filter(has_text=candidate.student_no).click()
        page.locator(".room-name", has_text=candidate.name).wait_for()
        page.keyboard.press("p")
        frame = sitters.picture(sitters.good_sitters()[place])
        page.set_input_files(
            "#upload input[type=file]", {"name": f"IMG_{place:04d}.JPG", "mimeType": "image/jpeg", "buffer": frame}
        )
        page.locator("#upload button", has_text="上传").click()
        page.locator("[data-key=a]").click()
        page.locator("[data-key=a]").wait_for(state="detached")
    assert CheckIn.objects.filter(status=CheckInStatus.SHOT).count() == PEOPLE
    checker.goto(room)
    press(checker, "现场确认")
    for box in checker.locator("input[name=check_in]").all():
        box.check()
    press(checker, "确认勾选者")
    page.goto(room)
    press(page, "结束场次")
    assert "没有。" in said(page), "nothing is left open, and the page says so"
    press(page, "确认：结束场次")
    assert CheckIn.objects.filter(status=CheckInStatus.CONFIRMED).count() == PEOPLE


def _deliver(page, registrar):
    """Portraits, package, handed over; the registry prints the cards and checks: the codes are read off the paper."""
    page.goto("/delivery/portraits/")
    press(page, "制作照片")
    work(page)
    page.goto("/delivery/")
    press(page, "制作交付包")
    work(page)
    press(page, "交付", within="main form")
    package = Package.objects.get()
    cards = print_the_cards(registrar, package)
    registrar.goto(f"/delivery/{package.pk}/")
    press(registrar, "已核对", within="main form")
    assert len(cards) == PEOPLE
    return cards


def _open_verification(page, campaign):
    page.goto(f"/campaigns/{campaign.pk}/")
    press(page, "进入校对阶段")
    press(page, "确认：进入校对阶段")
    page.goto("/verification/")
    page.fill("input[name=early_reason]", "教务处批准提前")
    press(page, "开放校对", within="main form.action-form")


def _verify(browser, site, person, code):
    graduate = Graduate(browser, site, person, code)
    phone = graduate.enter("compare")
    assert phone.evaluate("document.querySelector('.photo').naturalWidth") == 480
    graduate.confirm()
    assert "所有信息均确认无误" in said(phone)
    return graduate


def _registered(page, graduate):
    """The ledger shows ten rows with their photographs; the graduate's own page says that it is done."""
    page.goto("/registration/ledger/")
    assert page.locator("tbody tr").count() == page.locator("tbody img").count() == PEOPLE
    assert "学历电子注册已完成" in said(graduate.enter("status"))
