"""Papers for everybody: what they say follows the campaign's settings, who may open them, and how they look."""

import io
import os
import re
from datetime import date, timedelta
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse
from schedule_papers import address, booked, client_of, priced, text_of
from schedule_world import at, planned_school, room, slot
from test_schedule_browser import PASSWORD, browser, picture, signed_in  # noqa: F401 - a fixture among them

from axe import WCAG_AA, violations
from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.fees.models import Item
from gradphoto.apps.fees.prices import set_price
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, Milestone, MilestoneKind
from gradphoto.apps.schedule import papers, place_actions
from gradphoto.apps.schedule.leaflets import duty, making, points, readiness
from gradphoto.apps.schedule.leaflets.drawing import wrap
from gradphoto.apps.schedule.leaflets.facts import facts_of
from gradphoto.apps.schedule.leaflets.steps import steps_of
from gradphoto.apps.schedule.models import CaptureSession

pytestmark = pytest.mark.django_db


def rule(world, key, value, source="测试") -> None:
    Rule.objects.update_or_create(
        rule_set=world.campaign.rule_set, key=key.name, effective_from=date(2020, 1, 1),
        defaults={"value": value, "source": source},
    )  # fmt: skip


def codes(world) -> list[str]:
    return [step.code for step in steps_of(facts_of(world.campaign))]


def test_r51_the_leaflet_has_seven_points_in_both_languages_on_one_page():
    planned_school()
    text, pages = text_of(Client().get(address("class_leaflet_pdf")).content)
    assert pages == 1
    for words in points.seven_points(facts_of(slot("甲班").session.campaign, slot("甲班"))):
        assert re.sub(r"\s+", "", words.zh) in text
        assert re.sub(r"\s+", "", words.en) in text


def test_b5_the_leaflet_says_what_the_jewellery_rule_says():
    world = planned_school()
    words = {look.code: look.words.zh for look in points.looks(facts_of(world.campaign))}
    assert "不戴项链" in words["jewellery"], "strict by default"
    rule(world, keys.JEWELLERY_RULE, "lenient", "江西2020届 三.4")
    words = {look.code: look.words.zh for look in points.looks(facts_of(world.campaign))}
    assert "不遮挡" in words["jewellery"]


def test_r51_the_leaflet_is_filled_from_the_campaigns_settings():
    world = planned_school()
    rule(world, keys.FEE_FEN, 1500, "校教通〔2012〕104号")
    rule(world, keys.FEE_CHANNELS, ["on_the_day"])
    rule(world, keys.VERIFY_SITE, "图像校对网")
    rule(world, keys.ERRORS_OFFICE, "教务处208办公室")
    rule(world, keys.BACKDROP, "white")
    text, _ = text_of(Client().get(address("class_leaflet_pdf")).content)
    for words in (
        "15元／人",
        "校教通〔2012〕104号（2020-01-01）",
        "自备零钱",
        "图像校对网",
        "教务处208办公室",
        "白色背景",
    ):
        assert words in text, words
    start = slot("甲班").starts_at.astimezone(at(8).tzinfo)
    assert f"{start:%H:%M}–" in text
    assert f"{start - timedelta(minutes=10):%H:%M}前" in text
    rule(world, keys.FEE_CHANNELS, ["school"])
    assert "学生不交费" in text_of(Client().get(address("class_leaflet_pdf")).content)[0]


def test_r129_the_day_of_verification_is_the_fortieth_working_day_after_the_shot():
    world = planned_school()
    facts = facts_of(world.campaign, slot("甲班"))
    assert facts.promised.date == date(2027, 1, 20), "New Year's Day lies between, and no other holiday is known yet"
    assert facts.promised.provisional is True, "the calendar of 2027 is not announced"
    assert facts.earliest == date(2027, 1, 3)
    page = Client().get(address("class_leaflet")).content.decode()
    assert "2027年1月20日（暂定）" in page
    rule(world, keys.VERIFY_AFTER_WORKDAYS, 5)
    assert "2026年12月1日起" in Client().get(address("class_leaflet")).content.decode()


def test_b9_what_to_bring_follows_the_mode_of_identification():
    world = planned_school()
    assert "二代身份证" in points.bring(facts_of(world.campaign)).words.zh
    rule(world, keys.IDENTIFICATION, ["collection_card"])
    told = points.bring(facts_of(world.campaign)).words
    assert "采集卡" in told.zh
    assert "身份证" not in told.zh


def test_b1_a_price_of_the_price_list_stands_on_the_leaflet_with_its_own_source():
    world = planned_school()
    set_price(
        world.actor(Role.REGISTRAR), world.school, item=Item.PHOTO, amount_fen=1850, source="省价格文件",
        effective_from=date(2026, 9, 1),
    )  # fmt: skip
    told = points.fee(facts_of(world.campaign, slot("甲班"))).words
    assert "18.50元" in told.zh
    assert "省价格文件（2026-09-01）" in told.zh
    assert "18.50 yuan" in told.en


def test_the_pages_speak_both_languages_and_show_no_person():
    planned_school()
    reader = Client()
    assert "正对镜头" in reader.get(address("class_leaflet")).content.decode()
    reader.cookies["django_language"] = "en"
    for name in ("class_leaflet", "class_flow"):
        page = reader.get(address(name)).content.decode()
        assert 'lang="en"' in page
        assert not [person for person in Candidate.objects.all() if person.name in page]
        assert not re.search(r"2022\d{6}", page), "no student number"
    assert "SwipeyourIDcard" in text_of(reader.get(address("class_flow_pdf")).content)[0]


def test_a_wrong_address_opens_nothing():
    planned_school()
    wrong = papers.token_of(slot("甲班"))[:-2] + "xx"
    for name in ("class_leaflet", "class_leaflet_pdf", "class_flow", "class_flow_pdf"):
        assert Client().get(reverse(f"schedule:{name}", args=[wrong])).status_code == 404


def test_a_department_prints_the_leaflets_of_its_classes_a_page_each():
    world = planned_school()
    officer = client_of(world, Role.COLLEGE_OFFICER)
    text, pages = text_of(officer.get(reverse("schedule:department_leaflets", args=[world.department.pk])).content)
    assert pages == 2
    assert "甲班" in text
    assert "乙班" in text
    assert "丙班" not in text
    other = reverse("schedule:department_leaflets", args=[world.other_department.pk])
    assert officer.get(other).status_code == 404


def test_r70_the_chart_has_the_steps_of_s1():
    world = planned_school()
    rule(world, keys.FEE_CHANNELS, ["on_the_day"])
    rule(world, keys.IDENTIFICATION, ["collection_card"])
    assert codes(world) == ["check", "queue", "pay_now", "wait", "card", "shoot", "hand_over", "verify"]


@pytest.mark.parametrize(
    ("channels", "there", "absent"),
    [
        (["college"], {"pay_before"}, {"pay_now"}),
        (["on_the_day"], {"pay_now"}, {"pay_before"}),
        (["class", "on_the_day"], {"pay_before", "pay_now"}, set()),
        (["school"], set(), {"pay_before", "pay_now"}),
    ],
)
def test_b15_paying_stands_where_the_campaign_takes_the_money(channels, there, absent):
    world = planned_school()
    rule(world, keys.FEE_CHANNELS, channels)
    found = set(codes(world))
    assert there <= found
    assert not absent & found


def test_the_check_table_steps_go_where_a_school_works_without_it():
    world = planned_school()
    assert "hand_over" in codes(world)
    rule(world, keys.CHECK_TABLE, False)
    assert "hand_over" not in codes(world)
    assert (
        "核对表"
        not in text_of(client_of(world, Role.REGISTRAR).get(reverse("schedule:flow"), {"as": "pdf"}).content)[0]
    )


def test_r35_the_branch_of_wrong_data_names_the_deadline_of_the_plan():
    world = planned_school()
    Milestone.objects.create(
        campaign=world.campaign, kind=MilestoneKind.ERRORS_PROVEN, due=date(2026, 11, 20), source="测试"
    )
    text, pages = text_of(Client().get(address("class_flow_pdf")).content)
    assert pages == 1
    assert "2026年11月20日前" in text
    assert "公民信息变更证明" in text


def test_the_chart_on_the_page_is_an_svg_that_holds_every_step_and_no_inline_style():
    world = planned_school()
    page = client_of(world, Role.REGISTRAR).get(reverse("schedule:flow")).content.decode()
    svg = page[page.index("<svg class") : page.index("</svg>")]
    for step in steps_of(facts_of(world.campaign)):
        assert step.title.zh in svg
    assert " style=" not in page


@pytest.mark.parametrize(
    "text", ["按辅导员所持核对表顺序、学号由小到大排队。", "Bring (for once) your ID card, and 15元／人."]
)
def test_lines_keep_every_character_their_width_and_never_begin_with_a_stop(text):
    lines = wrap(text, 120, 14)
    assert re.sub(r"\s", "", "".join(lines)) == re.sub(r"\s", "", text)
    assert len(lines) > 1
    assert not any(line[0] in "，。、,.)" for line in lines)
    assert not any(line.endswith(("（", "(")) for line in lines)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_fullest_settings_still_make_one_page(language):
    world = planned_school()
    rule(world, keys.VERIFY_SITE, "中国高等教育学生信息网（www.chsi.com.cn）的学历电子注册图像校对系统")
    rule(world, keys.ERRORS_OFFICE, "教务处学籍管理科（南校区行政楼二楼208办公室，电话0730-0000000）")
    rule(world, keys.FEE_FEN, 1550, "关于做好本届毕业生图像采集收费工作的通知（示范价格〔2026〕第十号）")
    rule(world, keys.IDENTIFICATION, ["id_card_swipe", "collection_card", "manual"])
    facts = facts_of(world.campaign, slot("甲班"))
    assert text_of(making.flow_pdf(facts, language))[1] == 1
    assert text_of(making.leaflet_pdf([making.Sheet(facts, "https://example.org/"), making.Sheet(facts)]))[1] == 2


def test_r91_the_point_needs_assistants_for_each_photographer_and_others_once():
    world = planned_school()
    room().__class__.objects.filter(pk=room().pk).update(stations=2)
    session = CaptureSession.objects.get()
    point = duty.blocks_of(world.actor(Role.REGISTRAR), session)[0]
    needed = {line.post.code: line.needed for line in point.lines}
    assert needed == {"checker": 1, "assistant": 6, "order": 2, "cadre": 2}


def test_r92_six_and_a_counsellor_stand_ready_fifteen_minutes_before_their_college():
    world = planned_school()
    rule(world, keys.STAFF_EARLY_MINUTES, 15, "处发[2008]71号 二.4")
    place_actions.assign_duty(
        world.actor(Role.COLLEGE_OFFICER), world.department, campaign=world.campaign, post="doors", name="王老师",
        phone="0730-0000000",
    )  # fmt: skip
    session = CaptureSession.objects.get()
    blocks = duty.blocks_of(world.actor(Role.REGISTRAR), session)
    mine = next(block for block in blocks if block.organisation == world.department)
    first = min(slot("甲班").starts_at, slot("乙班").starts_at)
    assert mine.ready_at == first - timedelta(minutes=15)
    assert sum(line.needed for line in mine.lines if line.post.code not in ("leader", "counsellor")) == 6
    answer = client_of(world, Role.REGISTRAR).get(reverse("schedule:duty_list", args=[session.pk]), {"as": "pdf"})
    text, _ = text_of(answer.content)
    for words in ("王老师0730-0000000", f"{mine.ready_at:%H:%M}", "时段前15分钟到位", "处发[2008]71号"):
        assert words in text, words


def test_r92_a_college_sees_its_own_staff_and_a_stranger_nothing():
    world = planned_school()
    session = CaptureSession.objects.get()
    for department, role, name in (
        (world.department, Role.COLLEGE_OFFICER, "王老师"),
        (world.other_department, Role.REGISTRAR, "赵老师"),
        (world.school, Role.REGISTRAR, "钱老师"),
    ):
        place_actions.assign_duty(world.actor(role), department, campaign=world.campaign, post="doors", name=name)
    where = reverse("schedule:duty_list", args=[session.pk])
    page = client_of(world, Role.COLLEGE_OFFICER).get(where).content.decode()
    assert "王老师" in page
    assert "赵老师" not in page
    assert "钱老师" not in page
    assert client_of(world, Role.COLLEGE_OFFICER, stranger=True).get(where).status_code == 404
    book = openpyxl.load_workbook(io.BytesIO(client_of(world, Role.COUNSELLOR).get(where, {"as": "xlsx"}).content))
    texts = " ".join(str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell)
    assert "王老师" in texts
    assert "赵老师" not in texts


def test_r93_the_readiness_list_prints_what_was_found_and_boxes_for_the_rest():
    world = planned_school("104", "115")
    place_actions.check_room(world.actor(Role.SITE_STAFF), room("104"), results={"power": False})
    checker = client_of(world, Role.SITE_STAFF)
    text, pages = text_of(checker.get(reverse("schedule:readiness_paper", args=[room("104").pk])).content)
    assert pages == 1
    assert "不通过site_staff" in text.replace("\u3000", "")
    assert "□通过□不通过" in text
    assert "检查人" in text
    assert "协助拍摄（每名摄影师）：3人到岗" in text
    assert text_of(checker.get(reverse("schedule:readiness_papers")).content)[1] == 2
    assert client_of(world, Role.COLLEGE_OFFICER).get(reverse("schedule:readiness_papers")).status_code == 403
    strange = client_of(world, Role.SITE_STAFF, stranger=True)
    assert strange.get(reverse("schedule:readiness_paper", args=[room("104").pk])).status_code == 404


def test_the_readiness_list_comes_in_english_too():
    planned_school()
    from django.utils.translation import override

    with override("en"):
        assert "pass" in text_of(readiness.readiness_form([room()]).to_pdf("en"))[0]


def _nothing_hinders(page, name: str) -> None:
    assert violations(page, WCAG_AA) == [], name


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_papers_fit_a_phone(browser, live_server):  # noqa: F811 - the fixture
    world = planned_school("至善楼104", "至善楼115", people=31)
    priced(world)
    rule(world, keys.STAFF_EARLY_MINUTES, 15, "处发[2008]71号 二.4")
    place_actions.assign_duty(
        world.actor(Role.COLLEGE_OFFICER), world.department, campaign=world.campaign, post="doors", name="王老师",
        phone="0730-0000000",
    )  # fmt: skip
    photo = booked(world)
    user = world.people[Role.REGISTRAR]
    user.set_password(PASSWORD)
    user.save()
    token, session = papers.token_of(slot("甲班")), CaptureSession.objects.first()
    pages = {
        "hub": "papers/", "duty": f"papers/duty/{session.pk}/", "group-list": f"group-photos/?slot={slot('乙班').pk}",
        "group": f"group-photos/{photo.pk}/", "class-page": f"class/{token}/", "leaflet": f"class/{token}/leaflet/",
        "flow": f"class/{token}/flow/", "board-group": f"board/?day={slot('甲班').starts_at:%Y-%m-%d}",
    }  # fmt: skip
    for width in (390, 1280):
        page = signed_in(browser, live_server.url, user.username, width)
        for name, path in pages.items():
            page.goto(f"/timetable/{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            picture(page, f"paper-{name}-{width}")
            _nothing_hinders(page, name)
        page.goto(f"/timetable/class/{token}/leaflet/")
        page.click("button:has-text('English')")
        page.wait_for_selector("text=Seven points")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        picture(page, f"paper-leaflet-en-{width}")
        page.goto(f"/timetable/class/{token}/flow/")
        picture(page, f"paper-flow-en-{width}")
        assert os.environ.get("GRADPHOTO_PICTURES") or page.problems == []
        page.context.clear_cookies()
    pictured = os.environ.get("GRADPHOTO_PICTURES")
    if pictured:
        facts = facts_of(world.campaign, slot("甲班"), photo)
        registrar = world.actor(Role.REGISTRAR)
        made = {
            "leaflet": making.leaflet_pdf([making.Sheet(facts, f"{live_server.url}/timetable/class/{token}/")]),
            "flow": making.flow_pdf(facts, "zh"), "flow-en": making.flow_pdf(facts, "en"),
            "duty": duty.duty_form(session, duty.blocks_of(registrar, session)).to_pdf(),
            "readiness": readiness.readiness_form([room("至善楼104")]).to_pdf(),
        }  # fmt: skip
        for name, data in made.items():
            image = pypdfium2.PdfDocument(data)[0].render(scale=1.6).to_pil()
            image.save(Path(pictured) / f"pdf-{name}.png")
