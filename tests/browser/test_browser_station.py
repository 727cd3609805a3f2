"""A session at the capture station by keyboard alone, as the room sees it: real server, real devices' loop, real engine.

With ``GRADPHOTO_PICTURES`` the pictures of docs/station.md and docs/pairing.md are written there.
"""

import os
import uuid
from collections import namedtuple
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Error, Page

from chromium import opened_chromium
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture import room_state
from gradphoto.apps.capture.actions import tell_room
from gradphoto.apps.capture.models import Alarm, Assessment, CheckIn, Frame, Hold
from gradphoto.apps.capture.room_state import ClockWatch
from gradphoto.apps.capture.verdicts import pipeline
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.models import Repair
from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot
from gradphoto.apps.stations.runner import StationRunner
from gradphoto.demo.fast_clock import FastClock, photographed_code
from gradphoto.demo.sitters import picture as sitter
from gradphoto.engine.devices.camera_simulator import SimulatedCamera
from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord
from gradphoto.engine.devices.sam_v.records import Sex as CardSex
from gradphoto.engine.standards.profiles import load_profile
from gradphoto.engine.wording import Wording
from repair_world import owners_of, photographed, record, shift
from world import add_candidate, build_world, made_up_id_number, put

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "demo-password-1"
PICTURES = os.environ.get("GRADPHOTO_PICTURES")
LISTEN = """
window.heard = [];
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) { window.heard.push(Math.round(this.frequency.value)); return start.call(this, at); };
"""
SOUND_OF = {880: "good", 1320: "good", 587: "attention", 185: "stop"}  # hertz; the short one at 660 says "seated"
Room = namedtuple("Room", "world session people runner camera clock")


class NoReader:
    def wait_for_card(self, timeout_s: float) -> None:
        return None

    def close(self) -> None: ...


@pytest.fixture
def browser():
    with opened_chromium() as opened:
        yield opened


@pytest.fixture
def room(tmp_path):
    world = build_world()
    Rule.objects.filter(key="capture.identification").update(value=["id_card_swipe", "student_no", "manual"])
    session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="一号楼 104")
    people = [add_candidate(world, n) for n in range(1, 9)]
    now = timezone.now()
    slot = Slot.objects.create(
        session=session, department=world.department, season="spring", starts_at=now, ends_at=now + timedelta(hours=1)
    )
    for position, person in enumerate(people, start=1):
        Appointment.objects.create(slot=slot, candidate=person, position=position)
    hot = tmp_path / "hot"
    hot.mkdir()
    clock = FastClock()
    runner = StationRunner(
        Actor.system("station devices"), session, NoReader(), HotFolder(hot, settle_s=0.0), pipeline(),
        load_profile("mb2017_99"), lambda event: None, watch=ClockWatch(clock.monotonic),
    )  # fmt: skip
    user = world.people[Role.SITE_STAFF]
    user.set_password(PASSWORD)
    user.save()
    with clock.running():
        yield Room(world, session, people, runner, SimulatedCamera(hot), clock)


def swipe(room: Room, n: int, **changes) -> None:
    """The card of the n-th person lies on the reader."""
    person = {"name": f"测试{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "id_number": made_up_id_number(n, male=n % 2 == 1)}
    said = person | {"birth_date": date(2004, 3, 5), "sex": CardSex.MALE if n % 2 else CardSex.FEMALE} | changes
    day = date(2020, 1, 1)
    room.clock.skip(6)
    room.runner.take_card(CardRecord(kind=CardKind.RESIDENT, valid_from=day, valid_to=None, long_term=True, **said))


def shoot(room: Room, name: str, after_s: float = 12) -> None:
    """The photographer presses the shutter."""
    room.clock.skip(after_s)
    room.camera.shoot(sitter(name), timezone.now())
    for _ in range(3):
        room.runner.step()


def measure(room: Room) -> None:
    """The camera photographs the clock code that stands on the screen before the session opens."""
    now = timezone.now()
    room.camera.shoot(photographed_code(room.session.pk, now), now)
    for _ in range(3):
        room.runner.prepare()


AS_A_SCANNER = """code => { for (const key of [...code, 'Enter'])
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true})) }"""
"""All keys at once: one by one over the driver a busy machine makes them as slow as a hand."""


class Crew:
    """One person at the keyboard: keys only, and eyes that wait until the screen says something."""

    def __init__(self, browser, site: str, width: int = 1280, height: int = 800) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": height}, base_url=site)
        self.page.add_init_script(LISTEN)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        self.page.goto("/")
        for text in ("site_staff", "\t", PASSWORD, "\n"):
            self.page.focus("#id_login") if text == "site_staff" else None
            self.page.keyboard.press("Tab") if text == "\t" else self.page.keyboard.type(text)
        self.page.wait_for_url(f"{site}/")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(120)  # a person is slower than a scanner, and so the station tells them apart

    def sees(self, text: str, where: str = ".room-banner") -> None:
        try:
            self.page.wait_for_selector(f"{where}:has-text('{text}')")
        except Error as error:
            raise AssertionError(f"{text} is not in: {self.page.inner_text('main')}") from error

    def hears(self) -> set[str]:
        """The sounds since the last time."""
        return {SOUND_OF[one] for one in self.page.evaluate("window.heard.splice(0)") if one in SOUND_OF}

    def picture(self, name: str) -> None:
        if PICTURES:
            self.page.wait_for_timeout(700)  # the preview of a frame comes after its verdict
            path = Path(PICTURES) / f"{name}.png"
            self.page.screenshot(path=path)
            Image.open(path).convert("P", palette=Image.Palette.ADAPTIVE, colors=128).save(path, optimize=True)


def test_a_session_needs_no_mouse(browser, live_server, room, monkeypatch):
    crew = Crew(browser, live_server.url)
    page = crew.page
    page.goto(f"/capture/{room.session.pk}/")
    crew.sees("场次未开始")
    page.wait_for_selector("[data-clock-code] img")
    measure(room)
    crew.sees("已校时", ".room-clock")
    crew.press("o")
    crew.sees("请下一位刷证")
    room.session.refresh_from_db()
    crew.picture("station-idle")

    swipe(room, 1)
    crew.sees("请拍照")
    assert page.inner_text(".station-number") == "00001"
    assert "与名单一致" in page.inner_text(".room-match")
    crew.picture("station-seated")
    crew.hears()
    shoot(room, "person_01")
    crew.sees("上一位已拍好")
    assert crew.hears() == {"good"}
    crew.picture("station-good")
    crew.press("k")
    crew.sees("现场已确认", ".room-who")

    swipe(room, 2)
    crew.sees("请拍照")
    crew.hears()
    shoot(room, "defect_roll")
    crew.sees("请再拍一张")
    assert crew.hears() == {"stop"}
    crew.picture("station-again")
    shoot(room, "defect_blue_shirt")
    crew.sees("上一位的照片请看一眼")
    assert crew.hears() == {"attention"}

    for width, height in ((390, 844), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        crew.picture(f"station-{width}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080, "all of it is seen without scrolling"
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.evaluate("document.documentElement.scrollHeight") <= 800
    for large in (".room-word", ".station-number", ".room-name strong"):
        assert page.evaluate(f"parseFloat(getComputedStyle(document.querySelector('{large}')).fontSize)") >= 34

    crew.press("u")  # the frame was taken by itself: back into the chair with it
    crew.sees("采用", "[data-key=a]")
    assert CheckIn.objects.get(shooting_number=2).status == "open"
    crew.press("r")
    page.wait_for_selector("#ask-retake[open]")
    crew.picture("station-why")
    crew.press("4")
    crew.sees("请再拍一张")
    crew.press("u")
    crew.sees("重拍", "[data-open=ask-retake]")
    crew.press("h")
    crew.sees("请下一位")
    assert CheckIn.objects.get(shooting_number=2).status == "shot"

    swipe(room, 77, name="外来某")
    crew.sees("不在采集名单")
    assert crew.hears() == {"stop"}
    crew.picture("station-not-listed")
    crew.press("n", "1")
    crew.sees("请下一位")
    swipe(room, 3, name="测试异")
    crew.sees("证件与名单不一致")
    assert "测试异" in page.inner_text(".room-differ")
    assert crew.hears() == {"attention"}
    crew.picture("station-differ")
    crew.press("y", "y")
    crew.sees("请拍照")
    assert page.inner_text(".station-number") == "00003"
    crew.press("g")
    crew.sees("没有照片")
    crew.press("e", "0")
    page.keyboard.type("回寝室换衣服")
    crew.press("Enter")
    crew.sees("请下一位")
    assert Alarm.objects.get().settled_note == "回寝室换衣服"
    swipe(room, 1)
    crew.sees("已经拍摄过")
    crew.press("n", "3")
    crew.sees("请下一位")
    assert list(Hold.objects.values_list("decision", flat=True)).count("sent_away") == 2

    crew.hears()
    shoot(room, "person_03")
    crew.sees("没有对应的人")
    assert crew.hears() == {"stop"}
    crew.press("e")
    page.wait_for_selector("#ask-alarm[open]")
    crew.picture("station-nobody")
    crew.press("1")
    crew.sees("请下一位")
    assert Frame.objects.get(check_in=None).status == "rejected"

    page.evaluate(AS_A_SCANNER, "2022000004")  # faster than any hand, and no shortcut
    crew.sees("请拍照")
    swipe(room, 5)
    crew.sees("上一位还没有拍完")
    crew.press("z", "m")
    crew.sees("请拍照")
    crew.hears()
    shoot(room, "person_02", after_s=3)  # nobody sits down in so short a time after the refused card
    crew.sees("上一位已拍好")
    assert crew.hears() == set(), "switched off"
    crew.press("m", "f")
    page.keyboard.type("2022000006")
    page.wait_for_selector("[data-result]:has-text('2022000006')")
    crew.press("ArrowDown", "Enter")
    crew.sees("请拍照")
    assert "人工查找" in page.inner_text(".room-match")
    crew.press("x", "2")
    crew.sees("请下一位")
    assert "未到 5 人" in page.inner_text(".room-side")

    told = Wording("读卡器已拔出。", "The reader was unplugged.")
    unplugged = ReaderError("reader.unplugged", told, Wording("请重新插好。", "Plug it in again."))
    tell_room(room.runner.actor, room.session, source="reader", error=unplugged)
    crew.sees("读卡器已拔出")
    monkeypatch.setattr(room_state, "free_bytes", lambda: 10_000_000)
    crew.sees("磁盘空间已满")
    crew.picture("station-disk")
    monkeypatch.undo()
    crew.sees("读卡器已拔出")
    assert page.evaluate("document.activeElement !== null && !document.querySelector('dialog[open]')")
    _the_checker(crew, room)
    assert crew.problems == []


def test_news_never_undoes_what_a_person_does(browser, live_server, room):
    """The poll's news comes before an action's own answer; the screen, the dialog and what is typed survive it."""
    crew = Crew(browser, live_server.url)
    page = crew.page
    page.goto(f"/capture/{room.session.pk}/")
    measure(room)
    crew.press("o")
    crew.sees("请下一位刷证")

    def late(route) -> None:
        answer = route.fetch()
        page.wait_for_timeout(1500)  # meanwhile the page asks for news and is told of this very check-in
        route.fulfill(response=answer)

    page.route("**/check-in/", late)
    crew.press("f")
    page.keyboard.type("2022000001")
    page.wait_for_selector("[data-result]:has-text('2022000001')")
    crew.press("ArrowDown", "Enter")
    crew.sees("请拍照")
    page.wait_for_selector("dialog[open]", state="detached")  # closed by the answer, which comes after the news
    page.unroute("**/check-in/")

    crew.press("x", "0")
    page.keyboard.type("说到一")
    told = Wording("读卡器已拔出。", "The reader was unplugged.")
    with page.expect_response(lambda answer: answer.status == 200 and "hx-request" in answer.request.headers):
        tell_room(room.runner.actor, room.session, source="reader", error=ReaderError("reader.unplugged", told, told))
    page.wait_for_timeout(300)  # it is put into the page, or it would be
    assert page.input_value("#ask-cancel [data-other]") == "说到一", "half a sentence is not lost to the news"
    page.fill("#ask-cancel [data-other]", "长" * 201)
    crew.press("Enter")
    crew.sees("pages.too_long", "#ask-cancel [data-refused]")
    assert page.input_value("#ask-cancel [data-other]") == "长" * 201, "wrong, told beside the field, and still typed"
    crew.picture("station-refused")
    assert all("422" in one for one in crew.problems), crew.problems
    crew.problems.clear()
    page.fill("#ask-cancel [data-other]", "说到一半")
    crew.press("Enter")
    crew.sees("读卡器已拔出")
    assert CheckIn.objects.get().cancel_reason == "说到一半"
    crew.press("z")
    crew.sees("请下一位刷证")

    crew.press("f")
    swipe(room, 2)  # somebody else lays a card down while the keyboard is busy
    crew.sees("请拍照")  # the screen behind shows it
    assert page.locator("#find[open]").count() == 1
    assert crew.problems == []


_OVER_THE_EDGE = """[...document.querySelectorAll('.check-tile *')].filter((one) =>
  one.getBoundingClientRect().right > one.closest('.check-tile').getBoundingClientRect().right
  || one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display === 'block').map((one) => one.textContent)"""


def _the_checker(crew: Crew, room: Room) -> None:
    """R100: a finding, a question of the pairing want a look and a tick of their own, all without a mouse."""
    page = crew.page
    page.goto(f"/capture/{room.session.pk}/check/")
    page.wait_for_selector("input[name=check_in]:focus")
    assert not page.locator("input[name=check_in]").first.is_checked(), "the blue shirt before the blue wall"
    assert page.locator("input[name=check_in]:checked").count() == 0, "nor who was there while another card was refused"
    assert page.evaluate(_OVER_THE_EDGE) == [], "no number runs over its card"
    page.evaluate("document.querySelectorAll('.check-id').forEach((one) => one.dataset.said = one.textContent)")
    page.evaluate("document.querySelectorAll('.check-id').forEach((one) => one.textContent = 'P'.repeat(40))")
    assert page.evaluate(_OVER_THE_EDGE) == [], "nor the longest of a foreigner's"
    page.evaluate("document.querySelectorAll('.check-id').forEach((one) => one.textContent = one.dataset.said)")
    crew.press("Space", "ArrowRight")
    crew.picture("station-check")
    wanted = page.locator("input[name=check_in]:checked").count()
    for _ in range(6):  # Enter goes on to the next face that was not on the screen, and confirms when there is none
        if page.locator("button[data-confirm]:enabled").count():
            break
        crew.press("Enter")
    crew.press("Enter")
    crew.sees(f"已确认 {wanted} 人", "#messages")
    assert CheckIn.objects.filter(status="shot").count() == 1


def planted(world) -> CaptureSession:
    """Thirty persons: seven shifted by one place, one card swiped twice, two cameras of which the second is 90 s off."""
    on = date(2026, 11, 21)
    session = CaptureSession.objects.create(campaign=world.campaign, date=on, place="104", status="open")
    check_ins, frames = photographed(world, session, 30, pictures=True)
    shift(check_ins, frames, 5, 11)
    twice = check_ins[15]
    CheckIn.objects.create(
        session=session, campaign=world.campaign, candidate=twice.candidate, shooting_number=31, method="manual",
        at=twice.at + timedelta(seconds=3), closed_at=twice.at + timedelta(seconds=12), status="cancelled",
        cancel_reason="重复刷证", nonce=uuid.uuid4(),
    )  # fmt: skip
    frame = frames[15]
    put(Frame.objects.filter(pk=frame.pk), check_in=CheckIn.objects.get(shooting_number=31), status="rejected")
    put(CheckIn.objects.filter(pk=twice.pk), status="retake")
    for place, frame in enumerate(frames):
        Frame.objects.filter(pk=frame.pk).update(file_number=place + 1 - max(0, (place - 18) // 2))
    for place in range(19, 30, 2):
        at = frames[place].taken_at + timedelta(seconds=90)
        second = {"camera_serial": "SN2", "file_number": place // 2, "file_name": f"DSC_{place // 2:04d}.JPG"}
        Frame.objects.filter(pk=frames[place].pk).update(taken_at=at, **second)
    record(frames, {24: check_ins[25], 25: check_ins[24]})
    return session


def test_a_session_recorded_wrongly_is_understood_and_mended(browser, live_server):
    world = build_world()
    session = planted(world)
    user = world.people[Role.SITE_STAFF]
    user.set_password(PASSWORD)
    user.save()
    before = owners_of(session)
    crew = Crew(browser, live_server.url)
    page = crew.page
    page.goto(f"/capture/sessions/{session.pk}/pairing/")
    crew.sees("错位", "#proposal")
    page.set_viewport_size({"width": 1280, "height": 1500})
    crew.picture("pairing-repair")
    assert Repair.objects.count() == 0
    assert "疑为重复刷卡" in page.inner_text("#questions")
    assert "多台相机" in page.inner_text("#proposal")
    assert page.locator("#difference .pairing-pair").count() == 7
    crew.press("j")
    crew.sees("互换了", "#difference")
    page.fill("#proposal input[name=reason]", "照片与本人核对过")
    crew.press("Enter")
    crew.sees("已修复", "#messages")
    right = {f"IMG_{n:04d}.JPG": n for n in range(6, 13)}
    after = owners_of(session)
    assert after | right == after
    assert after != before
    page.fill("#history input[name=reason]", "再看一遍")
    crew.press("Enter")
    crew.sees("已恢复到修复之前", "#messages")
    assert owners_of(session) == before, "taken back whole"
    assert crew.problems == []


def test_r100_the_checker_scrolls_through_every_face_of_every_sheet(browser, live_server):
    """Thirty people on two sheets: the button waits for the eyes, the second sheet for the first."""
    world = build_world()
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=date(2026, 11, 21), place="104", status="open"
    )
    people, frames = photographed(world, session, 30, pictures=True)
    put(session.check_ins.all(), status="shot")
    Assessment.objects.bulk_create(
        Assessment(frame=frame, profile="mb2017_99", pipeline_version="1", outcome="pass", current=True)
        for frame in frames
    )
    user = world.people[Role.SITE_STAFF]
    user.set_password(PASSWORD)
    user.save()
    crew = Crew(browser, live_server.url)
    page = crew.page
    page.goto(f"/capture/{session.pk}/check/?sheet=2")
    button = page.locator("button[data-confirm]")
    page.wait_for_selector("[data-unseen]", state="hidden")
    assert button.is_disabled(), "all six were seen, the first sheet was not"
    page.click("a[href='?sheet=1']:has-text('第 1 页')")
    page.wait_for_selector("a[aria-current=page]:has-text('1')")
    page.wait_for_selector("[data-left]:not(:text-is('24'))")
    assert 0 < int(page.inner_text("[data-left]")) < 24
    assert button.is_disabled(), "two rows fit on the screen, two do not"
    crew.picture("station-check-unseen")
    page.mouse.move(600, 300)
    for _ in range(12):
        page.mouse.wheel(0, 300)
        page.wait_for_timeout(150)
    page.wait_for_selector("button[data-confirm]:enabled")
    crew.press("Enter")
    crew.sees("已确认 24 人", "#messages")
    assert sorted(session.check_ins.filter(status="confirmed").values_list("pk", flat=True)) == [
        one.pk for one in people[:24]
    ]
    assert page.locator("input[name=check_in]").count() == 6, "the next sheet follows"
    assert crew.problems == []
