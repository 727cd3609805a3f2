"""The registrar's first day in a real browser: from the password that ``gradphoto setup`` printed to the roster taken in.

What is done here by clicks is told with pictures in docs/first-day.zh-CN.md; every other notice and the way to ten
registered graduates are walked without a browser (tests/journey/test_journey_first_day.py).
"""

import re

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner
from django.core.cache import cache
from walk import chromium, download, picture, press, said, watched, work

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import Candidate
from roster_engine.made_up_rosters import cells_of, number, person, workbook

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PASSWORD = re.compile(r"[A-Za-z2-9]{5}(?:-[A-Za-z2-9]{5}){3}")
SECRET = "huabin-3-lake-7"
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
    from gradphoto.cli import main, server

    monkeypatch.setattr(server, "prepare", lambda: None)
    cache.clear()
    told = CliRunner().invoke(main, ["setup", "--name", "湖滨理工学院", "--code", "10999"])
    with chromium() as browser:
        page = _screen(browser, live_server.url)
        _sign_in(page, "admin", PASSWORD.search(told.output)[0])
        for name, text in (("present", PASSWORD.search(told.output)[0]), ("new", SECRET), ("again", SECRET)):
            page.fill(f"input[name={name}]", text)
        press(page, "保存")
        yield browser, live_server.url, page


def _screen(browser, site):
    size = {"width": 1280, "height": 900}
    return watched(browser.new_page(viewport=size, base_url=site, locale="zh-CN"))


def _sign_in(page, username, password):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    press(page, "登录")


def _hand_in(page, address, cells, name):
    page.goto(address)
    page.set_input_files("input[type=file]", {"name": name, "mimeType": XLSX, "buffer": workbook({"表": cells})})


def _invited(browser, site, page, username):
    """One sheet of slips for all; the person whose name it bears sets the password."""
    page.goto("/people/")
    slips = pypdfium2.PdfDocument(download(page, "未登录过的人：邀请单"))
    links = [code.text for sheet in slips for code in zxingcpp.read_barcodes(sheet.render(scale=3).to_pil())]
    assert len(links) == User.objects.exclude(username="admin").count()
    own = _screen(browser, site)
    for link in links:
        own.goto(re.sub(r"^https?://[^/]+", "", link))
        if own.locator("input[name=username]").get_attribute("value") == username:
            break
    picture(own, "first-day-invitation")
    own.fill("input[name=new]", SECRET)
    own.fill("input[name=again]", SECRET)
    press(own, "设置并去登录")
    _sign_in(own, username, SECRET)
    return own


def test_the_first_day_of_a_registrar(desk):
    browser, site, page = desk
    page.goto("/")
    assert "第一天：从空系统到批次开始" in said(page)
    picture(page, "first-day-guide")
    _hand_in(page, "/people/import/units/", UNITS, "单位.xlsx")
    press(page, "上传并检查")
    assert "新增 4" in said(page)
    press(page, "接收无误的行")
    assert Organisation.objects.count() == 5
    _hand_in(page, "/people/import/people/", PEOPLE, "人员.xlsx")
    press(page, "上传并检查")
    assert "新增 7，更新 0，已有 0，有误 0" in said(page)
    picture(page, "first-day-people")
    press(page, "接收无误的行")
    registrar = _invited(browser, site, page, "t1001")
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
    rows = [
        person(n, entry_date="20230901", id_number=number("20040305", n * 2 + n % 2, "430601")) for n in range(1, 31)
    ]
    page.goto("/")
    page.locator("#guide a").filter(has_text="名册").last.click()
    page.fill("input[name=school]", "湖滨理工学院")
    page.fill("input[name=teacher]", "王老师")
    press(page, "确认身份")
    data = workbook({"名册": cells_of(rows)})
    page.set_input_files("input[type=file]", {"name": "名册.xlsx", "mimeType": XLSX, "buffer": data})
    press(page, "上传")
    press(page, "检查")
    work(page)
    picture(page, "first-day-roster")
    press(page, "加入名册")
    work(page)
    assert Candidate.objects.filter(campaign=campaign).count() == 30
