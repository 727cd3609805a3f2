"""The registrar's first day in a real browser: from the password that ``gradphoto setup`` printed to the roster taken in.

What is done here by clicks is told with pictures in docs/first-day.zh-CN.md; the way on to ten registered graduates is clicked
in test_browser_ten_registered.py, and every other notice is walked without a browser (tests/journey/test_journey_first_day.py).
"""

import pytest
from walk import picture, press, said, work
from walk_first_day import after_setup, hand_in, invited, upload_roster

from chromium import opened_chromium
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
UNITS = [
    ["单位名称", "代码", "类别"],
    ["新华社本省采集中心", "", "采集中心"],
    *([name, f"{n:02d}", "院系"] for n, name in enumerate(("政法学院", "计算机学院", "外语学院"), start=1)),
]
PEOPLE = [
    ["姓名", "工号", "单位", "角色", "电话", "办公室"],
    ["王老师", "t1001", "湖滨理工学院", "教务处", "0731-1000001", "行政楼208"],
    ["陈老师", "t1002", "湖滨理工学院", "学院党政办公室", "0731-1000002", "行政楼301"],
    ["周老师", "t1003", "湖滨理工学院", "现场检验员", "", ""],
    *([f"{name}负责人", f"t200{n}", name, "学院负责人", f"0731-200000{n}", ""]
      for n, name in enumerate(("政法学院", "计算机学院", "外语学院"))),
    ["摄影师", "p1", "新华社本省采集中心", "摄影师", "", ""],
]  # fmt: skip


@pytest.fixture
def desk(live_server, monkeypatch):
    """The administrator's screen on the machine as the one command left it."""
    with opened_chromium() as browser:
        yield browser, live_server.url, after_setup(browser, live_server.url, monkeypatch)


def test_the_first_day_of_a_registrar(desk):
    browser, site, page = desk
    page.goto("/")
    assert "第一天：从空系统到批次开始" in said(page)
    picture(page, "first-day-guide")
    hand_in(page, "/people/import/units/", UNITS, "单位.xlsx")
    assert "新增 4" in said(page)
    press(page, "接收无误的行")
    assert Organisation.objects.count() == 5
    hand_in(page, "/people/import/people/", PEOPLE, "人员.xlsx")
    assert "新增 7，更新 0，已有 0，有误 0" in said(page)
    picture(page, "first-day-people")
    press(page, "接收无误的行")
    registrar = invited(browser, site, page, "t1001")["t1001"]
    campaign = _campaign(registrar)
    _roster(registrar, campaign)
    registrar.goto("/")
    assert "第一天：从空系统到批次开始" not in said(registrar), "all is done, and the list is gone"
    assert page.problems == []
    assert registrar.problems == []


def _campaign(page):
    page.goto("/")
    page.locator("#guide a").filter(has_text="采集批次").click()
    page.fill("input[name=year]", "2027")
    page.check("input[value='notice:hunan_2014']")
    press(page, "下一步：预览")
    page.fill("#id_date_shooting", "2027-01-11")
    press(page, "按新日期重新计算")
    assert "2026-12-25" in said(page), "the database is due ten working days before"
    picture(page, "first-day-preview")
    press(page, "建立批次")
    campaign = Campaign.objects.get()
    page.goto(f"/campaigns/{campaign.pk}/rules/")
    assert "15 元" in said(page)
    picture(page, "first-day-rules")
    page.goto(f"/campaigns/{campaign.pk}/rule/?key=fee.per_person_fen")
    page.fill("#r-value", "20")
    page.fill("#r-source", "本校通知")
    press(page, "查看影响")
    assert "可以保存，但不会执行" in said(page), "the ministry's fifteen yuan go first"
    page.goto("/")
    page.locator("#guide a").filter(has_text="采集地点和时间").click()
    assert page.input_value("#maketimetable-places") == "南校区6号楼一楼学术报告厅*2"
    assert page.input_value("#maketimetable-first_day") == "2027-01-11"
    press(page, "编排")
    assert campaign.rooms.get().periods.exists()
    return campaign


def _roster(page, campaign):
    upload_roster(page, 30, "20230901")
    work(page)
    picture(page, "first-day-roster")
    press(page, "加入名册")
    work(page)
    assert Candidate.objects.filter(campaign=campaign).count() == 30
