"""A college reads how far the delivery of its own people is, prints the list to hand out cards, and changes nothing."""

from datetime import timedelta

import pypdfium2
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.delivery.college import classes
from gradphoto.apps.delivery.models import ImageCard, Package
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.verification.actions import open_cases, view_case
from gradphoto.apps.verification.models import VerificationCase
from verification.graduate_world import add_graduate, confirm, graduate, set_verifying, staff
from world import add_candidate, build_world, put

pytestmark = pytest.mark.django_db
COLLEGE = (Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.COLLEGE_LEADER)


@pytest.fixture
def world():
    world = build_world()
    for n in (1, 2, 3):
        add_graduate(world, n)
    add_graduate(world, 4, department=world.other_department)
    add_candidate(world, 5)
    Package.objects.update(delivered_at=timezone.now())
    ImageCard.objects.filter(candidate__student_no="2022000001").update(printed_at=timezone.now())
    set_verifying(world)
    open_cases(world.actor(Role.REGISTRAR), world.campaign)
    case = VerificationCase.objects.get(candidate__student_no="2022000001")
    view_case(graduate(case), case)
    confirm(case)
    return world


def at(world, name: str) -> str:
    return f"{reverse(name, args=[world.campaign.pk])}?department={world.department.pk}&season=spring&class=计科2201"


def words(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def test_the_progress_counts_only_the_college_s_own_people(world):
    (row,) = classes(world.actor(Role.COLLEGE_OFFICER), world.campaign)
    assert (row.people, row.shot, row.made, row.delivered, row.printed) == (4, 3, 3, 3, 1)
    assert (row.opened, row.confirmed, row.unverified) == (3, 1, 2)
    assert len(classes(world.actor(Role.REGISTRAR), world.campaign)) == 2


@pytest.mark.parametrize("role", COLLEGE)
def test_the_delivery_of_a_college_opens_on_its_classes(world, role):
    browser = staff(world, role)
    assert browser.get(reverse("delivery:list")).url == reverse("delivery:college")
    page = browser.get(reverse("delivery:college")).content.decode()
    assert "计科2201" in page
    assert "外语学院" not in page
    sheet = browser.get(at(world, "delivery:college_class")).content.decode()
    assert sheet.count("check-tile") == 4
    assert "未拍摄" in sheet
    late = browser.get(at(world, "delivery:college_class") + "&show=unverified").content.decode()
    assert late.count("check-tile") == 2


def test_r64_the_hand_out_list_names_everybody_and_leaves_room_to_sign(world):
    text = words(staff(world, Role.COLLEGE_OFFICER).get(at(world, "delivery:hand_out")).content)
    for person in Candidate.objects.filter(department=world.department):
        assert person.student_no in text
        assert person.id_number.decrypt() not in text
    for wanted in ("图像信息卡领取登记表", "本人签名", "不得代领", "共 4 人，可领 1 张", "待打印", "未交付"):
        assert wanted in text


def test_another_college_and_a_stranger_see_nothing_of_it(world):
    elsewhere = at(world, "delivery:college_class").replace(
        f"department={world.department.pk}", f"department={world.other_department.pk}"
    )
    assert staff(world, Role.COLLEGE_OFFICER).get(elsewhere).status_code == 404
    stranger = staff(world, Role.COLLEGE_OFFICER, stranger=True)
    assert stranger.get(at(world, "delivery:hand_out")).status_code == 404
    assert "计科2201" not in stranger.get(reverse("delivery:college")).content.decode()


def test_the_college_checks_nothing_and_fetches_nothing(world):
    browser, package = staff(world, Role.COLLEGE_OFFICER), Package.objects.first()
    for name in ("check", "cards", "download", "reports"):
        assert browser.get(reverse(f"delivery:{name}", args=[package.pk])).status_code == 403


def test_the_pages_cost_no_query_a_person(world):
    browser, counts = staff(world, Role.COLLEGE_OFFICER), []
    for people in ((), (11, 12, 13)):
        for n in people:
            add_graduate(world, n)
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("delivery:college"))
            browser.get(at(world, "delivery:college_class"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_packages_are_searched_filtered_sorted_and_exported(world):
    """Issue 12: one list for the page and the file; a filter that is wrong refuses the file."""
    package, today = Package.objects.latest("pk"), timezone.localdate()
    put(Package.objects.filter(pk=package.pk), status="delivered")
    Package.objects.filter(pk=package.pk).update(check_due=today - timedelta(days=1))
    browser, address = staff(world, Role.REGISTRAR), reverse("delivery:list")

    def shown(query: str) -> list[Package]:
        return list(browser.get(f"{address}?{query}").context["listing"].shown)

    assert shown("") == list(Package.objects.order_by("-created_at", "-pk"))
    assert shown(f"q={package}") == shown("overdue=1") == [package]
    assert shown(f"q={package.organisation.name[:3]}&sort=number") == list(Package.objects.order_by("number"))
    assert shown("q=没有这个单位") == shown("season=autumn") == []
    assert "已逾期" in browser.get(address).content.decode()
    file = browser.get(reverse("delivery:export"), {"format": "csv", "overdue": "1"})
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert str(package) in lines[1]
    assert browser.get(reverse("delivery:export"), {"season": "winter"}).status_code == 400
    assert staff(world, Role.COUNSELLOR).get(reverse("delivery:export")).status_code == 403


def test_who_sees_many_colleges_sees_one_at_a_time(world):
    for n in range(3):
        unit = Organisation.objects.create(kind="department", name=f"学院{n}", code=f"1{n}", parent=world.school)
        add_candidate(world, 20 + n, department=unit)
    browser, address = staff(world, Role.REGISTRAR), reverse("delivery:college")
    first = browser.get(address).content.decode()
    assert first.count("class-cell") == 1
    other = browser.get(f"{address}?department={unit.pk}").content.decode()
    assert other.count("class-cell") == 1
    assert f'<option value="{unit.pk}" selected>' in other
