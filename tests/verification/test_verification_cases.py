"""The case behind the portal: opened by the school, decided by the graduate alone, once."""

import io
from functools import partial

import pytest
from django.test import Client
from openpyxl import load_workbook

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.delivery.models import PackageStatus
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.permissions import roles_of
from gradphoto.apps.verification.actions import (
    confirm_case,
    dispute_photo,
    expire_case,
    open_cases,
    submit_corrections,
    view_case,
)
from gradphoto.apps.verification.corrections import CorrectionsRefusal
from gradphoto.apps.verification.evidence import fingerprint
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from verification.graduate_world import (
    add_graduate,
    at_once,
    audited,
    confirmed_case,
    enter_portal,
    graduate,
    let_the_day_pass,
    open_case,
    press_no_error,
    set_verifying,
    several_connections,
    staff,
)
from world import build_world, made_up_id_number

pytestmark = pytest.mark.django_db


def test_cases_open_for_delivered_portraits_only_and_once():
    world = build_world()
    add_graduate(world, 1)
    add_graduate(world, 2, package_status=PackageStatus.READY)
    registrar = world.actor(Role.REGISTRAR)
    assert open_cases(registrar, world.campaign) == 1
    assert open_cases(registrar, world.campaign) == 0
    add_graduate(world, 3, package_status=PackageStatus.CHECKED)
    assert open_cases(registrar, world.campaign) == 1


def test_r12_a_season_is_opened_by_itself():
    world = build_world()
    add_graduate(world, 1, season=Season.SPRING)
    add_graduate(world, 2, season=Season.AUTUMN)
    assert open_cases(world.actor(Role.COLLECTION_CENTRE), world.campaign, season=Season.AUTUMN) == 1
    assert VerificationCase.objects.get().candidate.season == Season.AUTUMN


@pytest.mark.parametrize("role", [Role.COLLEGE_OFFICER, Role.COUNSELLOR, Role.NATIONAL_REVIEWER, Role.HEAD_OFFICE])
def test_others_do_not_open_verification(role):
    world = build_world()
    with pytest.raises(PermissionRefusal):
        open_cases(world.actor(role), world.campaign)


def test_a_stranger_does_not_open_it():
    world = build_world()
    with pytest.raises(PermissionRefusal):
        open_cases(world.stranger(Role.REGISTRAR), world.campaign)


@pytest.mark.parametrize("step", [view_case, confirm_case])
def test_r165_nobody_decides_for_the_graduate(step):
    world = build_world()
    case, other = open_case(world, 1), open_case(world, 2)
    actors = [world.actor(role) for role in Role] + [graduate(other), Actor.system("demo")]
    for actor in actors:
        with pytest.raises(PermissionRefusal):
            step(actor, case)


def test_r164_after_the_confirmation_nothing_is_possible():
    world = build_world()
    case = confirmed_case(world, 1)
    me = graduate(case)
    attempts = [
        lambda: confirm_case(me, case, shown=fingerprint(case)),
        lambda: view_case(me, case),
        lambda: submit_corrections(me, case, entered={"major": "软件工程"}),
        lambda: dispute_photo(me, case, reason="模糊"),
        lambda: expire_case(world.actor(Role.REGISTRAR), case),
    ]
    for attempt in attempts:
        with pytest.raises(StepRefusal):
            attempt()
    assert case.confirmed_at is not None


@pytest.mark.django_db(transaction=True)
def test_r164_two_tabs_and_a_double_click_confirm_exactly_once(tmp_path):
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    with several_connections(tmp_path):
        copies = [VerificationCase.objects.get(pk=case.pk) for _ in range(6)]
        shown = fingerprint(case)
        outcomes = at_once(*(partial(confirm_case, graduate(case), copy, shown=shown) for copy in copies))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", *["StepRefusal"] * 5]
        assert len(audited("verification.confirm_case")) == 1


@pytest.mark.django_db(transaction=True)
def test_r164_six_taps_on_the_page_give_one_confirmation_and_five_sentences(tmp_path):
    world = build_world()
    case = open_case(world, 1)
    with several_connections(tmp_path):
        tabs = [enter_portal(case.candidate) for _ in range(6)]
        answers = at_once(*(partial(press_no_error, tab) for tab in tabs))
        assert sorted(answer.status_code for answer in answers) == [302, *[409] * 5]
        assert sum("不能再次校对" in answer.content.decode() for answer in answers) == 5


@pytest.mark.django_db(transaction=True)
def test_the_closing_and_the_confirmation_at_the_same_moment_leave_one_end(tmp_path):
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    # The person's own second look is over, the season is not: both doors are open to the last one who comes.
    with several_connections(tmp_path):
        mine, theirs = (VerificationCase.objects.get(pk=case.pk) for _ in range(2))
        outcomes = at_once(
            partial(confirm_case, graduate(case), mine, shown=fingerprint(case)),
            partial(expire_case, world.actor(Role.REGISTRAR), theirs),
        )
        case.refresh_from_db()
        confirmed, expired = (outcome is None for outcome in outcomes)
        assert (confirmed, expired) == (case.status == CaseStatus.CONFIRMED, case.status == CaseStatus.EXPIRED)
        assert confirmed != expired


def test_corrections_replace_the_earlier_ones_and_change_nothing_yet():
    world = build_world()
    case = open_case(world, 1)
    me = graduate(case)
    view_case(me, case)
    submit_corrections(me, case, entered={"name": "测试改", "major": "软件工程"})
    submit_corrections(me, case, entered={"major": "网络工程"})
    assert {c.field: c.entered.decrypt() for c in case.corrections.all()} == {"major": "网络工程"}
    case.candidate.refresh_from_db()
    assert case.candidate.major == "计算机科学与技术"


def test_r163_corrections_without_a_confirmation_have_no_effect():
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    submit_corrections(graduate(case), case, entered={"major": "软件工程"})
    let_the_day_pass(world)
    expire_case(world.actor(Role.REGISTRAR), case)
    assert case.status == CaseStatus.EXPIRED
    case.candidate.refresh_from_db()
    assert case.candidate.major == "计算机科学与技术"


@pytest.mark.parametrize(
    ("entered", "at_fault"),
    [
        ({"name": ""}, "name"),
        ({"name": "测试1"}, "name"),
        ({"sex": "unknown"}, "sex"),
        ({"sex": "female"}, "sex"),
        ({"birth_date": "2004/03/06"}, "birth_date"),
        ({"birth_date": "2004-03-06"}, "birth_date"),
        ({"id_number": "123"}, "id_number"),
        ({"id_number": made_up_id_number(8)}, "id_number"),
        ({"level": "本"}, "level"),
        ({"level": "专科"}, None),
        ({"level": "幼儿园"}, "level"),
        ({"degree_category": "小学"}, "degree_category"),
        ({"school_kind": "私塾"}, "school_kind"),
        ({"major": "<script>alert(1)</script>"}, "major"),
        ({"student_no": "=1+1"}, "student_no"),
        ({"level": "本科"}, "level"),
        ({"level": "长" * 21}, "level"),
        ({"status": "removed"}, "status"),
        ({"id_number": made_up_id_number(8), "sex": "female"}, None),
    ],
)
def test_r163_every_entered_value_is_checked_by_its_field(entered, at_fault):
    world = build_world()
    case = open_case(world, 1)  # a man born on 2004-03-05
    view_case(graduate(case), case)
    if at_fault is None:
        submit_corrections(graduate(case), case, entered=entered)
        assert case.status == CaseStatus.CORRECTED
        return
    with pytest.raises(CorrectionsRefusal) as refused:
        submit_corrections(graduate(case), case, entered=entered)
    assert set(refused.value.fields) == {at_fault}
    assert case.status == CaseStatus.VIEWED


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Nguyễn Văn An", "Nguyễn Văn An"),
        ("王　五", "王五"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("O’Neil", "O’Neil"),
    ],
)
def test_r163_a_corrected_name_keeps_what_belongs_to_it(typed, kept):
    case = open_case(build_world(), 1)
    view_case(graduate(case), case)
    submit_corrections(graduate(case), case, entered={"name": typed})
    assert case.corrections.get(field="name").entered.decrypt() == kept


def test_the_corrected_number_is_sealed_masked_and_absent_from_the_audit():
    world = build_world()
    case = open_case(world, 1)
    number = made_up_id_number(9, male=True)
    view_case(graduate(case), case)
    submit_corrections(graduate(case), case, entered={"id_number": number})
    correction = case.corrections.get()
    assert number.encode() not in bytes(correction.entered.sealed())
    assert "*" in correction.shown
    assert audited("verification.submit_corrections")[0].detail["fields"] == ["id_number"]
    page = staff(world, Role.COLLEGE_OFFICER).get(f"/verification/{case.pk}/").content.decode()
    assert number not in page
    assert case.candidate.id_number.decrypt() not in page


def test_nothing_is_verified_before_the_campaign_opens():
    world = build_world()
    person = add_graduate(world, 1)
    open_cases(world.actor(Role.REGISTRAR), world.campaign)
    case = VerificationCase.objects.get(candidate=person)
    with pytest.raises(Refusal, match=r"verification\.not_open"):
        view_case(graduate(case), case)
    set_verifying(world)
    view_case(graduate(case), case)
    assert case.status == CaseStatus.VIEWED


def test_r171_colleges_get_their_own_unverified_as_a_list_without_id_numbers():
    world = build_world()
    confirmed_case(world, 1)
    late = open_case(world, 2)
    elsewhere = open_case(world, 3, department=world.other_department)
    answer = staff(world, Role.COLLEGE_OFFICER).get("/verification/reminder/")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    cells = [str(cell) for row in rows for cell in row]
    assert late.candidate.student_no in cells
    assert "2022000001" not in cells
    assert elsewhere.candidate.student_no not in cells
    assert not any(late.candidate.id_number.decrypt() in cell for cell in cells)
    assert audited("verification.export_unverified")[0].detail["rows"] == 1


def test_the_staff_list_filters_by_season_and_state():
    world = build_world()
    confirmed_case(world, 1)
    open_case(world, 2, season=Season.AUTUMN)
    browser = staff(world, Role.REGISTRAR)

    def numbers(query: str) -> set[str]:
        page = browser.get(f"/verification/{query}").content.decode()
        return {number for number in ("2022000001", "2022000002") if number in page}

    assert numbers("") == {"2022000001", "2022000002"}
    assert numbers("?season=autumn") == {"2022000002"}
    assert numbers("?status=unverified") == {"2022000002"}
    assert numbers("?status=confirmed&season=autumn") == set()
    assert numbers("?q=2022000001") == {"2022000001"}


def test_a_stranger_sees_no_case_and_no_photo():
    world = build_world()
    case = open_case(world, 1)
    for role in (Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.HEAD_OFFICE, Role.COLLECTION_CENTRE):
        browser = staff(world, role, stranger=True)
        assert "2022000001" not in browser.get("/verification/").content.decode()
        assert browser.get(f"/verification/{case.pk}/").status_code == 404
        assert browser.get(f"/verification/{case.pk}/photo/").status_code == 404


def test_the_registrar_opens_verification_on_the_page():
    world = build_world()
    add_graduate(world, 1)
    browser = staff(world, Role.REGISTRAR)
    assert "开放校对" in browser.get("/verification/").content.decode()
    opening = {"form": "open_cases", "row": world.campaign.pk}
    browser.post("/verification/", {**opening, "season": "spring"})
    assert VerificationCase.objects.count() == 1
    officer = staff(world, Role.COLLEGE_OFFICER)
    assert officer.post("/verification/", opening).status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_every_staff_page_answers_a_get_or_refuses_by_role(role):
    world = build_world()
    case = open_case(world, 1)
    browser = staff(world, role)
    readers = {role.value for role in roles_of("verification.read")}
    for path in ("", "disputes/", f"{case.pk}/", f"{case.pk}/photo/"):
        expected = (200,) if role.value in readers else (403,)
        if role is Role.LEARNING_CENTRE and path.startswith(str(case.pk)):
            expected = (404,)  # the person belongs to another department
        assert browser.get(f"/verification/{path}").status_code in expected, path
    assert Client().get("/verification/").status_code == 302
