"""Image cards on paper (R64): printed once, issued anew with another code; the hand-over protocol (R65)."""

import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image

from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal
from gradphoto.apps.core.lifecycle import writes_allowed
from gradphoto.apps.delivery import actions
from gradphoto.apps.delivery.actions import deliver_package, print_cards, reissue_card
from gradphoto.apps.delivery.card_sheet import PrintedCard, card_sheets
from gradphoto.apps.delivery.models import ImageCard, Package
from gradphoto.apps.orgs.models import Role
from verification.graduate_world import add_graduate, card_code, card_of, jpeg, set_verifying, staff
from world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = build_world()
    for n in range(1, 12):
        add_graduate(world, n)
    Package.objects.update(delivered_at=timezone.now(), check_due=timezone.localdate(), photo_count=11)
    return world


def package() -> Package:
    return Package.objects.get()


def class_form(world) -> dict[str, object]:
    return {"department": world.department.pk, "class": "计科2201"}


def print_class(world):
    return staff(world, Role.REGISTRAR).post(f"/delivery/{package().pk}/cards/print/", class_form(world))


def pages(pdf: bytes) -> list[Image.Image]:
    return [page.render(scale=200 / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]


def words(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def test_r64_nine_cards_a_page_each_with_its_data_and_its_code_as_qr(world, settings):
    settings.SITE_URL = "https://verify.example.edu"
    pdf = print_class(world).content
    sheets = pages(pdf)
    assert len(sheets) == 2
    text = words(pdf)
    for person in [card.candidate for card in ImageCard.objects.select_related("candidate")]:
        assert person.student_no in text
        assert person.id_number.decrypt() not in text
    assert "99901" in text
    codes = {found.text for sheet in sheets for found in zxingcpp.read_barcodes(sheet)}
    assert codes == {f"https://verify.example.edu/verify/sign-in/#card={card_code(n)}" for n in range(1, 12)}


def test_a_code_that_is_somebody_s_already_is_drawn_again(world, monkeypatch):
    lot = iter([card_code(1), card_code(2), "KQ7M9NEW01", card_code(3), "KQ7M9NEW02"])
    monkeypatch.setattr(actions, "_new_code", lambda: next(lot))
    card = ImageCard.objects.order_by("pk")[5]
    reissue_card(world.actor(Role.REGISTRAR), card, reason="遗失")
    card.refresh_from_db()
    assert (card.code.decrypt(), card.issue) == ("KQ7M9NEW01", 2)
    ImageCard.objects.filter(pk=card.pk).delete()
    with writes_allowed():
        Package.objects.update(status="ready", delivered_at=None)
    deliver_package(world.actor(Role.COLLECTION_CENTRE), package())
    assert ImageCard.objects.get(candidate=card.candidate).code.decrypt() == "KQ7M9NEW02"


def test_r64_a_code_is_printed_once_and_not_kept(world):
    assert print_class(world)["Content-Type"] == "application/pdf"
    assert set(ImageCard.objects.values_list("code", flat=True)) == {None}
    again = print_class(world)
    assert again.status_code == 409
    assert "重发" in again.content.decode()


def test_the_printed_code_opens_the_portal_though_nobody_can_read_it_any_more(world):
    person = ImageCard.objects.get(code_index=ImageCard.objects.first().code_index).candidate
    set_verifying(world)
    print_class(world)
    assert Client().post("/verify/sign-in/", card_of(person, 1)).status_code == 302


def test_a_card_issued_anew_has_another_code_and_the_earlier_one_opens_nothing(world):
    print_class(world)
    card = ImageCard.objects.select_related("candidate__campaign__school").first()
    old = card_of(card.candidate, 1)
    staff(world, Role.REGISTRAR).post(f"/delivery/{package().pk}/cards/", {"card": card.pk, "reason": "遗失"})
    card.refresh_from_db()
    assert (card.issue, card.printed_at) == (2, None)
    assert Client().post("/verify/sign-in/", old).status_code == 403
    new = {**old, "code": card.code.decrypt()}
    assert Client().post("/verify/sign-in/", new, REMOTE_ADDR="10.0.0.2").status_code == 302
    pdf = print_class(world).content
    assert len(pages(pdf)) == 1
    assert "第 2 次发卡" in words(pdf).replace("\u3000", "")


def test_a_new_card_needs_its_reason_and_its_keeper(world):
    card = ImageCard.objects.first()
    with pytest.raises(InvalidInput):
        reissue_card(world.actor(Role.REGISTRAR), card, reason="  ")
    for actor in (world.stranger(Role.REGISTRAR), world.actor(Role.COLLEGE_OFFICER)):
        with pytest.raises(PermissionRefusal):
            reissue_card(actor, card, reason="遗失")


def test_two_who_print_at_once_do_not_print_one_code_twice(world):
    cards = list(ImageCard.objects.all())
    print_cards(world.actor(Role.REGISTRAR), package(), cards=cards)
    with pytest.raises(Refusal) as refused:
        print_cards(world.actor(Role.REGISTRAR), package(), cards=cards)
    assert refused.value.code == "delivery.card_printed"


def test_the_longest_names_and_schools_stay_in_their_place_on_the_card():
    names = ("测试甲", "穆罕默德·本·阿卜杜勒·阿齐兹·艾力·吐尔逊江·买买提明")
    schools = ("示范大学", "示范省示范市职业技术师范大学继续教育与现代远程教育联合示范学院")
    group = "计算机科学与技术（中外合作办学大数据方向）2201班"
    cards = [
        PrintedCard(name, "2022000001", "99901", school, "2026届春季", group, "00001", "ABCD2345", 2, jpeg(1))
        for name, school in zip(names, schools, strict=True)
    ]
    pdf = card_sheets(cards, title="卡", portal="https://verify.example.edu", dated=timezone.localtime())
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    mm = 72 / 25.4

    def boxes(words: str) -> list[tuple[float, float]]:
        """Lower and upper edge of every occurrence, in millimetres from the foot of the page."""
        search, found = page.search(words), []
        while hit := search.get_next():
            edges = [page.get_charbox(place) for place in range(hit[0], hit[0] + hit[1])]
            found.append((min(e[1] for e in edges) / mm, max(e[3] for e in edges) / mm))
        return found

    top = 297 - (297 - 3 * 92) / 2
    photo, foot = top - 10.5, [upper for _, upper in boxes("拍摄序号")]
    assert len(foot) == 2
    assert all(lower > photo - 0.2 for lower, _ in boxes("毕业生图像信息卡")), "the heading ends above the photograph"
    assert all(upper < top for _, upper in (*boxes("示范大学"), *boxes("示范省")))
    for (lower, _), line in zip(boxes("ABCD 2345"), foot, strict=True):
        assert lower > line, "the code stands above the foot, however long the name"
    assert len({round(upper, 1) for upper in foot}) == 1, "the foot is one line"


def test_a_name_the_font_lacks_is_framed_and_the_class_still_prints(world):
    card = PrintedCard("测\ue000", "1", "99901", "示范大学", "2026届春季", "1班", "00001", "ABCD2345", 1, jpeg(1))
    sheet = pypdfium2.PdfDocument(card_sheets([card], title="卡", portal="https://x", dated=timezone.localtime()))
    assert "U+E000" in sheet[0].get_textpage().get_text_range()
    person = ImageCard.objects.first().candidate
    type(person).objects.filter(pk=person.pk).update(name="测\ue000")
    assert print_class(world).status_code == 200
    assert ImageCard.objects.filter(printed_at__isnull=False).exists()


def test_r65_the_protocol_counts_by_class_and_asks_for_signatures_and_seal(world):
    answer = staff(world, Role.REGISTRAR).get(f"/delivery/{package().pk}/protocol/")
    text = words(answer.content)
    for wanted in ("毕业生图像交接单", "计科2201", "照片 11 张", "交付人", "接收人", "接收单位公章", str(package())):
        assert wanted in text


def test_before_the_delivery_there_is_no_paper(world):
    Package.objects.update(delivered_at=None)
    office = staff(world, Role.REGISTRAR)
    assert office.get(f"/delivery/{package().pk}/protocol/").status_code == 409
    assert print_class(world).status_code == 409


def test_the_card_is_set_in_a_few_millimetres_with_cut_marks_outside(world):
    (sheet, _) = pages(print_class(world).content)
    grey = sheet.convert("L")
    mm = 200 / 25.4
    left, top = (210 - 3 * 63) / 2, (297 - 3 * 92) / 2
    mark = grey.crop((int((left - 6) * mm), int((top - 0.6) * mm), int((left - 2) * mm), int((top + 0.6) * mm)))
    assert mark.getextrema()[0] < 160, "a cut mark stands left of the upper edge"
