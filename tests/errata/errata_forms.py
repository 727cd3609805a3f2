"""The forms of errata, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

from errata.errata_world import (
    CONTACT,
    TODAY,
    at_the_agency,
    deliver_photograph,
    draft,
    hand_over,
    missing_case,
    on_a_form,
    seal,
    send,
)
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.errata import drafting_forms, forms, steps
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.actions import dispute_photo, view_case
from pages.form_cases import Stage, form_case, pdf
from verification.graduate_world import graduate, open_case, staff
from world import World, add_candidate

FACTS = {"contact": CONTACT.name, "telephone": CONTACT.telephone, "address": CONTACT.address}
LONG = "很长的说明" * 200


def _tomorrow() -> str:
    """Asked for when the form is tried, which may be another day than that on which this file was read."""
    return str(TODAY() + timedelta(days=1))


def _case(pk: int) -> str:
    return reverse("errata:detail", args=[pk])


def _strange_case(world: World) -> int:
    """A case of another school, in no scope of this one's people."""
    campaign = Campaign.objects.create(
        cohort_year=2026,
        title=f"他校 {world.campaign.pk}",
        school=world.strange_school,
        centre=world.centre,
        rule_set=world.campaign.rule_set,
    )
    person = add_candidate(world, 90, department=world.strange_department)
    person.campaign = campaign
    person.save(update_fields=["campaign"])
    here, world.campaign = world.campaign, campaign
    case = draft(world, person, actor=world.stranger(Role.REGISTRAR))
    world.campaign = here
    return case.pk


@form_case(drafting_forms.CompileForm)
def compile_form(world: World) -> Stage:
    case = missing_case(world)
    return Stage(
        reverse("errata:list"), staff(world, Role.REGISTRAR), {"cases": [case.pk]},
        wrong={"cases": (["x"], "pages.not_offered")}, foreign={"cases": [_strange_case(world)]},
    )  # fmt: skip


@form_case(forms.SendCase)
def send_case(world: World) -> Stage:
    case = draft(world, add_candidate(world), ErrataKind.BAD_PHOTO)
    good = {"on": str(TODAY()), "channel": "fax", "to": "示范采集中心"}
    wrong = {
        "on": (_tomorrow(), "pages.day_ahead"),
        "channel": ("pigeon", "pages.not_offered"),
        "to": (LONG, "pages.too_long"),
    }
    return Stage(_case(case.pk), staff(world, Role.REGISTRAR), good, {**wrong, "channel": wrong["channel"]})


@form_case(forms.ReceiveCase)
def receive_case(world: World) -> Stage:
    case = draft(world, add_candidate(world), ErrataKind.BAD_PHOTO)
    steps.send_case(world.actor(Role.REGISTRAR), case, on=TODAY(), channel="fax", to="中心")
    yesterday = str(TODAY() - timedelta(days=1))
    wrong = {"on": (yesterday, "errata.received_before_sent")}
    return Stage(_case(case.pk), staff(world, Role.COLLECTION_CENTRE), {"on": str(TODAY())}, wrong)


@form_case(forms.ReissueCase)
def reissue_case(world: World) -> Stage:
    case = missing_case(world)
    at_the_agency(world, case)
    wrong = {"note": (LONG, "pages.too_long"), "on": ("2026-02-30", "pages.invalid")}
    return Stage(_case(case.pk), staff(world, Role.COLLECTION_CENTRE), {"on": str(TODAY()), "note": "SF1"}, wrong)


@form_case(forms.CorrectCase)
def correct_case(world: World) -> Stage:
    case = draft(world, add_candidate(world), ErrataKind.DATA_WRONG, right={"major": "软件工程"})
    hand_over(world, case)
    wrong = {"on": (_tomorrow(), "pages.day_ahead")}
    return Stage(_case(case.pk), staff(world, Role.HEAD_OFFICE), {"on": str(TODAY()), "note": "x"}, wrong)


def _bad_photo_received(world: World):
    case = draft(world, add_candidate(world), ErrataKind.BAD_PHOTO)
    steps.send_case(world.actor(Role.REGISTRAR), case, on=TODAY(), channel="fax", to="中心")
    steps.receive_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    return case


@form_case(forms.SeatForReshoot)
def seat(world: World) -> Stage:
    case = _bad_photo_received(world)
    session = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="体育馆", status="open")
    other = Campaign.objects.create(
        cohort_year=2026,
        title=f"他校 {world.campaign.pk}",
        school=world.strange_school,
        centre=world.centre,
        rule_set=world.campaign.rule_set,
    )
    strange = CaptureSession.objects.create(campaign=other, date=TODAY(), place="他校", status="open")
    nonce = "6f1f4a3e-9f6b-4a51-9a53-0a86ee2c2f10"
    return Stage(
        _case(case.pk), staff(world, Role.SITE_STAFF), {"session": session.pk, "nonce": nonce},
        wrong={"nonce": ("x", "pages.invalid")}, foreign={"session": strange.pk},
    )  # fmt: skip


@form_case(forms.ReshootCase)
def reshoot(world: World) -> Stage:
    case = _bad_photo_received(world)
    session = CaptureSession.objects.create(campaign=world.campaign, date=TODAY(), place="体育馆", status="open")
    seated = forms.SeatForReshoot(
        world.actor(Role.SITE_STAFF), case,
        {"session": session.pk, "nonce": "6f1f4a3e-9f6b-4a51-9a53-0a86ee2c2f10"},
    )  # fmt: skip
    assert seated.is_valid()
    seated.perform()
    wrong = {"on": (_tomorrow(), "pages.day_ahead")}
    return Stage(_case(case.pk), staff(world, Role.COLLECTION_CENTRE), {"on": str(TODAY()), "note": "好"}, wrong)


def _reissued(world: World):
    case = missing_case(world)
    at_the_agency(world, case)
    steps.reissue_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    deliver_photograph(world, case.items.get().candidate)
    return case


@form_case(forms.ReturnResult)
def return_result(world: World) -> Stage:
    return Stage(
        _case(_reissued(world).pk), staff(world, Role.REGISTRAR), {"reason": "错"}, {"reason": (LONG, "pages.too_long")}
    )


@form_case(forms.FileCase)
def file_case(world: World) -> Stage:
    case = _reissued(world)
    steps.confirm_case(world.actor(Role.REGISTRAR), case)
    return Stage(_case(case.pk), staff(world, Role.REGISTRAR), {"place": "柜"}, {"place": (LONG, "pages.too_long")})


@form_case(forms.RefuseCase)
def refuse_case(world: World) -> Stage:
    case = missing_case(world)
    at_the_agency(world, case)
    return Stage(
        _case(case.pk), staff(world, Role.COLLECTION_CENTRE), {"reason": "错"}, {"reason": (LONG, "pages.too_long")}
    )


@form_case(forms.WithdrawCase)
def withdraw_case(world: World) -> Stage:
    return Stage(
        _case(missing_case(world).pk),
        staff(world, Role.REGISTRAR),
        {"reason": "错"},
        {"reason": (LONG, "pages.too_long")},
    )


@form_case(drafting_forms.EditCase)
def edit_case(world: World) -> Stage:
    wrong = {
        "telephone": ("123", "errata.telephone"),
        "contact": ("人" * 61, "pages.too_long"),
        "description": (LONG, "pages.too_long"),
    }
    return Stage(_case(missing_case(world).pk), staff(world, Role.REGISTRAR), {**FACTS, "description": "字"}, wrong)


@form_case(forms.AttachFile)
def attach_file(world: World) -> Stage:
    good = {"kind": "proof", "note": "身份证复印件", "file": pdf()}
    wrong = {
        "file": (pdf(b"<html>"), "core.upload_wrong_kind"),
        "kind": ("x", "pages.not_offered"),
        "note": (LONG, "pages.too_long"),
    }
    return Stage(_case(missing_case(world).pk), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.SealForm)
def seal_form(world: World) -> Stage:
    form = on_a_form(world, missing_case(world))
    good = {"seal_of": "示范大学", "signed_by": "李主任", "signed_role": "处长", "on": str(TODAY()), "file": pdf()}
    wrong = {
        "file": (pdf(b"MZ"), "core.upload_wrong_kind"),
        "on": (_tomorrow(), "pages.day_ahead"),
        "signed_by": ("人" * 61, "pages.too_long"),
    }
    return Stage(reverse("errata:form", args=[form.pk]), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.SendForm)
def send_form(world: World) -> Stage:
    form = on_a_form(world, missing_case(world))
    seal(world, form)
    good = {"on": str(TODAY()), "channel": "courier", "to": "图片社"}
    wrong = {"to": (LONG, "pages.too_long")}
    return Stage(reverse("errata:form", args=[form.pk]), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.ReceiveForm)
def receive_form(world: World) -> Stage:
    form = on_a_form(world, missing_case(world))
    seal(world, form)
    send(world, form)
    wrong = {"on": (str(TODAY() - timedelta(days=9)), "errata.received_before_sent")}
    return Stage(
        reverse("errata:form", args=[form.pk]), staff(world, Role.COLLECTION_CENTRE), {"on": str(TODAY())}, wrong
    )


@form_case(drafting_forms.DraftForm)
def draft_form(world: World) -> Stage:
    person = add_candidate(world)
    wrong = {
        "telephone": ("12", "errata.telephone"),
        "right_birth_date": ("2004-03-06", "verification.corrections_invalid"),
        "address": ("", "pages.required"),
    }
    url = f"{reverse('errata:draft')}?kind=data_wrong&candidate={person.pk}"
    good = {**FACTS, "description": "日期错", "right_major": "软件工程"}
    return Stage(url, staff(world, Role.COLLEGE_OFFICER), good, wrong)


@form_case(drafting_forms.TakeDisputes)
def take_disputes(world: World) -> Stage:
    disputed = open_case(world, 1)
    view_case(graduate(disputed), disputed)
    dispute_photo(graduate(disputed), disputed, reason="图像模糊")
    good = {**FACTS, "case": [disputed.pk], f"kind_{disputed.pk}": "blurred"}
    wrong = {"telephone": ("1", "errata.telephone"), f"kind_{disputed.pk}": ("x", "pages.not_offered")}
    return Stage(reverse("errata:disputes"), staff(world, Role.REGISTRAR), good, wrong, foreign={"case": [10**6]})


@form_case(forms.RoutesForm)
def routes(world: World) -> Stage:
    good = {"route_missing": "centre", "route_data_wrong": "registry", "source": "省厅通知", "since": str(TODAY())}
    wrong = {
        "route_missing": ("nobody", "pages.not_offered"),
        "source": (LONG, "pages.too_long"),
        "since": ("x", "pages.invalid"),
    }
    return Stage(f"{reverse('errata:routes')}?campaign={world.campaign.pk}", staff(world, Role.REGISTRAR), good, wrong)
