"""The forms of make-up, ready to be tried by ``tests/pages``."""

from __future__ import annotations

import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.makeup import booking, cases, closings, forms_out, seating
from gradphoto.apps.makeup import selfmade as selfmade_actions
from gradphoto.apps.makeup.forms import cases as forms
from gradphoto.apps.makeup.forms import closings as closing_forms
from gradphoto.apps.makeup.forms import days, fee, own, selfmade
from gradphoto.apps.makeup.models import MakeUpCase, SelfCollection
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from makeup.makeup_world import (
    approved,
    attended,
    client,
    come_to_the_day,
    filled,
    published,
    recipient,
    session_with,
    student,
    went_out,
)
from pages.form_cases import Stage, form_case
from repair_world import photographed
from world import World, add_candidate, put

LONG = "很长的说明" * 50
TOO_LONG = (LONG, "pages.too_long")
NOT_OFFERED = ("x", "pages.not_offered")


def _url(case: MakeUpCase) -> str:
    return f"/make-up/cases/{case.pk}/"


def _asked(world: World, n: int = 1) -> MakeUpCase:
    return cases.apply_for(
        world.actor(Role.COUNSELLOR), add_candidate(world, n), reason_kind="internship", reason="外省实习"
    )


@form_case(forms.ApplyFor)
def ask_for_one(world: World) -> Stage:
    person = add_candidate(world, 1)
    good = {"candidate": person.pk, "reason_kind": "internship", "reason": "外省实习", "way": "centre", "branch": ""}
    wrong = {"reason_kind": NOT_OFFERED, "reason": TOO_LONG, "way": NOT_OFFERED, "branch": NOT_OFFERED}
    url = f"/make-up/new/?q={person.student_no}"
    return Stage(url, client(world, Role.REGISTRAR), good, wrong, {"candidate": 10**6})


@form_case(forms.ApproveCase)
def approve(world: World) -> Stage:
    good = {"reason_kind": "internship", "reason": "外省实习", "way": "centre", "branch": ""}
    wrong = {"reason_kind": NOT_OFFERED, "reason": TOO_LONG, "way": NOT_OFFERED, "branch": NOT_OFFERED}
    return Stage(_url(_asked(world)), client(world, Role.REGISTRAR), good, wrong)


@form_case(forms.RefuseCase)
def refuse(world: World) -> Stage:
    return Stage(_url(_asked(world)), client(world, Role.REGISTRAR), {"reason": "不符合"}, {"reason": TOO_LONG})


@form_case(forms.CancelCase)
def cancel(world: World) -> Stage:
    return Stage(_url(_asked(world)), client(world, Role.REGISTRAR), {"reason": "不来了"}, {"reason": TOO_LONG})


@form_case(forms.Book)
def book(world: World) -> Stage:
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    slot = published(world).slots.first()
    wrong = {"slot": ("x", "pages.not_offered")}
    return Stage(_url(case), client(world, Role.COLLECTION_CENTRE), {"slot": slot.pk}, wrong, {"slot": 10**6})


@form_case(forms.BookByTelephone)
def book_by_telephone(world: World) -> Stage:
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    wrong = {"at": ("昨天", "pages.invalid"), "place": ("长" * 161, "pages.too_long"), "exception": TOO_LONG}
    good = {"at": "2030-03-06T09:00", "place": "示范路1号"}
    return Stage(_url(case), client(world, Role.COLLECTION_CENTRE), good, wrong)


@form_case(forms.ReleaseBooking)
def release(world: World) -> Stage:
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    booking.book(student(case.candidate_id), case, slot=published(world).slots.first())
    return Stage(_url(case), client(world, Role.COLLECTION_CENTRE), {"reason": "改期"}, {"reason": TOO_LONG})


@form_case(forms.Wait)
def wait(world: World) -> Stage:
    recipient(world)
    case, calendar = filled(world, add_candidate(world, 1)), published(world)
    wrong = {"calendar": NOT_OFFERED}
    return Stage(
        _url(case), client(world, Role.COLLECTION_CENTRE), {"calendar": calendar.pk}, wrong, {"calendar": 10**6}
    )


@form_case(forms.Deliver)
def deliver(world: World) -> Stage:
    recipient(world)
    case = attended(world, add_candidate(world, 1))
    Rule.objects.filter(key=IDENTIFICATION.name).update(value=["id_card_swipe", "makeup_qr"])
    session, _ = session_with(world, 0, status="open")
    seating.seat(world.actor(Role.SITE_STAFF), case, session, uuid.uuid4())
    put(MakeUpCase.objects.filter(pk=case.pk), status="captured", check_in=CheckIn.objects.latest("pk"))
    went_out(MakeUpCase.objects.get(pk=case.pk))
    good, wrong = {"received_by": "李秘书"}, {"received_by": ("人" * 61, "pages.too_long")}
    return Stage(_url(case), client(world, Role.COLLECTION_CENTRE), good, wrong)


@form_case(forms.TakeMailed)
def take_mailed(world: World) -> Stage:
    recipient(world)
    case = approved(world, add_candidate(world, 1), way="mail", reason_kind="army")
    picture = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0" + b"0" * 64, "image/jpeg")
    other = SimpleUploadedFile("a.jpg", b"%PDF-1.7 x")
    good, wrong = {"file": picture, "origin": "挂号信"}, {"file": (other, "core.upload_wrong_kind"), "origin": TOO_LONG}
    return Stage(f"{_url(case)}mailed/", client(world, Role.COLLECTION_CENTRE), good, wrong)


@form_case(forms.ApproveMany, forms.MakeSlips)
def many(world: World) -> Stage:
    case = _asked(world)
    wrong = {"case": (["x"], "pages.not_offered")}
    return Stage("/make-up/", client(world, Role.REGISTRAR), {"case": [case.pk]}, wrong, {"case": [10**6]})


@form_case(forms.ExpireOverdue)
def expire(world: World) -> Stage:
    good, wrong = {"campaign": world.campaign.pk}, {"campaign": NOT_OFFERED}
    return Stage("/make-up/", client(world, Role.REGISTRAR), good, wrong, {"campaign": 10**6})


@form_case(forms.SetRecipient)
def set_recipient(world: World) -> Stage:
    good = {
        "campaign": world.campaign.pk, "unit": world.department.pk, "name": "李秘书", "phone": "0731-1", "address": "路",
        "postcode": "410000",
    }  # fmt: skip
    wrong = {
        "name": ("人" * 61, "pages.too_long"), "phone": ("1" * 31, "pages.too_long"), "address": TOO_LONG,
        "postcode": ("1" * 11, "pages.too_long"),
    }  # fmt: skip
    foreign = {"unit": world.strange_department.pk, "campaign": 10**6}
    return Stage("/make-up/recipients/", client(world, Role.REGISTRAR), good, wrong, foreign)


@form_case(forms.OpenMissed)
def open_the_missed(world: World) -> Stage:
    session, people = session_with(world, 2)
    first = people[0].pk
    good = {"candidate": [first], f"kind_{first}": "army", f"why_{first}": "入伍"}
    wrong = {f"kind_{first}": NOT_OFFERED, f"why_{first}": TOO_LONG, "candidate": (["x"], "pages.not_offered")}
    return Stage(f"/make-up/missed/{session.pk}/", client(world, Role.REGISTRAR), good, wrong, {"candidate": [10**6]})


@form_case(forms.Attend)
def attend(world: World) -> Stage:
    recipient(world)
    case = filled(world, add_candidate(world, 1))
    booking.book(student(case.candidate_id), case, slot=published(world).slots.first())
    come_to_the_day(case)
    wrong = {"student_card": ("", "pages.required"), "id_card": ("", "pages.required")}
    return Stage(_url(case), client(world, Role.SITE_STAFF), {"student_card": "on", "id_card": "on"}, wrong)


@form_case(own.FillForm)
def fill_the_form(world: World) -> Stage:
    recipient(world)
    slip = forms_out.issue_form(world.actor(Role.COUNSELLOR), approved(world, add_candidate(world, 1)))
    phone = Client()
    phone.post("/make-up-form/", {"code": slip.code, "student_no": slip.case.candidate.student_no})
    good = {"phone": "13900000000", "consent": "yes", "right_recipient": "yes"}
    wrong = {"phone": ("12", "makeup.phone"), "consent": ("", "makeup.consent_missing")}
    return Stage("/make-up-form/mine/", phone, good, wrong)


@form_case(days.PublishDays)
def publish(world: World) -> Stage:
    good = {
        "centre": world.centre.pk, "code": "", "first": "2030-03-01", "last": "2030-03-31", "title": "寒假补拍",
        "place": "示范路1号", "source": "2026年通知", "hours": "8:30-11:30", "dates": "2030-03-06", "capacity": "6",
    }  # fmt: skip
    wrong = {
        "code": NOT_OFFERED, "first": ("x", "pages.invalid"), "capacity": ("0", "pages.too_small"),
        "title": ("名" * 37, "pages.too_long"), "source": TOO_LONG, "dates": ("明天", "makeup.own_days"),
    }  # fmt: skip
    return Stage("/make-up/days/", client(world, Role.COLLECTION_CENTRE), good, wrong, {"centre": world.school.pk})


def _collection(world: World) -> SelfCollection:
    return selfmade_actions.open_collection(
        world.actor(Role.LEARNING_CENTRE), world.campaign, organisation=world.learning_centre, title="自行采集"
    )


@form_case(selfmade.OpenCollection)
def begin_a_collection(world: World) -> Stage:
    good = {"campaign": world.campaign.pk, "organisation": world.learning_centre.pk, "title": "自行采集"}
    wrong = {"title": ("名" * 121, "pages.too_long")}
    foreign = {"organisation": world.strange_department.pk, "campaign": 10**6}
    return Stage("/make-up/self-organised/", client(world, Role.LEARNING_CENTRE), good, wrong, foreign)


@form_case(selfmade.ConfirmContact)
def ask_the_agency(world: World) -> Stage:
    url = f"/make-up/self-organised/{_collection(world).pk}/"
    wrong = {"on": ("2026-02-30", "pages.invalid"), "whom": ("人" * 81, "pages.too_long")}
    return Stage(url, client(world, Role.LEARNING_CENTRE), {"on": "2026-01-05", "whom": "图片社"}, wrong)


@form_case(selfmade.WithdrawCollection)
def withdraw_a_collection(world: World) -> Stage:
    url = f"/make-up/self-organised/{_collection(world).pk}/"
    return Stage(url, client(world, Role.LEARNING_CENTRE), {"reason": "不办了"}, {"reason": TOO_LONG})


def _in_state(world: World, status: str) -> str:
    made = _collection(world)
    asked = {"contacted_on": timezone.localdate(), "contacted_whom": "王老师"}
    agreed = {"sending_agreed_on": timezone.localdate(), "sending_agreed_whom": "王老师"}
    put(SelfCollection.objects.filter(pk=made.pk), status=status, checked_at=timezone.now(), **asked, **agreed)
    return f"/make-up/self-organised/{made.pk}/"


@form_case(selfmade.SubmitCollection)
def hand_a_collection_in(world: World) -> Stage:
    wrong = {"on": ("2026-02-30", "pages.invalid"), "whom": ("人" * 81, "pages.too_long")}
    good = {"on": "2026-01-05", "whom": "图片社"}
    return Stage(_in_state(world, "open"), client(world, Role.LEARNING_CENTRE), good, wrong)


@form_case(selfmade.ReturnCollection)
def return_a_collection(world: World) -> Stage:
    url = _in_state(world, "submitted")
    return Stage(url, client(world, Role.COLLECTION_CENTRE), {"reason": "缺人"}, {"reason": TOO_LONG})


@form_case(selfmade.FinishCollection)
def finish_a_collection(world: World) -> Stage:
    url = _in_state(world, "taking")
    return Stage(url, client(world, Role.COLLECTION_CENTRE), {"reason": "其余未到"}, {"reason": TOO_LONG})


@form_case(selfmade.DropPhoto)
def drop_a_photo(world: World) -> Stage:
    made = SelfCollection.objects.get(pk=int(_in_state(world, "open").split("/")[-2]))
    wrong = {"photo": ("x", "pages.not_offered")}
    url = f"/make-up/self-organised/{made.pk}/"
    return Stage(url, client(world, Role.LEARNING_CENTRE), {"photo": 1}, wrong, {"photo": 10**6})


@form_case(fee.TakeFee)
def take_the_fee(world: World) -> Stage:
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="open"
    )
    photographed(world, session, 2)
    put(CaptureSession.objects.filter(pk=session.pk), status="closed")
    sheet = closings.propose_closing(world.actor(Role.PHOTOGRAPHER), CaptureSession.objects.get(pk=session.pk))
    closings.agree_closing(world.actor(Role.SITE_STAFF), sheet)
    good = {
        "nonce": uuid.uuid4(), "shown_fen": "4000", "payer": "示范大学 李联系人", "tendered": "50", "channel": "on_the_day",
    }  # fmt: skip
    wrong = {
        "tendered": ("二十", "fees.amount"), "channel": NOT_OFFERED, "payer": ("校" * 81, "pages.too_long"),
        "shown_fen": ("-1", "pages.too_small"),
    }  # fmt: skip
    return Stage(f"/make-up/closings/{session.pk}/fee/", client(world, Role.PHOTOGRAPHER), good, wrong)


def _closed_session(world: World) -> CaptureSession:
    session, _ = session_with(world, 1)
    put(CaptureSession.objects.filter(pk=session.pk), status="closed")
    session.refresh_from_db()
    return session


@form_case(closing_forms.NoteCrew)
def note_crew(world: World) -> Stage:
    wrong = {"crew_leader": ("长" * 41, "makeup.crew"), "crew_photographer": ("字、" * 500, "pages.too_long")}
    url = f"/make-up/closings/{_closed_session(world).pk}/"
    return Stage(url, client(world, Role.REGISTRAR), {"crew_leader": "钱主任", "crew_checker": "孙老师、李老师"}, wrong)


@form_case(closing_forms.ReturnTable)
def return_table(world: World) -> Stage:
    good = {"row": world.department.pk, "handed_in_by": "张老师", "sheets": "4"}
    wrong = {"handed_in_by": TOO_LONG, "sheets": ("501", "pages.too_large")}
    url = f"/make-up/closings/{_closed_session(world).pk}/"
    return Stage(url, client(world, Role.REGISTRAR), good, wrong, {"table": 10**6})


def _agreed(world: World) -> tuple[str, int]:
    session = _closed_session(world)
    sheet = closings.propose_closing(world.actor(Role.PHOTOGRAPHER), session)
    closings.agree_closing(world.actor(Role.REGISTRAR), sheet)
    return f"/make-up/closings/{session.pk}/", sheet.pk


@form_case(closing_forms.VoidClosing)
def void_closing(world: World) -> Stage:
    url, sheet = _agreed(world)
    return Stage(url, client(world, Role.REGISTRAR), {"row": sheet, "reason": "重新开始"}, {"reason": TOO_LONG})


@form_case(closing_forms.NoteReceipt)
def note_receipt(world: World) -> Stage:
    url, sheet = _agreed(world)
    wrong = {"receipt": ("99901-2026-000077", "makeup.receipt_unknown"), "note": TOO_LONG}
    return Stage(url, client(world, Role.REGISTRAR), {"row": sheet, "note": "随院系缴费另开", "receipt": ""}, wrong)
