"""The administrator's machine as ``gradphoto setup`` left it, in a browser: sign in, hand tables in, let everybody in."""

from __future__ import annotations

import re
from typing import Any

import pypdfium2
import zxingcpp
from click.testing import CliRunner
from django.core.cache import cache
from playwright.sync_api import Browser, Page
from walk import download, picture, press, watched

from gradphoto.apps.orgs.models import User
from roster_engine.made_up_rosters import cells_of, number, person, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCHOOL, CODE = "湖滨理工学院", "10999"
SECRET = "huabin-3-lake-7"
_PASSWORD = re.compile(r"[A-Za-z2-9]{5}(?:-[A-Za-z2-9]{5}){3}")


def after_setup(browser: Browser, site: str, monkeypatch: Any) -> Page:
    """The administrator's screen: all that the one command told is its password, and that is changed at once."""
    from gradphoto.cli import main, server

    monkeypatch.setattr(server, "prepare", lambda: None)
    cache.clear()  # sign-ins of other tests from this address
    told = CliRunner().invoke(main, ["setup", "--name", SCHOOL, "--code", CODE])
    password = _PASSWORD.search(told.output)
    assert password is not None, told.output
    page = _screen(browser, site)
    _sign_in(page, "admin", password[0])
    for name, text in (("present", password[0]), ("new", SECRET), ("again", SECRET)):
        page.fill(f"input[name={name}]", text)
    press(page, "保存")
    return page


def _screen(browser: Browser, site: str) -> Page:
    size = {"width": 1280, "height": 900}
    return watched(browser.new_page(viewport=size, base_url=site, locale="zh-CN"))


def _sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    press(page, "登录")


def hand_in(page: Page, address: str, cells: list[list[str]], name: str) -> None:
    """Upload a table of units or people and have it checked; what it says stands on the page."""
    page.goto(address)
    page.set_input_files("input[type=file]", {"name": name, "mimeType": XLSX, "buffer": workbook({"表": cells})})
    press(page, "上传并检查")


def invited(browser: Browser, site: str, page: Page, *usernames: str) -> dict[str, Page]:
    """One sheet of slips for all; each of these people opens the own link, sets the password and signs in."""
    page.goto("/people/")
    slips = pypdfium2.PdfDocument(download(page, "未登录过的人：邀请单"))
    links = [code.text for sheet in slips for code in zxingcpp.read_barcodes(sheet.render(scale=3).to_pil())]
    assert len(links) == User.objects.exclude(username="admin").count()
    screens: dict[str, Page] = {}
    own = _screen(browser, site)
    for link in links:
        if len(screens) == len(usernames):
            break
        own.goto(re.sub(r"^https?://[^/]+", "", link))
        username = own.locator("input[name=username]").get_attribute("value") or ""
        if username not in usernames:
            continue
        picture(own, "first-day-invitation")
        own.fill("input[name=new]", SECRET)
        own.fill("input[name=again]", SECRET)
        press(own, "设置并去登录")
        _sign_in(own, username, SECRET)
        screens[username], own = own, _screen(browser, site)
    return screens


def upload_roster(page: Page, people: int, entry_date: str) -> None:
    """From the guide to the checked file: who uploads says for which school, and who they are."""
    rows = [
        person(n, entry_date=entry_date, id_number=number("20040305", n * 2 + n % 2, "430601"))
        for n in range(1, people + 1)
    ]
    page.goto("/")
    page.locator("#guide a").filter(has_text="名册").last.click()
    page.fill("input[name=school]", SCHOOL)
    page.fill("input[name=teacher]", "王老师")
    press(page, "确认身份")
    data = workbook({"名册": cells_of(rows)})
    page.set_input_files("input[type=file]", {"name": "名册.xlsx", "mimeType": XLSX, "buffer": data})
    press(page, "上传")
    press(page, "检查")
