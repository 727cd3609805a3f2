"""The forms of make-up, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gradphoto.apps.makeup import booking, cases, forms_out
from gradphoto.apps.makeup.forms import cases as forms
from gradphoto.apps.makeup.forms import own
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from makeup.makeup_world import approved, attended, client, filled, published, recipient, session_with, student
from pages.form_cases import Stage, form_case
from world import World, add_candidate, put

LONG = "很长的说明" * 50
TOO_LONG = (LONG, "pages.too_long")
NOT_OFFERED = ("x", "pages.not_offered")


def _url(case: MakeUpCase) -> str:
    return f"/make-up/cases/{case.pk}/"


def _asked(world: World, n: int = 1) -> MakeUpCase:
    return cases.apply_for(
        world.actor(Role.REGISTRAR), add_candidate(world, n), reason_kind="internship", reason="外省实习"
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
    wrong = {"at": ("昨天", "pages.invalid"), "place": ("长" * 161, "pages.too_long")}
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
    put(MakeUpCase.objects.filter(pk=case.pk), status="captured")
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
