"""The papers of the roster (R42-R44, R52, R55-R62): what stands on them, their numbers, and who gets them."""

import io
import re
import zipfile
from urllib.parse import urlencode, urlsplit

import openpyxl
import pypdfium2
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import cases
from gradphoto.apps.roster.models import (
    Candidate,
    CandidateStatus,
    CorrectionCase,
    Document,
    Origin,
    PaperBundle,
    PaperKind,
    Route,
    SignedPage,
)
from gradphoto.apps.roster.papers import bundles
from queued_jobs import run_queued
from world import add_candidate, build_world

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
S, K = CandidateStatus, PaperKind
ID_NUMBER = re.compile(r"990101\d{11}[\dX]")


@pytest.fixture
def world():
    made = build_world()
    for n in (3, 1, 2):
        add_candidate(made, n, status=S.CHECKED)
    return made


def client(world, role=Role.REGISTRAR, people=None):
    browser = Client()
    browser.force_login((people or world.people)[role], BACKEND)
    return browser


def text_of(pdf):
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return "\n".join(pages).replace("\r", "")


def cells_of(xlsx):
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx)).active
    return [[cell.value or "" for cell in row] for row in sheet.iter_rows()]


def take(browser, world, kind, season="spring", made_as="pdf", **more):
    asked = urlencode({"campaign": world.campaign.pk, "season": season, **more})
    return browser.post(
        f"/roster/papers/?{asked}", {"form": "make_paper", "row": world.campaign.pk, "kind": kind, "made_as": made_as}
    )


def test_r42_the_check_table_stands_in_shooting_order_with_room_to_sign_and_both_signatures(world):
    cases.note_error(world.actor(Role.COLLEGE_OFFICER), Candidate.objects.get(student_no="2022000002"), field="sex")
    text = text_of(take(client(world), world, K.CHECK_TABLE).content)
    numbers = re.findall(r"2022\d{6}", text)
    assert numbers == ["2022000001", "2022000002", "2022000003"]
    for said in ("2026届预计毕业生图像采集信息核对表", "学生签名", "辅导员", "主管学生工作院领导", "（学院盖章）", "春季", "计科2201",
                 "性别有误", "第 1 页", "计算机学院"):  # fmt: skip
        assert said in text
    assert Document.objects.get().number in text


def test_whole_id_numbers_stand_only_on_the_registrars_copy_and_the_printing_is_on_record(world):
    whole = text_of(take(client(world), world, K.CHECK_TABLE).content)
    masked = text_of(take(client(world, Role.COLLEGE_OFFICER), world, K.CHECK_TABLE).content)
    assert len(set(ID_NUMBER.findall(whole))) == 3
    assert ID_NUMBER.search(masked) is None
    assert "证件号码已遮盖" in masked
    noted = list(AuditEntry.objects.filter(action="roster.issue_paper").order_by("pk"))
    assert [entry.detail["with_id_numbers"] for entry in noted] == [3, 0]
    assert Document.objects.count() == 2, "another text, another number"


def test_the_same_data_keep_their_number_and_changed_data_get_a_new_one(world):
    browser = client(world)
    first = take(browser, world, K.REGISTER).content
    assert take(browser, world, K.REGISTER).content == first
    take(browser, world, K.REGISTER, made_as="xlsx")
    assert Document.objects.count() == 1
    Candidate.objects.filter(student_no="2022000001").update(native_place="湖南省岳阳县")
    take(browser, world, K.REGISTER)
    numbers = set(Document.objects.values_list("number", flat=True))
    assert len(numbers) == 2
    old, new = Document.objects.order_by("pk")
    page = browser.get(f"/roster/papers/d/{old.number}/").content.decode()
    assert new.number in page, "the page of the old paper leads to the newest"


def test_r12_spring_and_autumn_are_separate_files(world):
    add_candidate(world, 9, season=Season.AUTUMN)
    browser = client(world)
    spring, autumn = (text_of(take(browser, world, K.REGISTER, season).content) for season in ("spring", "autumn"))
    assert "2022000009" in autumn
    assert "2022000009" not in spring
    assert "2022000001" not in autumn
    page = browser.get("/roster/papers/?season=autumn").content.decode()
    assert "1 人" in page
    assert "3 人" not in page


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (K.CHECK_TABLE, "图像采集信息核对表"),
        (K.REGISTER, "预计毕业生情况登记表"),
        (K.ADDED, "预计毕业生添加名单汇总表"),
        (K.DELETED, "预计毕业生删除名单汇总表"),
        (K.ERRATA, "预计毕业生信息校对勘误汇总表"),
        (K.HEADCOUNT, "预计毕业生人数统计表"),
        (K.ONLINE_ERRATA, "预计毕业生网上图像信息检查勘误汇总表"),
        (K.SUMMARY, "高等教育学历证书图像信息采集汇总表"),
        (K.STATISTICS, "预计毕业生信息核对进度统计表"),
        (K.CARDS, "图像采集信息卡"),
    ],
)
def test_r40_every_paper_is_a_pdf_and_an_xlsx_of_the_same_data(world, kind, title):
    person = add_candidate(world, 4, status=S.CHECKED, name="阿卜杜拉·买买提")
    Candidate.objects.filter(pk=person.pk).update(origin=Origin.ADDED, added_reason="名册遗漏")
    gone = add_candidate(world, 5, status=S.REMOVED)
    Candidate.objects.filter(pk=gone.pk).update(status_reason="学分不足")
    cases.note_error(world.actor(Role.COLLEGE_OFFICER), person, field="name", value="阿卜杜拉·买买")
    browser = client(world, Role.COLLEGE_OFFICER)
    text = text_of(take(browser, world, kind).content)
    cells = [cell for row in cells_of(take(browser, world, kind, made_as="xlsx").content) for cell in row]
    flat = "".join(text.split())
    assert title in flat
    assert title in "".join(cells)
    known = {"学号": r"2022\d{6}"}
    on_paper = set(re.findall(known["学号"], flat))
    assert on_paper == {cell for cell in cells if re.fullmatch(known["学号"], cell)}
    if kind not in (K.HEADCOUNT, K.ONLINE_ERRATA, K.STATISTICS):
        assert on_paper
    if kind == K.DELETED:
        assert "学分不足" in flat
    if kind == K.ADDED:
        assert "名册遗漏" in flat
    if kind == K.ERRATA:
        assert "阿卜杜拉·买买提" in flat
        assert "待证明" in flat


def test_r52_the_summary_table_has_its_eleven_columns_in_their_order(world):
    rows = cells_of(take(client(world), world, K.SUMMARY, made_as="xlsx").content)
    heading = next(row for row in rows if row[0] == "拍摄序号")
    assert heading == ["拍摄序号", "姓名", "学号", "性别", "身份证号码", "专业名称", "学历类别", "所在校别", "（院）系代码",
                       "所在院校名称", "院校代码"]  # fmt: skip
    first = rows[rows.index(heading) + 1]
    assert first[0] == "", "the shooting number stays empty until the shot (R45)"
    person = Candidate.objects.get(student_no=first[2])
    school = world.school
    assert first[1:4] == [person.name, person.student_no, person.get_sex_display()]
    assert first[5:] == [
        person.major, person.degree_category, person.school_kind, person.department.code, school.name, school.code
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "copies", "title"),
    [
        (K.ADMISSION, 3, "高等学校学生录取信息更正审批表"),
        (K.STATUS, 2, "高等学校学生学籍信息更正审批表"),
        (K.IDENTITY, 1, "公民信息变更证明"),
    ],
)
def test_r32_r33_r34_the_form_of_an_error_comes_in_its_copies(world, kind, copies, title):
    person = Candidate.objects.first()
    case = cases.note_error(world.actor(Role.COLLEGE_OFFICER), person, field="name", value="测试新", note="录取时写错")
    answer = client(world).post(f"/roster/cases/{case.pk}/", {"form": "case_form", "kind": kind})
    pages = pypdfium2.PdfDocument(answer.content)
    assert len(pages) == copies, "one page a copy"
    text = text_of(answer.content)
    for said in (title, person.name, "测试新", "教务处盖章"):
        assert said in "".join(text.split())
    told = re.findall(r"一式.份 *第 \d 份", text.replace("\u3000", " "))
    assert len(told) == (copies if copies > 1 else 0)
    assert Document.objects.get().case == case


def test_cases_with_a_proposed_way_are_printed_together(world):
    registrar = world.actor(Role.REGISTRAR)
    for person in Candidate.objects.all()[:2]:
        cases.fail_first_audit(registrar, person, field="name", reason="同音不同字", route=Route.ADMISSION)
    text = text_of(take(client(world), world, K.ADMISSION).content)
    assert text.count("高等学校学生录取信息更正审批表") == 6
    assert take(client(world), world, K.STATUS).status_code == 409


def test_r43_the_cards_carry_a_code_that_the_till_reads_and_no_whole_id_number(world):
    answer = take(client(world), world, K.CARDS)
    image = pypdfium2.PdfDocument(answer.content)[0].render(scale=3).to_pil()
    assert {code.text for code in zxingcpp.read_barcodes(image)} == {"2022000001", "2022000002", "2022000003"}
    assert ID_NUMBER.search(text_of(answer.content)) is None


def test_r44_the_machine_readable_card_is_only_for_who_may_read_numbers_whole(world):
    answer = take(client(world), world, K.MACHINE_CARDS)
    assert len(pypdfium2.PdfDocument(answer.content)) == 3
    assert take(client(world, Role.COLLEGE_OFFICER), world, K.MACHINE_CARDS).status_code == 409


def test_the_code_of_a_paper_leads_to_its_signed_in_page(world, settings):
    settings.SITE_URL = "https://photo.school.example"
    browser = client(world)
    image = pypdfium2.PdfDocument(take(browser, world, K.CHECK_TABLE).content)[0].render(scale=3).to_pil()
    address = zxingcpp.read_barcodes(image)[0].text
    number = Document.objects.get().number
    assert address == f"{settings.SITE_URL}/roster/papers/d/{number}/"
    assert "签字盖章的扫描件" in browser.get(urlsplit(address).path).content.decode()
    assert Client().get(urlsplit(address).path).status_code == 302, "nobody sees it without signing in"
    assert browser.get(f"/roster/papers/find/?number={number.lower()}").url.endswith(f"{number}/")


def test_everybody_prints_his_own_part_only(world):
    add_candidate(world, 8, department=world.other_department)
    officer, stranger = client(world, Role.COLLEGE_OFFICER), client(world, Role.COLLEGE_OFFICER, world.strangers)
    assert "2022000008" not in text_of(take(officer, world, K.REGISTER).content)
    take(client(world), world, K.REGISTER, department=world.other_department.pk)
    other = Document.objects.get(organisation=world.other_department)
    assert officer.get(f"/roster/papers/d/{other.number}/").status_code == 404
    assert take(officer, world, K.REGISTER, department=world.other_department.pk).status_code == 409
    assert take(stranger, world, K.REGISTER).status_code == 404
    assert client(world, Role.PHOTOGRAPHER).get("/roster/papers/").status_code == 403


def test_r58_only_the_registry_gets_the_school_on_one_sheet(world):
    add_candidate(world, 8, department=world.other_department)
    everything = text_of(take(client(world), world, K.HEADCOUNT).content)
    assert "外语学院" in everything
    assert Document.objects.filter(organisation=world.school).count() == 1
    own = text_of(take(client(world, Role.COLLEGE_OFFICER), world, K.HEADCOUNT).content)
    assert "外语学院" not in own


def attach(browser, number, **changed):
    form = {"signer_0": "王填表", "signer_1": "李负责", "seal": "计算机学院公章", "signed_on": "2026-11-21",
            "file": SimpleUploadedFile("登记表.pdf", b"%PDF-1.7 signed"), **changed}  # fmt: skip
    return browser.post(f"/roster/papers/d/{number}/", form)


@pytest.fixture
def today():
    """The signing dates of these tests follow the day of the printing."""
    return timezone.localdate().isoformat()


@pytest.mark.usefixtures("still_clock")
def test_r71_a_signed_page_comes_back_by_the_number_with_who_when_and_which_seal(world, today):
    officer = client(world, Role.COLLEGE_OFFICER)
    take(officer, world, K.REGISTER)
    document = Document.objects.get()
    assert attach(officer, document.number, signed_on=today, seal=" ").status_code == 422
    assert attach(officer, document.number, signed_on=today, signer_1="").status_code == 422
    assert attach(officer, document.number, signed_on="2099-01-01").status_code == 422
    assert not SignedPage.objects.exists()
    assert attach(officer, document.number, signed_on=today).status_code == 302
    page = SignedPage.objects.get()
    assert [one["name"] for one in page.signatures] == ["王填表", "李负责"]
    assert officer.get(f"/roster/papers/scans/{page.pk}/").content == b"%PDF-1.7 signed"
    assert AuditEntry.objects.filter(action="roster.read_signed_page").count() == 1
    assert attach(officer, document.number, signed_on=today).status_code == 409
    stranger = client(world, Role.REGISTRAR, world.strangers)
    assert stranger.get(f"/roster/papers/scans/{page.pk}/").status_code == 404


@pytest.mark.slow
def test_print_all_makes_one_zip_in_the_background_for_its_maker_only(world):
    officer = client(world, Role.COLLEGE_OFFICER)
    answer = officer.post(
        f"/roster/papers/?campaign={world.campaign.pk}&season=spring", {"form": "print_all", "row": world.campaign.pk}
    )
    bundle = PaperBundle.objects.get()
    assert answer.url == f"/roster/papers/bundles/{bundle.pk}/"
    assert "进度" in officer.get(answer.url).content.decode()
    run_queued()
    bundle.refresh_from_db()
    assert (bundle.job.state, bundle.job.failed) == ("done", 0)
    packed = zipfile.ZipFile(io.BytesIO(officer.post(f"{answer.url}file/").content))
    names = packed.namelist()
    assert {name.partition("/")[0] for name in names} == {
        "HDB",
        "CJK",
        "DJB",
        "FB4",
        "FB6",
        "HZB",
        "TJ",
        "TZ",
        "print-all.pdf",
    }
    assert len([n for n in names if n.endswith(".xlsx")]) == Document.objects.count() == 8
    assert "核对表" in text_of(packed.read("print-all.pdf"))
    other = client(world, Role.COUNSELLOR)
    assert other.post(f"{answer.url}file/").status_code == 404


def test_where_nobody_stands_on_a_paper_the_page_says_so(world):
    browser = client(world)
    page = browser.get("/roster/papers/").content.decode()
    assert "还没有打印过" in page
    assert take(browser, world, K.ADDED).status_code == 409
    assert take(browser, world, "no_such_paper").status_code == 422
    Candidate.objects.all().delete()
    assert browser.get("/roster/papers/").status_code == 200


def test_annex_3_tells_what_stood_in_the_row_after_it_was_corrected(world):
    person = Candidate.objects.get(student_no="2022000001")
    was = person.name
    case = cases.note_error(world.actor(Role.COLLEGE_OFFICER), person, field="major", value="软件工程")
    cases.adopt_case(world.actor(Role.COLLEGE_OFFICER), CorrectionCase.objects.get(pk=case.pk))
    text = "".join(text_of(take(client(world), world, K.ERRATA).content).split())
    for said in (was, "计算机科学与技术", "软件工程", "已更正"):
        assert said in text


def test_r71_the_signed_check_table_comes_back_by_its_number_and_moves_its_rows(world):
    officer = client(world, Role.COLLEGE_OFFICER)
    take(officer, world, K.CHECK_TABLE)
    number = Document.objects.get().number
    assert f"document={number}" in officer.get(f"/roster/papers/d/{number}/").content.decode()
    people = list(Candidate.objects.all())
    group = f"{world.campaign.pk}|{world.department.pk}|spring|计科2201"
    form = {
        "counsellor_name": "王辅导", "leader_name": "李书记", "seal": "计算机学院公章", "signed_on": "2026-11-18",
        "candidate": [p.pk for p in people], "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7 signed"),
    }  # fmt: skip
    assert (
        officer.post(f"/roster/tables/attach/?{urlencode({'group': group, 'document': number})}", form).status_code
        == 302
    )
    assert set(Candidate.objects.values_list("status", flat=True)) == {S.ENDORSED}
    page = officer.get(f"/roster/papers/d/{number}/").content.decode()
    assert "李书记" in page
    assert "已上传" in officer.get("/roster/papers/").content.decode()
    wrong = urlencode({"group": group, "document": "GP2026-HDB-0-00000"})
    assert officer.post(f"/roster/tables/attach/?{wrong}", form).status_code == 404


def test_what_is_too_much_to_wait_for_goes_to_the_background(world, monkeypatch):
    monkeypatch.setattr(bundles, "AT_ONCE_PEOPLE", 2)
    answer = take(client(world), world, K.REGISTER)
    assert answer.status_code == 302
    assert PaperBundle.objects.get().kinds == [K.REGISTER]


def test_several_classes_stand_in_one_xlsx_each_under_its_own_number(world):
    Candidate.objects.filter(student_no="2022000003").update(class_name="计科2202")
    cells = [c for row in cells_of(take(client(world), world, K.CHECK_TABLE, made_as="xlsx").content) for c in row]
    numbers = set(Document.objects.values_list("number", flat=True))
    assert len(numbers) == 2
    assert all(any(number in cell for cell in cells) for number in numbers)


@pytest.mark.parametrize("kind", [K.HEADCOUNT, K.STATISTICS])
def test_r58_a_school_of_two_colleges_has_its_own_sheet_beside_theirs(kind):
    made = build_world()
    for n, unit in enumerate((made.department, made.other_department), start=1):
        add_candidate(made, n, status=S.CHECKED, department=unit)
    answer = take(client(made), made, kind, made_as="xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    texts = [" ".join(str(c) for row in sheet.iter_rows(values_only=True) for c in row if c) for sheet in book]
    assert len(texts) == 2
    assert all("计算机学院" in text and "外语学院" in text for text in texts)
