"""The form on the student's phone: one door, one answer, consent, personal QR, appointment (R68, R144, R147)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from gradphoto.apps.access.models import AccessAttempt
from gradphoto.apps.makeup import cases, forms_out
from gradphoto.apps.makeup.models import FormCode, MakeUpCase
from gradphoto.apps.makeup.tokens import personal_token
from gradphoto.apps.orgs.models import Role
from makeup.makeup_world import approved, client, filled, published
from world import add_candidate

pytestmark = pytest.mark.django_db


@pytest.fixture
def slip(world):
    return forms_out.issue_form(world.actor(Role.COUNSELLOR), approved(world, add_candidate(world, 1)))


def text(answer):
    return answer.content.decode()


def enter(slip, phone=None):
    phone = phone or Client()
    sent = phone.post("/make-up-form/", {"code": slip.spaced.lower(), "student_no": slip.case.candidate.student_no})
    assert sent.url == "/make-up-form/mine/"
    return phone


FORM = {"phone": "139 0000 0000", "consent": "yes", "right_recipient": "yes"}


def test_r68_scan_fill_and_get_the_own_qr(slip):
    phone = Client()
    assert phone.get(f"/make-up-form/{slip.code}/").url == "/make-up-form/"
    assert slip.code in text(phone.get("/make-up-form/"))
    enter(slip, phone)
    page = text(phone.get("/make-up-form/mine/"))
    assert "王秘书" in page
    assert slip.case.candidate.id_number.decrypt() not in page
    assert "makeup.consent_missing" in text(phone.post("/make-up-form/mine/", {**FORM, "consent": ""}))
    assert "makeup.phone" in text(phone.post("/make-up-form/mine/", {**FORM, "phone": "12"}))
    assert "makeup.recipient_not_confirmed" in text(phone.post("/make-up-form/mine/", {**FORM, "right_recipient": ""}))
    phone.post("/make-up-form/mine/", FORM)
    case = MakeUpCase.objects.get()
    assert (case.status, case.consent_at is not None) == ("filled", True)
    mine = text(phone.get("/make-up-form/mine/"))
    assert "data:image/svg" in mine
    assert personal_token(case) in mine


def test_the_code_is_spent_and_the_personal_link_lets_him_come_back(slip):
    phone = enter(slip)
    phone.post("/make-up-form/mine/", FORM)
    number = slip.case.candidate.student_no
    assert Client().post("/make-up-form/", {"code": slip.code, "student_no": number}).status_code == 403
    again = Client()
    token = personal_token(MakeUpCase.objects.get())
    again.get(f"/make-up-form/{token}/")
    assert again.post("/make-up-form/", {"code": token, "student_no": number}).url == "/make-up-form/mine/"
    assert Client().post("/make-up-form/", {"code": token, "student_no": "2022000099"}).status_code == 403


def test_he_books_rebooks_and_gives_back_on_his_phone(world, slip):
    phone = enter(slip)
    phone.post("/make-up-form/mine/", FORM)
    first, second = published(world).slots.all()
    assert "测试通知" in text(phone.get("/make-up-form/mine/"))
    for slot in (first, second):
        phone.post("/make-up-form/book/", {"slot": slot.pk})
        assert MakeUpCase.objects.get().booking.slot == slot
    assert "带本二维码、学生证、身份证" in text(phone.get("/make-up-form/mine/"))
    phone.post("/make-up-form/release/")
    assert MakeUpCase.objects.get().status == "filled"
    assert "makeup.slot" in text(phone.post("/make-up-form/book/", {"slot": "999"}))


def test_r165_every_wrong_entry_gets_the_same_answer(world, slip):
    other = forms_out.issue_form(world.actor(Role.COUNSELLOR), approved(world, add_candidate(world, 2)))
    right = {"code": slip.code, "student_no": slip.case.candidate.student_no}
    cases.cancel_case(world.actor(Role.REGISTRAR), other.case, reason="不再需要")
    wrong = (
        {**right, "code": "AAAAAAAAAA"}, {**right, "student_no": "2022999999"}, {**right, "code": ""},
        {**right, "student_no": other.case.candidate.student_no},
        {"code": other.code, "student_no": other.case.candidate.student_no},
        {**right, "code": personal_token(slip.case) + "x"},
    )  # fmt: skip
    answers = {
        (a.status_code, text(a).split("csrfmiddlewaretoken")[0])
        for a in (Client().post("/make-up-form/", w) for w in wrong)
    }
    assert len(answers) == 1
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        assert Client().post("/make-up-form/", right).status_code == 403, "run out"


def test_attempts_count_together_with_the_students_other_page(slip):
    number = slip.case.candidate.student_no
    for n in range(4):
        Client().post("/sign/" if n % 2 else "/make-up-form/", {"code": "WRONG", "student_no": number})
    shut = Client().post("/make-up-form/", {"code": slip.code, "student_no": number})
    assert (shut.status_code, "尝试次数过多" in text(shut)) == (429, True)
    assert not AccessAttempt.objects.filter(subject_index__contains=number).exists()


def test_a_new_code_ends_the_visit_and_the_old_code(world, slip):
    phone = enter(slip)
    assert FormCode.objects.get().is_live
    forms_out.issue_form(world.actor(Role.COUNSELLOR), MakeUpCase.objects.get())
    outside = phone.get("/make-up-form/mine/").url
    assert outside == "/make-up-form/?over"
    assert "本次登录已结束" in phone.get(outside).content.decode()
    assert FormCode.objects.filter(ended_at=None).count() == 1


def test_nobody_reaches_the_case_without_the_door(world):
    filled(world, add_candidate(world, 1))
    for name in ("mine", "book", "release", "wait"):
        answer = Client().get(f"/make-up-form/{name}/") if name == "mine" else Client().post(f"/make-up-form/{name}/")
        assert answer.url == "/make-up-form/"


def test_slips_are_printed_for_the_approved_only(world):
    case, waiting = approved(world, add_candidate(world, 1)), add_candidate(world, 2)
    asked = cases.apply_for(world.actor(Role.COUNSELLOR), waiting, reason_kind="illness", reason="住院")
    sheet = text(client(world, Role.COUNSELLOR).post("/make-up/", {"form": "issue_forms", "case": [case.pk, asked.pk]}))
    assert case.candidate.student_no in sheet
    assert waiting.student_no not in sheet
