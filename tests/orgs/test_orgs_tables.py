"""Units and people in one go: a table read, mapped, checked row by row, taken over; units renamed, moved, archived."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.actions import archive_organisation, change_organisation, move_organisation
from gradphoto.apps.orgs.models import Membership, Organisation, Role, TableImport, User
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Candidate
from roster_engine.made_up_rosters import workbook
from world import add_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(world):
    person = User.objects.create(username="school-admin", display_name="学校管理员")
    Membership.objects.create(user=person, organisation=world.school, role=Role.ADMINISTRATOR)
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


def hand_in(office, kind, cells, name="表.xlsx"):
    data = cells if isinstance(cells, bytes) else workbook({"表": cells})
    answer = office.post(f"/people/import/{kind}/", {"file": SimpleUploadedFile(name, data)}, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    return TableImport.objects.latest("pk"), answer.content.decode()


def test_fifteen_departments_come_by_one_upload_and_stand_in_the_order_of_their_codes(office, world):
    """D1: the code table of S1, headings as a school writes them, in any order."""
    names = [
        "政法",
        "体育",
        "中文",
        "外语",
        "新闻",
        "音乐",
        "美术",
        "数学",
        "物电",
        "化工",
        "机械",
        "信息",
        "电子",
        "土建",
        "经管",
    ]
    rows = [[f"{n:02d}", f"{name}学院"] for n, name in enumerate(names, start=1)]
    made, page = hand_in(office, "units", [["院系代码", "院系名称"], *reversed(rows)])
    assert "新增 14，更新 1" in page, "one is there already under another code"
    office.post(f"/people/import/{made.pk}/", {"form": "take_table"})
    own = Organisation.objects.filter(parent=world.school, kind="department")
    assert own.filter(name__in=[f"{name}学院" for name in names]).count() == 15
    assert own.get(name="外语学院").code == "04"
    shown = office.get("/people/organisations/").content.decode()
    assert shown.index("政法学院") < shown.index("体育学院") < shown.index("经管学院")
    made.refresh_from_db()
    assert (made.state, made.rows) == ("taken", [])


def test_a_unit_of_the_file_may_hang_below_one_of_the_same_file(office, world):
    made, _ = hand_in(
        office,
        "units",
        [["名称", "上级单位", "类别"], ["远程学院", "", "院系"], ["远程江北中心", "远程学院", "校外学习中心"]],
    )
    office.post(f"/people/import/{made.pk}/", {"form": "take_table"})
    assert Organisation.objects.get(name="远程江北中心").parent.name == "远程学院"


def test_fifty_accounts_take_one_upload_and_the_wrong_rows_stay_with_their_reason(office, world):
    good = [[f"教师{n}", f"t{n:04d}", "计算机学院", "毕业班辅导员", f"0731-{n:07d}", "教一楼"] for n in range(50)]
    wrong = [
        ["无工号", "", "计算机学院", "毕业班辅导员", "", ""],
        ["重复", "t0001", "计算机学院", "毕业班辅导员", "", ""],
        ["别校", "x1", "他校学院", "毕业班辅导员", "", ""],
        ["错位", "x2", "计算机学院", "教务处", "", ""],
        ["错角色", "x3", "计算机学院", "班长", "", ""],
        ["错账号", "张 三", "计算机学院", "毕业班辅导员", "", ""],
    ]
    made, page = hand_in(office, "people", [["姓名", "工号", "院系", "岗位", "联系电话", "办公地点"], *good, *wrong])
    assert "新增 50" in page
    assert "有误 6" in page
    for sentence in (
        "没有填写。",
        "与第 3 行重复",
        "“他校学院”不能唯一确定",
        "“教务处”不能设在“计算机学院”",
        "“班长”不能唯一确定",
    ):
        assert sentence in page
    before = User.objects.count()
    office.post(f"/people/import/{made.pk}/", {"form": "take_table"})
    assert User.objects.count() == before + 50
    one = User.objects.get(username="t0007")
    assert (one.telephone, one.office, one.has_usable_password()) == ("0731-0000007", "教一楼", False)
    assert one.memberships.get().role == Role.COUNSELLOR
    made.refresh_from_db()
    assert len(made.rows) == 6, "what was taken over is not kept twice"
    again, page = hand_in(office, "people", [["姓名", "工号", "院系", "岗位"], *[row[:4] for row in good]])
    assert "已有 50" in page
    assert office.post(f"/people/import/{again.pk}/", {"form": "take_table"}).status_code == 409


def test_a_heading_nobody_knows_is_mapped_by_hand(office):
    made, page = hand_in(
        office, "people", [["谁", "登录", "哪里", "干什么"], ["甲", "jia", "计算机学院", "学院负责人"]]
    )
    assert "有误 1" in page
    asked = {
        "form": "map_table",
        "column_0": "display_name",
        "column_1": "username",
        "column_2": "unit",
        "column_3": "role",
    }
    page = office.post(f"/people/import/{made.pk}/", asked, follow=True).content.decode()
    assert "新增 1" in page
    twice = office.post(f"/people/import/{made.pk}/", {**asked, "column_3": "unit"})
    assert (twice.status_code, "同一项目指定了两列" in twice.content.decode()) == (422, True)


@pytest.mark.parametrize("kind", ["units", "people"])
def test_the_template_is_read_back_as_it_is(office, kind):
    book = office.get(f"/people/import/{kind}/template/").content
    assert openpyxl.load_workbook(io.BytesIO(book)).sheetnames == ["导入", "说明"]
    made, _ = hand_in(office, kind, book)
    assert len(made.mapping) == len(made.header)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 not a table", b"PK\x03\x04 torn"])
def test_what_is_no_table_is_refused_with_a_sentence(office, data):
    answer = office.post("/people/import/people/", {"file": SimpleUploadedFile("x.xlsx", data)})
    assert answer.status_code == 422
    assert "alert-danger" in answer.content.decode() or "field-error" in answer.content.decode()
    assert not TableImport.objects.exists()


def test_only_the_own_administrator_sees_a_table(office, world):
    made, _ = hand_in(office, "units", [["名称"], ["新学院"]])
    other = Client()
    other.force_login(world.strangers[Role.ADMINISTRATOR], "django.contrib.auth.backends.ModelBackend")
    assert other.get(f"/people/import/{made.pk}/").status_code == 404
    assert other.post(f"/people/import/{made.pk}/", {"form": "take_table"}).status_code == 404
    assert not Organisation.objects.filter(name="新学院").exists()


def test_a_unit_is_renamed_and_its_old_name_stays_on_record(office, world):
    unit = world.department
    asked = {"form": "change_organisation", "name": "人工智能学院", "code": "31", "name_en": "AI"}
    office.post(f"/people/organisations/{unit.pk}/", asked)
    unit.refresh_from_db()
    assert (unit.name, unit.code) == ("人工智能学院", "31")
    assert "计算机学院" in office.get(f"/people/organisations/{unit.pk}/").content.decode()
    refused = office.post(f"/people/organisations/{unit.pk}/", {**asked, "name": "外语学院"})
    assert (refused.status_code, 'value="外语学院"' in refused.content.decode()) == (422, True)


def test_a_unit_moves_with_all_below_it_and_their_people(world):
    person = add_candidate(world, 1, department=world.department)
    deep = Organisation.objects.create(kind="learning_centre", name="分部", parent=world.department)
    office = world.actor(Role.ADMINISTRATOR)
    move_organisation(office, world.department, parent=world.other_department)
    deep.refresh_from_db()
    world.other_department.refresh_from_db()
    assert deep.path.startswith(world.other_department.path)
    seen = scoped(world.actor(Role.REGISTRAR), Candidate)
    assert person in seen
    with pytest.raises(Refusal, match=r"orgs\.organisation_in_itself"):
        move_organisation(office, world.other_department, parent=deep)


def test_an_archived_unit_is_offered_nowhere_and_comes_back(office, world):
    unit = Organisation.objects.create(kind="department", name="旧学院", parent=world.school)
    Membership.objects.filter(organisation=unit).delete()
    with pytest.raises(Refusal, match=r"orgs\.still_people"):
        archive_organisation(world.actor(Role.ADMINISTRATOR), world.department, reason="撤并")
    office.post(f"/people/organisations/{unit.pk}/", {"form": "archive_organisation", "reason": "撤并"})
    assert "旧学院</option>" not in "".join(office.get("/people/").content.decode().split())
    assert "已撤销" in office.get("/people/organisations/").content.decode()
    office.post(f"/people/organisations/{unit.pk}/", {"form": "restore_organisation", "reason": "恢复招生"})
    unit.refresh_from_db()
    assert unit.archived_at is None
    assert AuditEntry.objects.filter(action="orgs.archive_organisation").latest("pk").detail["reason"] == "撤并"


def test_nobody_changes_a_unit_that_is_not_below_them(world):
    stranger = world.stranger(Role.ADMINISTRATOR)
    with pytest.raises(Refusal, match=r"core\.not_permitted"):
        change_organisation(stranger, world.department, name="x", code="", name_en="")
    with pytest.raises(Refusal, match=r"core\.not_permitted"):
        move_organisation(world.actor(Role.REGISTRAR), world.department, parent=world.school)


def test_columns_of_a_school_with_headings_and_words_of_its_own_are_found(office, world):
    """A title above, 院系号 and 性质 as headings, 教学院 as a kind, a centre known by its name alone: all are understood, and shown."""
    table, body = hand_in(office, "units", [
        ["各教学院一览表"], ["序号", "院系全称", "院系号", "性质", "备注"],
        ["1", "地理学院", "31", "教学院", ""], ["2", "历史学院", "32", "教学院", ""], ["3", "新华社本省分社", "", "", ""],
        ["4", "江南函授站", "901", "", ""],
    ])  # fmt: skip
    assert table.mapping == {"name": 1, "code": 2, "kind": 3}
    assert "新增 4，更新 0，已有 0，有误 0" in body
    assert "→ 院系" in " ".join(body.split())
    office.post(f"/people/import/{table.pk}/", {"form": "take_table"})
    made = {one.name: (one.code, one.kind) for one in Organisation.objects.all()}
    assert made["地理学院"] == ("31", "department")
    assert made["新华社本省分社"] == ("", "collection_centre")
    assert made["江南函授站"] == ("901", "learning_centre")


def test_the_columns_of_people_are_found_by_what_stands_in_them(office, world):
    table, body = hand_in(office, "people", [
        ["教师", "教师工号", "在哪里", "做什么", "手机号码"],
        ["孙老师", "s1", world.department.name, "辅导员", "13900000000"],
        ["钱老师", "s2", world.school.name, "学工处", ""], ["吴老师", "s3", world.department.name, "副书记", ""],
        ["郑老师", "s4", world.department.name, "打杂", ""],
    ])  # fmt: skip
    assert {"username": 1, "unit": 2, "role": 3, "telephone": 4}.items() <= table.mapping.items()
    assert "display_name" not in table.mapping or table.mapping["display_name"] == 0
    assert "教学秘书" in body, "roles that fit a department are offered"
    assert "国家中心审核员" not in body.split("打杂")[1].split("可用：")[-1]


def test_units_are_offered_by_code_and_people_listed_by_unit(office, world, settings):
    """D1: as the school numbers them, 2 before 10, units without a code last; a slip for each college lies beside its others."""
    settings.SITE_URL = "http://127.0.0.1:8000"
    for name, code in (("丙学院", "10"), ("乙学院", "2"), ("无号学院", "")):
        unit = Organisation.objects.create(name=name, code=code, kind="department", parent=world.school)
        person = User.objects.create(username=f"u-{name}", display_name=f"{name}的人")
        Membership.objects.create(user=person, organisation=unit, role=Role.COUNSELLOR)
    page = office.get("/people/").content.decode()
    offered = page.split('name="organisation"')[1].split("</select>")[0]
    assert offered.index("乙学院") < offered.index("丙学院") < offered.index("无号学院")
    assert page.index(">乙学院的人") < page.index(">丙学院的人")
    assert "只有这台电脑能打开" in page
    settings.SITE_URL = "https://xj.example.edu.cn"
    assert "只有这台电脑能打开" not in office.get("/people/").content.decode()
