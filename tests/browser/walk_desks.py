"""What the staff do in the chapter, desk by desk, each step with what it shows and what the database says afterwards."""

import io
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path

import openpyxl
from dbfread import DBF
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect
from walk import cards_on, download, not_found, picture, press, said, work

from gradphoto.apps.capture import actions as room
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Identification
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import CheckedClass, DeliveryReport, Package, PackageStatus, Portrait, ReportStatus
from gradphoto.apps.errata.models import CaseStatus as ErrataStatus
from gradphoto.apps.errata.models import ErrataCase, ErrataForm, FormStatus
from gradphoto.apps.orgs.models import User
from gradphoto.apps.registration.models import EntryKind, LedgerEntry, Review, ReviewStatus
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.models import CaseStatus, Opening, VerificationCase
from gradphoto.apps.verification.notices.models import Notice, NoticeState
from gradphoto.demo import sitters

COMPUTING, LEARNING = "计算机学院", "江城学习中心"
CLOSES_IN_DAYS = 6


def look_at_the_roster(page):
    page.goto("/roster/imports/")
    press(page, "2026届名册.xlsx")
    assert "姓名中间有空格" in said(page)
    picture(page, "import")
    assert download(page, "下载标注文件").startswith(b"PK")
    page.goto("/roster/")
    picture(page, "roster")
    page.click("text=English")
    assert "Roster" in page.inner_text("h1")
    page.click("text=中文")


def confirm_the_rest(page):
    page.goto("/capture/")
    page.locator("a.tile").first.click()
    page.click("text=现场确认")
    picture(page, "check")
    assert page.locator("input[name=check_in]").count() == CheckIn.objects.filter(status=CheckInStatus.SHOT).count() > 0
    for box in page.locator("input[name=check_in]").all():
        box.check()
    press(page, "确认勾选者")
    assert page.locator("input[name=check_in]").count() == 0
    assert not CheckIn.objects.filter(status=CheckInStatus.SHOT).exists()


def deliver(staff):
    """The collection centre makes the portraits, packs them by receiver and season, and hands them over."""
    page = staff("centre", "/delivery/portraits/")
    press(page, "制作照片")
    assert page.locator("main button:has-text('制作照片')").count() == 0, "nobody starts it twice"
    assert work(page) == 1
    confirmed = CheckIn.objects.filter(status=CheckInStatus.CONFIRMED).count()
    assert Portrait.objects.count() == 3 * confirmed
    for _ in range(2):
        page.goto("/delivery/")
        press(page, "制作交付包")
        assert work(page) == 1
        assert "全部正确" in said(page), "signature and hashes"
        press(page, "交付", within="main form")
        assert "已交付" in said(page)
        assert download_pdf(page, "交接单")
    page.goto("/delivery/")
    assert page.locator("main button:has-text('制作交付包')").count() == 0
    school, own = (Package.objects.get(season=season) for season in ("spring", "autumn"))
    assert school.photo_count + own.photo_count == confirmed
    return school, own


def download_pdf(page, link):
    answer = page.request.get(page.locator(f"main a:has-text('{link}')").first.get_attribute("href"))
    return answer.ok and answer.body().startswith(b"%PDF")


def print_the_cards(page, package):
    """The receiver prints the cards of every class; a code is on paper once and nowhere else."""
    page.goto(f"/delivery/{package.pk}/")
    press(page, "图像信息卡")
    cards = {}
    while page.locator("button:has-text('打印 PDF')").count():
        cards |= cards_on(download(page, "打印 PDF"))
        page.reload()
    assert len(cards) == package.photo_count, "every card was read off the paper, by words and by QR code"
    return cards


def check_the_delivery(staff, school, own):
    """By keyboard only: every mark is kept at once, taken back by Z, there again later (R154); a report becomes a case."""
    page = staff("registrar", f"/delivery/{school.pk}/check/")
    page.wait_for_selector("[data-photo]:focus")
    assert page.locator(".check-classes li").count() == 2

    def key(name):
        with page.expect_response("**/check/mark/") as answer:
            page.keyboard.press(name)
        assert answer.value.status == 204

    for _ in range(5):
        page.keyboard.press("ArrowRight")
    key("2")
    page.keyboard.press("ArrowLeft")
    key("3")
    key("z")
    page.keyboard.press("Space")
    assert page.locator("[data-look]").is_visible()
    page.keyboard.press("Space")
    page.reload()
    assert page.locator('[data-mark="damaged"]').count() == 1
    assert page.locator('[data-mark="wrong"]').count() == 0
    assert DeliveryReport.objects.count() == 2, "what was taken back stays on record"
    for _ in range(2):
        page.wait_for_selector("[data-photo]:focus")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert page.url.endswith(f"/delivery/{school.pk}/"), "after the last class stands the package"
    assert CheckedClass.objects.filter(package=school).count() == 2
    press(page, "问题登记")
    press(page, "转为勘误")
    _contact(page)
    press(page, "起草勘误")
    report = DeliveryReport.objects.get(status=ReportStatus.OPEN)
    case = ErrataCase.objects.get()
    assert report.errata_link.case == case
    assert case.package == school
    assert report.candidate.name in said(page)
    page.goto(f"/delivery/{school.pk}/reports/")
    assert str(case) in said(page)
    page.goto(f"/delivery/{school.pk}/")
    press(page, "已核对", within="main form")
    page = staff("learning", f"/delivery/{own.pk}/check/")
    page.wait_for_selector("[data-photo]:focus")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "已核对", within="main form")
    assert set(Package.objects.values_list("status", flat=True)) == {PackageStatus.CHECKED}


def _contact(page):
    page.fill("main form [name=contact]", "教务处老师")
    page.fill("main form [name=telephone]", "0731-12345678")
    page.fill("main form [name=address]", "示范省示范市示范路1号")


def open_verification(page):
    page.goto("/campaigns/")
    press(page, "2026届毕业生图像采集")
    press(page, "进入校对阶段")
    press(page, "确认：进入校对阶段")
    page.goto("/verification/")
    page.fill("input[name=early_reason]", "教务处批准提前（示范）")
    press(page, "开放校对", within="main form.action-form")
    assert VerificationCase.objects.count() == sum(package.photo_count for package in Package.objects.all())
    closing = timezone.localdate() + timedelta(days=CLOSES_IN_DAYS)
    for row in range(2):
        page.locator("input[name=closes_on]").nth(row).fill(closing.isoformat())
        with page.expect_navigation():
            page.locator("button:has-text('公布')").nth(row).click()
    assert said(page).count(f"{CLOSES_IN_DAYS} 天") == 2


def remind_and_apply(page, late):
    page.goto("/verification/?status=unverified")
    assert f"{CLOSES_IN_DAYS} 天" in said(page)
    assert late.person.name in said(page)
    unverified = VerificationCase.objects.filter(
        candidate__department__name=COMPUTING, status__in=[CaseStatus.OPEN, CaseStatus.DISPUTED]
    )
    names = set(page.locator("input[name=cases]").evaluate_all("boxes => boxes.map(box => box.ariaLabel)"))
    assert names == {case.candidate.name for case in unverified}
    assert download(page, "导出未校对名单").startswith(b"PK")
    press(page, "通知毕业生")
    table = f"学号,手机\n{late.person.student_no},13800000000\n".encode()
    page.set_input_files("input[name=file]", {"name": "contacts.csv", "mimeType": "text/csv", "buffer": table})
    press(page, "导入", within="main form:has(input[type=file])")
    page.select_option("#sendnotices-channel", "sms")
    press(page, "发送")
    assert work(page) == 1
    notice = Notice.objects.get(candidate=late.person)
    assert notice.state == NoticeState.SENT
    assert notice.reference in said(page)
    assert Notice.objects.exclude(state=NoticeState.SENT).count() == unverified.count() - 1, (
        "by name who was not reached"
    )
    proof = openpyxl.load_workbook(io.BytesIO(download(page, "导出告知凭据"))).active
    assert any(late.person.student_no in row for row in proof.iter_rows(values_only=True))

    page.goto("/registration/reviews/")
    assert page.locator("tbody tr").first.get_attribute("class") == "exceptional"
    assert page.locator("tbody tr").count() == 2
    press(page, "无更正的 1 人全部")
    assert work(page) == 1
    page.locator("input[name=cases]").check()
    press(page, "对所选")
    assert "没有待申请的毕业生" in said(page)
    assert Review.objects.filter(status=ReviewStatus.APPLIED).count() == 2


def apply_for_ones_own(staff, school):
    page = staff("learning", "/verification/?status=unverified")
    for address in ("/delivery/", "/verification/", "/registration/reviews/", "/errata/", "/verification/notices/"):
        page.goto(address)
        assert COMPUTING not in said(page), address
    spring = VerificationCase.objects.filter(candidate__department__name=COMPUTING).first()
    for address in (f"/delivery/{school.pk}/", f"/verification/{spring.pk}/"):
        assert not_found(page, address)
    page.goto("/registration/reviews/")
    page.check("[data-pick-all]")
    press(page, "对所选")
    review = Review.objects.get(case__candidate__department__name=LEARNING)
    assert review.applied_by.username == "learning"


def mend_what_is_disputed(staff, graduate):
    """R54, R71: form, seal, sent; the collection centre has it and mends it; the graduate reads every time who has it."""
    page = staff("registrar", "/")
    assert "等您办理" in said(page)
    picture(page, "desk")
    page.goto("/verification/disputes/")
    assert "眼睛看不清" in said(page)
    press(page, "转为勘误")
    press(page, "起草勾选的勘误")
    case = ErrataCase.objects.get(items__candidate=graduate.person)
    press(page, "生成勘误表")
    paper = download(page, "下载 PDF")
    page.fill("#seal-signed_by", "教务处长")
    page.set_input_files("#seal-file", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": paper})
    press(page, "登记盖章")
    assert "登记寄出" in said(page)
    page.fill("#send-to", "图片社数据部")
    press(page, "登记寄出")
    form = ErrataForm.objects.get()
    assert form.status == FormStatus.SENT
    assert form.scan is not None
    phone = graduate.enter("status")
    assert f"勘误 {case}" in said(phone)
    assert "现在由谁办理\n图片社" in said(phone)
    picture(phone, "status")

    page = staff("centre", f"/errata/forms/{form.pk}/")
    press(page, "登记收到")
    press(page, str(case))
    expect(page.locator(".case-portrait")).to_have_js_property("naturalWidth", 480)
    page.fill("#correctcase-note", "已请本人到场重拍")
    press(page, "登记已更正")
    case.refresh_from_db()
    assert case.status == ErrataStatus.CORRECTED
    assert graduate.case.status == CaseStatus.DISPUTED, "nothing is answered before another photograph was delivered"
    page = staff("registrar", f"/errata/{case.pk}/")
    assert "已请本人到场重拍" in said(page)
    page.locator("main button", has_text="核对无误，确认").first.click()
    page.locator(".alert-danger", has_text="另一张原片").wait_for()
    page.problems.clear()  # a refusal answers 422, of which the browser complains
    take_again(staff, graduate.person)
    page.goto(f"/errata/{case.pk}/")
    press(page, "核对无误，确认")
    assert graduate.case.status == CaseStatus.ANSWERED
    page.fill("#filecase-place", "教务处档案柜 A3")
    press(page, "归档")
    case.refresh_from_db()
    assert case.status == ErrataStatus.FILED


def take_again(staff, person):
    """The person sits down again in a later session; the new photograph is made and delivered to the school (R158)."""
    first = CheckIn.objects.get(candidate=person, status=CheckInStatus.CONFIRMED)
    later = CaptureSession.objects.create(
        campaign=person.campaign, date=timezone.localdate(), place="补拍室", status=SessionStatus.OPEN
    )
    crew = Actor.of(User.objects.get(username="photographer"))
    seated = room.check_in(
        crew, later, candidate=person, method=Identification.MANUAL, nonce=uuid.uuid4(), again_reason="勘误：图像模糊"
    ).check_in
    picture_again = io.BytesIO()
    Image.open(io.BytesIO(sitters.picture(sitters.good_sitters()[0]))).save(picture_again, "JPEG", quality=93)
    frame = room.receive_frame(crew, later, data=picture_again.getvalue(), file_name="again.jpg", by_hand=True)
    room.accept_frame(crew, seated, frame=frame)
    room.confirm_check_in(Actor.of(User.objects.get(username="checker")), CheckIn.objects.get(pk=seated.pk))
    page = staff("centre", "/delivery/portraits/")
    press(page, "制作照片")
    assert work(page) == 1
    page.goto("/delivery/")
    press(page, "制作交付包")
    assert work(page) == 1
    press(page, "交付", within="main form")
    assert "已交付" in said(page)
    assert Portrait.objects.filter(candidate=person, package_items__package__status=PackageStatus.DELIVERED).exclude(
        check_in=first
    )


def verify_again(graduate, officer):
    phone = graduate.enter("compare")
    assert "学校答复" in said(phone)
    graduate.confirm()
    assert graduate.case.status == CaseStatus.CONFIRMED
    officer.goto("/registration/reviews/")
    assert "图像曾有异议" in said(officer)
    officer.locator("input[name=cases]").check()
    press(officer, "对所选")


def approve_at_the_head_office(staff, correcting, disputing):
    """Exceptions stand on top and are not in "all"; one goes back with its reason, is mended, and comes again (R170)."""
    page = staff("headoffice", "/registration/reviews/")
    rows = page.locator("tbody tr").all_inner_texts()
    assert len(rows) == 4
    assert {correcting.person.name, disputing.person.name} == {row.split("\t")[2].strip() for row in rows[:2]}
    picture(page, "headoffice")
    press(page, "无更正的 2 人全部")
    assert work(page) == 1
    assert page.locator("tbody tr").count() == 2
    page.locator("tr", has_text=correcting.person.name).locator("input").check()
    page.click("summary:has-text('退回所选')")
    page.fill("#returnticked-reason", "所在校别没有证明材料")
    press(page, "退回", within="main details")
    review = Review.objects.get(case__candidate=correcting.person)
    assert review.status == ReviewStatus.RETURNED
    press(page, disputing.person.student_no)
    assert "眼睛看不清" in said(page)
    assert "学校已更正" in said(page), "the reviewer reads what was disputed and answered"
    press(page, "总部审核通过")
    assert page.locator("a:has-text('下一位')").count() == 0
    press(page, "返回列表")
    assert page.url.endswith("stage=applied"), "back to one's own pile, not to where the review went"

    officer = staff("college1", "/registration/reviews/?stage=returned")
    assert "所在校别没有证明材料" in said(officer)
    press(officer, correcting.person.student_no)
    officer.check("input[name=withdraw][value=school_kind]")
    press(officer, "重新申请审核")
    page.goto("/registration/reviews/")
    press(page, correcting.person.student_no)
    assert "已撤回" in said(page)
    press(page, "总部审核通过")
    now = Candidate.objects.get(pk=correcting.person.pk)
    assert (now.major, now.school_kind) == ("软件工程", correcting.person.school_kind)
    assert Review.objects.filter(status=ReviewStatus.HEAD_APPROVED).count() == 4


def approve_nationally(staff, plain, correcting, learner):
    page = staff("national", "/registration/reviews/")
    page.check("[data-pick-all]")
    assert page.locator("input[name=cases]:checked").count() == 2, "who corrected or disputed is ticked singly"
    for box in page.locator("input[name=cases]").all():
        box.check()
    press(page, "对所选")
    assert "没有待审核的毕业生" in said(page)
    assert sorted(LedgerEntry.objects.values_list("number", "kind")) == [
        (n, EntryKind.WITH_PHOTO) for n in (1, 2, 3, 4)
    ]
    phone = plain.enter("status")
    assert "学历电子注册已完成" in said(phone)
    picture(phone, "registered")


def open_the_ledger(staff, correcting, folder):
    """R171, R214: who did not verify is registered without a photograph, told apart on the page and in every file."""
    page = staff("registrar", "/registration/ledger/")
    press(page, "截止校对：", within="main")
    assert "批次结束后" in said(page), "who was never photographed follows later, and the page says so"
    page.select_option("#closeverification-season", "autumn")
    page.fill("#closeverification-reason", "截止日已到")
    page.check("input[name=sure]")
    page.locator("main form.action-form button", has_text="截止校对").click()
    page.locator(".alert", has_text="公布的校对截止日期").wait_for()  # R171: nobody before the published day
    page.problems.clear()  # a refusal answers 409, of which the browser complains
    yesterday = timezone.localdate() - timedelta(days=1)
    Opening.objects.filter(season="autumn").update(since=yesterday, closes_on=yesterday)
    assert page.input_value("#closeverification-reason") == "截止日已到", "nothing typed is lost"
    page.check("input[name=sure]")
    press(page, "截止校对", within="main form.action-form")
    assert work(page) == 1
    cases = VerificationCase.objects.filter(candidate__season="autumn")
    without = LedgerEntry.objects.filter(kind=EntryKind.WITHOUT_PHOTO)
    assert without.count() == cases.count() - 1 == cases.filter(status=CaseStatus.EXPIRED).count()
    assert set(without.values_list("candidate__season", flat=True)) == {"autumn"}

    page = staff("national", "/registration/ledger/")
    picture(page, "national")
    press(page, "无图像")
    page.goto("/registration/ledger/?kind=with_photo")
    assert page.locator("tbody tr").count() == 4
    assert page.locator("tbody img").count() == 4
    page.goto("/registration/ledger/?kind=without_photo")
    assert page.locator("tbody tr").count() == without.count()
    assert page.locator("tbody img").count() == 0
    page.goto("/registration/ledger/")
    for kind in ("xlsx", "dbf"):
        page.select_option("#exportledger-file_format", kind)
        press(page, "生成文件")
        assert work(page) == 1
        data = download(page, "下载", within="#export-ledger")
        if kind == "xlsx":
            _opens_as_workbook(data, without.count(), correcting)
        else:
            _opens_as_dbf(data, without.count(), folder)
    staff("learning", "/registration/ledger/")
    assert COMPUTING not in said(staff("learning"))
    assert staff("learning").locator("tbody tr").count() == without.count() + 1


def _opens_as_workbook(data, without, correcting):
    rows = list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in rows] == [str(n) for n in range(1, without + 5)]
    assert sum("无图像" in row for row in rows) == without
    (mine,) = [row for row in rows if correcting.person.student_no in row]
    assert "软件工程" in mine
    assert correcting.person.id_number.decrypt() in mine


def _opens_as_dbf(data, without, folder):
    package = zipfile.ZipFile(io.BytesIO(data))
    assert sum(name.startswith("photos/") and name.endswith(".jpg") for name in package.namelist()) == 4
    for table, count in (("with_photo", 4), ("without_photo", without)):
        path = Path(package.extract(f"{table}.dbf", folder))
        assert len(DBF(path, encoding="gbk")) == count
