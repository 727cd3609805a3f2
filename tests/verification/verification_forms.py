"""The forms of verification, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.verification import forms
from gradphoto.apps.verification.actions import dispute_photo, set_closing, view_case
from gradphoto.apps.verification.models import EarlyEnd, Opening, Reopening, VerificationCase
from gradphoto.apps.verification.notices import forms as notice_forms
from gradphoto.apps.verification.reopening import propose_early_end, propose_reopening
from pages.form_cases import Stage, form_case
from verification.class_list_world import signed_class_list
from verification.graduate_world import add_graduate, confirmed_case, graduate, open_case, staff
from world import World

LONG = "很长的说明" * 60


def _day(ahead: int) -> str:
    return str(timezone.localdate() + timedelta(days=ahead))


def _changed(world: World) -> VerificationCase:
    case = confirmed_case(world, 1)
    case.candidate.refresh_from_db()
    correct_candidate(world.actor(Role.REGISTRAR), case.candidate, field="major", value="软件工程", reason="核对")
    return case


@form_case(forms.ProposeReopening)
def propose_a_second_look(world: World) -> Stage:
    return Stage(
        reverse("verification:detail", args=[_changed(world).pk]), staff(world, Role.REGISTRAR),
        {"reason": "附省厅批复", "until": _day(9)},
        wrong={"reason": (LONG, "pages.too_long"), "until": (_day(-1), "verification.until_past")},
    )  # fmt: skip


def _proposed(world: World) -> Reopening:
    until = timezone.localdate() + timedelta(days=9)
    return propose_reopening(world.actor(Role.REGISTRAR), _changed(world), reason="附省厅批复", until=until)


@form_case(forms.ApproveReopening)
def approve_a_second_look(world: World) -> Stage:
    return Stage(
        reverse("verification:reopening", args=[_proposed(world).pk]), staff(world, Role.HEAD_OFFICE), {"seen": "on"},
        wrong={"seen": ("", "pages.required")},
    )  # fmt: skip


@form_case(forms.RejectReopening)
def reject_a_second_look(world: World) -> Stage:
    return Stage(
        reverse("verification:reopening", args=[_proposed(world).pk]), staff(world, Role.HEAD_OFFICE),
        {"reason": "材料不全"}, wrong={"reason": ("", "pages.required")},
    )  # fmt: skip


def _opening(world: World) -> Opening:
    open_case(world, 1)
    opening = Opening.objects.latest("pk")
    set_closing(world.actor(Role.REGISTRAR), opening, closes_on=timezone.localdate() + timedelta(days=21))
    return opening


@form_case(forms.ProposeEarlyEnd)
def propose_an_early_end(world: World) -> Stage:
    return Stage(
        reverse("verification:opening", args=[_opening(world).pk]), staff(world, Role.REGISTRAR),
        {"closes_on": _day(3), "reason": "已全部离校"},
        wrong={"closes_on": (_day(30), "verification.early_end_day"), "reason": (LONG, "pages.too_long")},
    )  # fmt: skip


def _early_end(world: World) -> EarlyEnd:
    day = timezone.localdate() + timedelta(days=3)
    return propose_early_end(world.actor(Role.REGISTRAR), _opening(world), closes_on=day, reason="已全部离校")


@form_case(forms.ApproveEarlyEnd)
def approve_an_early_end(world: World) -> Stage:
    return Stage(
        reverse("verification:early_end", args=[_early_end(world).pk]), staff(world, Role.HEAD_OFFICE), {"seen": "on"},
        wrong={"seen": ("", "pages.required")},
    )  # fmt: skip


@form_case(forms.RejectEarlyEnd)
def reject_an_early_end(world: World) -> Stage:
    return Stage(
        reverse("verification:early_end", args=[_early_end(world).pk]), staff(world, Role.HEAD_OFFICE),
        {"reason": "应先提醒"}, wrong={"reason": ("", "pages.required")},
    )  # fmt: skip


@form_case(forms.OpenCases)
def open_the_cases(world: World) -> Stage:
    add_graduate(world, 1)
    good = {"row": world.campaign.pk, "season": "spring", "early_reason": "教务处批准"}
    wrong = {"season": ("winter", "pages.not_offered"), "early_reason": (LONG, "pages.too_long")}
    return Stage(reverse("verification:list"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.SetClosing)
def publish_the_closing_day(world: World) -> Stage:
    open_case(world, 1)
    good = {"row": Opening.objects.latest("pk").pk, "closes_on": _day(9)}
    wrong = {"closes_on": (_day(-1), "verification.closing_past")}
    return Stage(reverse("verification:list"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.NoteTold)
def told_in_person(world: World) -> Stage:
    elsewhere = open_case(world, 2, department=world.other_department)
    good, wrong = {"cases": [open_case(world, 1).pk]}, {"cases": (["x"], "pages.not_offered")}
    return Stage(
        reverse("verification:list"), staff(world, Role.COLLEGE_OFFICER), good, wrong, {"cases": [elsewhere.pk]}
    )


@form_case(forms.SettleDispute)
def answer_a_dispute(world: World) -> Stage:
    case = open_case(world, 1)
    view_case(graduate(case), case)
    dispute_photo(graduate(case), case, reason="图像模糊")
    wrong = {"photo": ("newer", "pages.not_offered"), "answer": (LONG, "pages.too_long")}
    good = {"photo": "same", "answer": "清晰度符合标准"}
    return Stage(reverse("verification:detail", args=[case.pk]), staff(world, Role.REGISTRAR), good, wrong)


@form_case(notice_forms.SendNotices)
def send_notices(world: World) -> Stage:
    open_case(world, 1)
    good = {"campaign": world.campaign.pk, "kind": "reminder", "channel": "sms", "text": "{姓名}：请校对。"}
    wrong = {
        "channel": ("pigeon", "pages.not_offered"),
        "kind": ("x", "pages.not_offered"),
        "season": ("winter", "pages.not_offered"),
        "text": ("{证件号码}", "verification.notice_field"),
    }
    foreign = {"campaign": 10**6, "department": world.other_department.pk}
    return Stage(reverse("verification:notices"), staff(world, Role.COLLEGE_OFFICER), good, wrong, foreign)


@form_case(notice_forms.CountClassList)
def count_class_list(world: World) -> Stage:
    document = signed_class_list(world, open_case(world, 1).candidate)
    return Stage(
        reverse("verification:notices"), staff(world, Role.REGISTRAR), {"document": document.pk, "absent": ""},
        {"absent": ("99", "verification.list_absent"), "document": (10**6, "pages.not_offered")}, {"document": 10**6},
    )  # fmt: skip


@form_case(notice_forms.KeepContacts)
def take_addresses(world: World) -> Stage:
    open_case(world, 1)
    table = SimpleUploadedFile("a.csv", "学号,手机\n2022000001,13800000000\n".encode())
    other = SimpleUploadedFile("a.csv", "甲,乙\n1,2\n".encode())
    good, wrong = {"campaign": world.campaign.pk, "file": table}, {"file": (other, "verification.contact_columns")}
    return Stage(reverse("verification:notices"), staff(world, Role.REGISTRAR), good, wrong, {"campaign": 10**6})
