"""The pages of errata: lists that find, papers that hold what they must, and no ID number where none belongs."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta

import openpyxl
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from errata.errata_world import CONTACT, SCAN, TODAY, at_the_agency, deliver_photograph, draft, missing_case, on_a_form
from gradphoto.apps.campaigns.models import CalendarDay
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import jobs
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.errata import lists, papers, steps
from gradphoto.apps.errata.drafting import Wrong, draft_case
from gradphoto.apps.errata.kinds import ErrataKind, Paper
from gradphoto.apps.errata.models import CaseStatus, ErrataCase, ErrataForm, FormStatus
from gradphoto.apps.errata.papers import print_summary
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.exporting import request_export
from gradphoto.apps.pages.models import Export, FileFormat
from gradphoto.apps.roster.papers.sheet import Sheet
from gradphoto.apps.roster.papers.tables import online_errata
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.actions import dispute_photo, submit_corrections, view_case
from gradphoto.apps.verification.models import VerificationCase
from queued_jobs import run_queued
from verification.graduate_world import add_graduate, graduate, open_case, staff
from world import add_candidate, build_world, made_up_id_number, put

pytestmark = pytest.mark.django_db
FACTS = {"contact": CONTACT.name, "telephone": CONTACT.telephone, "address": CONTACT.address}


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", "")


def page_of(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def test_r66_the_missing_report_holds_names_numbers_contact_and_asks_for_the_seal():
    world = build_world()
    cases = [missing_case(world, n) for n in (1, 2)]
    form = on_a_form(world, *cases)
    answer = page_of(staff(world, Role.REGISTRAR), "errata:form_paper", form.pk)
    assert answer["Content-Disposition"] == 'attachment; filename="KB2026-0001.pdf"'
    text = text_of(answer.content)
    for case in cases:
        person = case.items.get().candidate
        assert person.name in text
        assert person.id_number.decrypt() in text
    for part in (
        "毕业生照片缺失情况报告",
        CONTACT.name,
        CONTACT.telephone,
        CONTACT.address,
        "（学校公章）",
        "不予办理",
        "KB2026-0001",
    ):
        assert part in text
    assert AuditEntry.objects.filter(action="errata.print_form").count() == 1


def test_r53_the_errata_form_says_what_stands_and_what_is_right_with_filling_instructions():
    world = build_world()
    rule = world.campaign.rule_set.rules.get(key="errata.routes")
    rule.value = {**rule.value, "data_wrong": "agency"}
    rule.save()
    person = add_candidate(world)
    form = on_a_form(world, draft(world, person, ErrataKind.DATA_WRONG, right={"name": "测试正"}))
    text = text_of(page_of(staff(world, Role.REGISTRAR), "errata:form_paper", form.pk).content)
    for part in ("勘误表", "填写要求", "测试正", person.name, "姓名", "留底备查", "填表人"):
        assert part in text
    sheet = openpyxl.load_workbook(
        io.BytesIO(page_of(staff(world, Role.REGISTRAR), "errata:form_paper", form.pk, format="xlsx").content)
    ).active
    cells = [cell for row in sheet.values for cell in row if cell]
    assert "测试正" in cells
    assert any("联系电话" in str(cell) and CONTACT.telephone in str(cell) for cell in cells)


def test_r54_the_learning_centre_seals_its_own_form_for_image_data():
    world = build_world()
    person = add_candidate(world, department=world.learning_centre, season="autumn")
    case = draft(world, person, ErrataKind.BLURRED, actor=world.actor(Role.LEARNING_CENTRE))
    form = papers.compile_form(world.actor(Role.LEARNING_CENTRE), world.campaign, cases=[case])
    assert (form.organisation, form.paper) == (world.learning_centre, Paper.IMAGE_ERRATA)
    text = text_of(page_of(staff(world, Role.LEARNING_CENTRE), "errata:form_paper", form.pk).content)
    assert "高等教育毕业生学历电子注册图像数据检查勘误表" in text
    assert "（学习中心公章）" in text


def test_r60_annex_6_gathers_cases_and_submissions_once_with_seasons_apart():
    world = build_world()
    first, second = open_case(world, 1), open_case(world, 2)
    third = open_case(world, 3, season="autumn")
    for case in (first, second, third):
        view_case(graduate(case), case)
    dispute_photo(graduate(first), first, reason="图像模糊")
    dispute_photo(graduate(third), third, reason="不是本人图像")
    submit_corrections(graduate(second), second, entered={"major": "软件工程"})
    draft(world, first.candidate, ErrataKind.BLURRED, words="看不清")
    client = staff(world, Role.COLLEGE_OFFICER)
    page = page_of(client, "errata:summary").content.decode()
    assert page.count("看不清") == 1
    assert "软件工程" not in page, "right values stand in the audited download only"
    sheet = openpyxl.load_workbook(io.BytesIO(page_of(client, "errata:summary", format="xlsx").content)).active
    rows = [row for row in sheet.values if row[0] and str(row[0]).isdigit()]
    assert [(row[0], row[2]) for row in rows] == [
        ("1", first.candidate.name), ("2", second.candidate.name), ("1", third.candidate.name),
    ]  # fmt: skip
    assert "软件工程" in rows[1]
    text = text_of(page_of(client, "errata:summary", format="pdf").content)
    assert "网上图像信息检查勘误汇总表" in text
    assert "（学院公章）" in text


def test_a_long_list_is_exported_in_the_background_and_only_to_who_asked(monkeypatch):
    world = build_world()
    for n in (1, 2, 3):
        missing_case(world, n)
    monkeypatch.setitem(lists.CASES.__dict__, "at_once", 2)
    office = staff(world, Role.REGISTRAR)
    where = office.post(reverse("errata:export") + "?status=drafted").url
    file = f"{where}file/"
    assert file not in office.get(where).content.decode()
    assert office.get(file).status_code == 409, "not written yet"
    assert run_queued() == 1
    export = Export.objects.select_related("job").get()
    assert (export.row_count, export.job.done, export.job.total) == (3, 3, 3)
    assert file in office.get(where).content.decode()
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(office.get(file).streaming_content))).active
    assert [row[0] for row in sheet.values][1:] == ["KW2026-0003", "KW2026-0002", "KW2026-0001"]
    assert AuditEntry.objects.filter(action="pages.fetch_export").count() == 1
    assert staff(world, Role.HEAD_OFFICE).get(where).status_code == 404


def test_a_cancelled_export_leaves_no_file(monkeypatch):
    world = build_world()
    missing_case(world, 1)
    export = request_export(
        world.actor(Role.REGISTRAR), world.school, listing=lists.CASES, query="", made_as=FileFormat.XLSX
    )
    jobs.cancel(export.job)
    assert run_queued() == 0
    export.refresh_from_db()
    assert (export.blob, export.job.state) == (None, "cancelled")


def test_r60_the_roster_prints_the_same_annex_6_filled_with_masked_numbers_and_blank_where_nothing_is_wrong():
    world = build_world()
    case = open_case(world, 1)
    view_case(graduate(case), case)
    submit_corrections(
        graduate(case), case, entered={"major": "软件工程", "id_number": made_up_id_number(7, male=True)}
    )
    person = case.candidate
    sheet = Sheet(world.campaign, world.department, "spring", (person,), frozenset())
    filled, blank = online_errata(sheet), online_errata(dataclasses.replace(sheet, people=()))
    assert [row[6] for row in filled.sections[0].rows] == ["专业名称", "证件号码"]
    assert "软件工程" in filled.sections[0].rows[0]
    on_paper = str(filled.sections)
    assert person.id_number.decrypt() not in on_paper
    assert made_up_id_number(7, male=True) not in on_paper
    assert (len(blank.sections[0].rows), blank.sections[0].rows[0][1:]) == (10, ("",) * 10)
    own = print_summary(world.actor(Role.REGISTRAR), world.campaign, organisation=world.department)
    assert (own.title, own.columns, own.signatures) == (filled.title, filled.columns, filled.signatures)
    assert made_up_id_number(7, male=True) in str(own.sections)


def test_the_list_finds_filters_sorts_and_shows_what_is_late():
    world = build_world()
    late, fresh = missing_case(world, 1), missing_case(world, 2)
    at_the_agency(world, late, days_ago=30)
    autumn = draft(
        world, add_candidate(world, 3, season="autumn", department=world.other_department), ErrataKind.BLURRED
    )
    client = staff(world, Role.REGISTRAR)

    def shown(**query):
        return [case.pk for case in page_of(client, "errata:list", **query).context["listing"].shown]

    assert shown() == [autumn.pk, fresh.pk, late.pk]
    assert shown(overdue=1) == [late.pk]
    assert shown(sort="due")[0] == late.pk
    assert shown(kind="blurred") == shown(season="autumn") == shown(department=world.other_department.pk) == [autumn.pk]
    assert shown(status="received") == shown(q="2022000001") == shown(q="KW2026-0001") == [late.pk]
    assert shown(q="x") == []
    assert "逾期" in page_of(client, "errata:list").content.decode()
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(page_of(client, "errata:export", kind="missing").streaming_content))
    ).active
    assert [row[0] for row in book.values][1:] == [str(fresh), str(late)]
    college = staff(world, Role.COLLEGE_OFFICER)
    assert [case.pk for case in page_of(college, "errata:list").context["listing"].shown] == [fresh.pk, late.pk]


def test_no_page_shows_a_whole_id_number_and_no_stranger_sees_any():
    world = build_world()
    right = made_up_id_number(5)
    case = draft(world, add_candidate(world, 2), ErrataKind.DATA_WRONG, right={"id_number": right})
    other = missing_case(world, 1)
    form = on_a_form(world, other)
    client = staff(world, Role.REGISTRAR)
    urls = [
        reverse("errata:list"), reverse("errata:detail", args=[case.pk]), reverse("errata:detail", args=[other.pk]),
        reverse("errata:form", args=[form.pk]), reverse("errata:summary"), reverse("errata:routes"),
        reverse("errata:draft") + f"?kind=data_wrong&candidate={case.items.get().candidate_id}",
    ]  # fmt: skip
    for url in urls:
        page = client.get(url)
        assert page.status_code == 200, url
        text = page.content.decode()
        assert right not in text
        assert case.items.get().candidate.id_number.decrypt() not in text
    outside = staff(world, Role.REGISTRAR, stranger=True)
    for url in urls[1:4]:
        assert outside.get(url).status_code == 404
    assert case.items.get().candidate.name not in outside.get(urls[0]).content.decode()


def test_a_case_is_drafted_from_a_persons_page_with_the_message_beside_a_wrong_value():
    world = build_world()
    person = add_candidate(world)
    client = staff(world, Role.COLLEGE_OFFICER)
    assert reverse("errata:draft") in page_of(client, "roster:detail", person.pk).content.decode()
    assert reverse("errata:draft") not in page_of(staff(world, Role.PHOTOGRAPHER), "roster:detail", person.pk).content.decode()  # fmt: skip
    url = reverse("errata:draft") + f"?kind=data_wrong&candidate={person.pk}"
    bad = client.post(url, {**FACTS, "right_birth_date": "2004-03-06", "description": "日期错"})
    assert bad.status_code == 422
    assert "与证件号码中的出生日期不一致" in bad.content.decode()
    assert "2004-03-06" in bad.content.decode(), "what was typed stays"
    good = client.post(url, {**FACTS, "right_major": "软件工程"})
    case = ErrataCase.objects.get()
    assert good.headers["Location"] == reverse("errata:detail", args=[case.pk])
    again = page_of(client, "errata:draft", kind="missing", candidate=person.pk)
    assert CONTACT.address in again.content.decode(), "the contact given last is offered"


def test_a_shifted_run_is_chosen_by_shooting_numbers_and_links_to_the_pairing():
    world = build_world()
    for n in (1, 2, 3):
        add_graduate(world, n)
    session = CaptureSession.objects.get()
    client = staff(world, Role.REGISTRAR)
    url = reverse("errata:draft") + f"?kind=data_shifted&session={session.pk}&first=2&last=3"
    assert client.get(url).content.decode().count("2022000003") == 1
    client.post(url, FACTS)
    case = ErrataCase.objects.get()
    assert [item.shooting_number for item in case.items.all()] == [2, 3]
    assert reverse("pairing:board", args=[session.pk]) in page_of(client, "errata:detail", case.pk).content.decode()


def test_r154_a_delivery_check_leads_to_the_case_and_the_case_back_to_the_package():
    world = build_world()
    person = add_graduate(world, 1)
    package = Package.objects.get()
    Package.objects.update(delivered_at=timezone.now())
    client = staff(world, Role.REGISTRAR)
    page = page_of(client, "delivery:package", package.pk).content.decode()
    asked = f"?candidate={person.pk}&amp;package={package.pk}"
    assert reverse("errata:draft") + asked in page
    assert f"?package={package.pk}&amp;kind=missing" in page
    assert reverse("errata:draft") not in page_of(staff(world, Role.COLLECTION_CENTRE), "delivery:package", package.pk).content.decode()  # fmt: skip
    client.post(reverse("errata:draft") + f"?kind=damaged&candidate={person.pk}&package={package.pk}", FACTS)
    case = ErrataCase.objects.get()
    assert (case.package, case.origin) == (package, "delivery")
    assert reverse("delivery:package", args=[package.pk]) in page_of(client, "errata:detail", case.pk).content.decode()


def test_one_click_on_the_dispute_makes_the_case_once_a_contact_is_known():
    world = build_world()
    disputed = open_case(world, 1)
    view_case(graduate(disputed), disputed)
    dispute_photo(graduate(disputed), disputed, reason="图像模糊")
    client = staff(world, Role.REGISTRAR)
    url, click = reverse("errata:disputes"), {"case": [disputed.pk]}
    assert "转为勘误" in page_of(client, "verification:detail", disputed.pk).content.decode()
    assert client.post(url, click).status_code == 422, "nobody to ask yet (R160)"
    missing_case(world, 2)
    client.post(url, {**click, **FACTS})
    case = ErrataCase.objects.get(kind="blurred")
    page = page_of(client, "verification:detail", disputed.pk).content.decode()
    assert reverse("errata:detail", args=[case.pk]) in page
    assert "把本人反映的问题转为勘误" not in page
    assert (
        reverse("errata:detail", args=[case.pk])
        in page_of(client, "roster:detail", disputed.candidate_id).content.decode()
    )


def test_r53_a_shifted_run_names_the_wrong_and_the_right_file_after_the_repair():
    world = build_world()
    people = [add_graduate(world, n) for n in (1, 2)]
    session = CaptureSession.objects.get()
    case = draft_case(
        world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.DATA_SHIFTED,
        people=[Wrong(person) for person in people], contact=CONTACT, session=session,
    )  # fmt: skip
    form = on_a_form(world, case)
    first, second = Frame.objects.order_by("file_name")
    put(Frame.objects.filter(pk=first.pk), status="rejected")
    Frame.objects.filter(pk=second.pk).update(check_in=first.check_in)
    text = text_of(papers.print_form(world.actor(Role.REGISTRAR), form).to_pdf())
    assert text.count("IMG_0001.JPG") == 1
    assert text.count("IMG_0002.JPG") == 2, "wrong for the second, right for the first"


def test_r169_a_learning_centre_tells_a_wrong_school_on_the_form_for_image_data():
    world = build_world()
    at_centre = draft(world, add_candidate(world, 1, department=world.learning_centre), ErrataKind.SCHOOL_WRONG)
    at_school = draft(world, add_candidate(world, 2), ErrataKind.SCHOOL_WRONG)
    assert on_a_form(world, at_centre).paper == Paper.IMAGE_ERRATA
    assert on_a_form(world, at_school).paper == Paper.ERRATA


def test_disputes_and_missing_images_are_taken_over_in_one_go():
    world = build_world()
    disputed = open_case(world, 1)
    view_case(graduate(disputed), disputed)
    dispute_photo(graduate(disputed), disputed, reason="不是本人图像")
    absent = add_graduate(world, 2, package_status="making")
    client = staff(world, Role.REGISTRAR)
    page = page_of(client, "errata:disputes")
    assert [case.pk for case, _ in page.context["disputed"]] == [disputed.pk]
    assert list(page.context["missing"]) == [absent]
    taken = {"case": [disputed.pk], "candidate": [absent.pk], f"kind_{disputed.pk}": "other_person", **FACTS}
    client.post(reverse("errata:disputes"), taken)
    assert set(ErrataCase.objects.values_list("kind", flat=True)) == {"other_person", "no_image"}
    page = page_of(client, "errata:disputes")
    assert not page.context["disputed"]
    assert not page.context["missing"]
    other = page_of(staff(world, Role.REGISTRAR, stranger=True), "errata:disputes")
    assert not other.context["disputed"]


def test_r161_nobody_is_missing_online_while_the_school_is_not_online():
    world = build_world()
    add_graduate(world, 1)
    assert not VerificationCase.objects.exists()
    assert not page_of(staff(world, Role.REGISTRAR), "errata:disputes").context["missing"]


def test_the_way_of_a_form_through_the_browser():
    world = build_world()
    cases = [missing_case(world, n) for n in (1, 2)]
    client = staff(world, Role.REGISTRAR)
    client.post(reverse("errata:list"), {"cases": [case.pk for case in cases]})
    form = ErrataForm.objects.get()
    step = reverse("errata:form", args=[form.pk])
    seal = {"form": "seal_form", "seal_of": "示范大学", "signed_by": "李主任", "on": TODAY().isoformat()}
    wrong = client.post(step, {**seal, "file": SimpleUploadedFile("scan.pdf", b"MZ no scan")})
    assert wrong.status_code == 422
    assert client.post(step, seal).status_code == 422, "no scan, no seal (R71)"
    client.post(step, {**seal, "file": SimpleUploadedFile("scan.pdf", SCAN)})
    client.post(step, {"form": "send_form", "channel": "courier", "to": "图片社", "on": TODAY().isoformat()})
    scan = page_of(client, "errata:form_scan", form.pk)
    assert (scan.content, scan["Content-Type"], scan["X-Content-Type-Options"]) == (SCAN, "application/pdf", "nosniff")
    staff(world, Role.COLLECTION_CENTRE).post(step, {"form": "receive_form", "on": TODAY().isoformat()})
    form.refresh_from_db()
    assert form.status == FormStatus.RECEIVED
    assert set(form.cases.values_list("status", flat=True)) == {CaseStatus.RECEIVED}
    page = page_of(staff(world, Role.COLLECTION_CENTRE), "errata:detail", cases[0].pk).content.decode()
    assert "登记已补发" in page
    assert "登记已更正" not in page
    done = reverse("errata:detail", args=[cases[0].pk])
    staff(world, Role.COLLECTION_CENTRE).post(done, {"form": "reissue_case", "on": TODAY().isoformat(), "note": "SF1"})
    assert client.post(done, {"form": "confirm_case"}).status_code == 409
    assert "尚缺" in page_of(client, "errata:detail", cases[0].pk).content.decode()
    deliver_photograph(world, cases[0].items.get().candidate)
    client.post(done, {"form": "confirm_case"})
    client.post(done, {"form": "file_case", "place": "档案柜"})
    cases[0].refresh_from_db()
    assert cases[0].status == CaseStatus.FILED


def test_files_are_known_by_their_content_and_bounded():
    world = build_world()
    case = missing_case(world)
    client = staff(world, Role.COLLEGE_OFFICER)
    url = reverse("errata:detail", args=[case.pk])
    html = SimpleUploadedFile("proof.pdf", b"<html><script>alert(1)</script>")
    assert client.post(url, {"form": "attach_file", "kind": "proof", "file": html}).status_code == 422
    big = SimpleUploadedFile("proof.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024))
    assert client.post(url, {"form": "attach_file", "kind": "proof", "file": big}).status_code == 422
    client.post(
        url,
        {"form": "attach_file", "kind": "proof", "file": SimpleUploadedFile("proof.pdf", SCAN), "note": "身份证复印件"},
    )
    kept = case.attachments.get()
    assert page_of(client, "errata:attachment", kept.pk).content == SCAN
    assert page_of(staff(world, Role.REGISTRAR, stranger=True), "errata:attachment", kept.pk).status_code == 404


def test_b10_the_routing_table_is_changed_with_its_source_by_the_registrar_only():
    world = build_world()
    table = {
        "route_missing": "centre",
        "route_data_wrong": "registry",
        "source": "省厅通知",
        "since": TODAY().isoformat(),
    }
    client = staff(world, Role.REGISTRAR)
    assert client.post(reverse("errata:routes"), {**table, "source": ""}).status_code == 422
    client.post(reverse("errata:routes"), table)
    assert missing_case(world).corrector == "centre"
    assert AuditEntry.objects.filter(action="campaigns.set_rule").count() == 1
    assert staff(world, Role.COLLEGE_OFFICER).post(reverse("errata:routes"), table).status_code == 403


def test_the_holiday_table_is_kept_on_its_page_with_audit():
    world = build_world()
    client = staff(world, Role.REGISTRAR)
    page = page_of(client, "campaigns:calendar", year=2027)
    assert "暂定" in page.content.decode()
    days = {"row": world.school.pk, "first": "2027-02-05", "last": "2027-02-12", "works": "no", "source": "国办发明电"}
    client.post(reverse("campaigns:set_days"), days)
    assert CalendarDay.objects.filter(organisation=world.school, works=False).count() == 8
    assert client.post(reverse("campaigns:set_days"), {**days, "last": "2027-01-01"}).status_code == 422
    shown = page_of(client, "campaigns:calendar", year=2027)
    assert [(run.first.day, run.last.day) for run in shown.context["runs"]] == [(5, 12)]
    outside = staff(world, Role.REGISTRAR, stranger=True)
    part = {"row": world.school.pk, "first": "2027-02-07", "last": "2027-02-08"}
    assert outside.post(reverse("campaigns:clear_days"), part).status_code == 404
    client.post(reverse("campaigns:clear_days"), part)
    assert CalendarDay.objects.count() == 6
    shown = page_of(client, "campaigns:calendar", year=2027)
    assert [(run.first.day, run.last.day) for run in shown.context["runs"]] == [(5, 6), (9, 12)]
    assert set(AuditEntry.objects.filter(action__startswith="campaigns.").values_list("action", flat=True)) == {
        "campaigns.set_days", "campaigns.clear_days",
    }  # fmt: skip
    assert "2027-02-12" in page_of(staff(world, Role.COLLEGE_OFFICER), "campaigns:calendar", year=2027).content.decode()
    assert staff(world, Role.COLLEGE_OFFICER).post(reverse("campaigns:set_days"), days).status_code == 403


def test_pages_ask_as_often_for_forty_cases_as_for_two(django_assert_max_num_queries):
    world = build_world()
    for n in range(1, 3):
        missing_case(world, n)
    client = staff(world, Role.REGISTRAR)
    form = on_a_form(world, *ErrataCase.objects.all())

    def queries(url):
        with django_assert_max_num_queries(40) as counted:
            assert client.get(url).status_code == 200
        return len(counted)

    urls = [reverse("errata:list"), reverse("errata:form", args=[form.pk]), reverse("errata:summary")]
    urls.append(reverse("errata:detail", args=[ErrataCase.objects.first().pk]))
    few = [queries(url) for url in urls]
    more = [missing_case(world, n) for n in range(3, 41)]
    ErrataCase.objects.filter(pk__in=[case.pk for case in more]).update(form=form)
    many = [queries(url) for url in urls]
    assert many == few
    assert max(few) <= 24, few


def test_the_case_page_tells_the_next_step_and_the_time_left():
    world = build_world()
    case = missing_case(world)
    client = staff(world, Role.REGISTRAR)
    assert "生成勘误表" in page_of(client, "errata:detail", case.pk).content.decode()
    at_the_agency(world, case, days_ago=20)
    page = page_of(client, "errata:detail", case.pk).content.decode()
    assert "state-bad" in page
    assert "补做照片并寄给学校" in page
    assert case.due_on < TODAY() - timedelta(days=5)


def test_several_departments_of_a_run_are_seen_by_the_centre_too():
    world = build_world()
    people = [add_candidate(world, 1), add_candidate(world, 2, department=world.other_department)]
    session = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="体育馆")
    case = draft_case(
        world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.DATA_SHIFTED,
        people=[Wrong(person) for person in people], contact=CONTACT, session=session,
    )  # fmt: skip
    assert page_of(staff(world, Role.COLLECTION_CENTRE), "errata:detail", case.pk).status_code == 200
    assert page_of(staff(world, Role.COLLEGE_OFFICER), "errata:detail", case.pk).status_code == 404
    assert steps.CASE.available(case) == ("errata.seal_case", "errata.send_case", "errata.withdraw_case")
