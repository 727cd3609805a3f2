"""The forms of campaigns, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.campaigns import forms
from gradphoto.apps.campaigns.models import Campaign, Contact
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.forms import ROW
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World, put

TOO_LONG = ("很长的说明" * 60, "pages.too_long")


@form_case(forms.SetContact)
def set_contact(world: World) -> Stage:
    return Stage(
        reverse("campaigns:contacts", args=[world.campaign.pk]),
        staff(world, Role.REGISTRAR),
        {"side": "school", "name": "教务处", "telephone": "0731-1", "duty_from": "2026-12-01", "duty_to": "2026-12-05"},
        wrong={
            "name": ("", "pages.required"),
            "telephone": ("0" * 60, "pages.too_long"),
            "side": ("nobody", "pages.not_offered"),
            "duty_to": ("2026-11-01", "campaigns.duty_days"),
        },
    )


@form_case(forms.DropContact)
def drop_contact(world: World) -> Stage:
    made = Contact.objects.create(campaign=world.campaign, side="school", name="教务处", telephone="1")
    wrong = {"drop": ("none", "pages.not_offered")}
    address = reverse("campaigns:contacts", args=[world.campaign.pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"drop": made.pk}, wrong, foreign={"drop": made.pk + 999})


@form_case(forms.SetRule)
def set_rule(world: World) -> Stage:
    """R6: no value counts without the document it comes from."""
    good = {"value": "12", "issuer": "province", "effective_from": "2026-01-01", "source": "湘教通〔2026〕1号"}
    wrong = {
        "value": ("many", "campaigns.rule_value"),
        "effective_from": ("soon", "pages.invalid"),
        "source": TOO_LONG,
        "issuer": ("nobody", "pages.not_offered"),
    }
    address = f"{reverse('campaigns:rule', args=[world.campaign.pk])}?key=verification.promised_workdays"
    return Stage(address, staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.WithdrawRule)
def withdraw_rule(world: World) -> Stage:
    rule = world.campaign.rule_set.rules.first()
    good = {"rule": rule.pk, "reason": "抄错了"}
    address = reverse("campaigns:withdraw_rule", args=[world.campaign.pk])
    return Stage(address, staff(world, Role.REGISTRAR), good, {"reason": TOO_LONG}, foreign={"rule": rule.pk + 9999})


@form_case(forms.SetDays)
def set_days(world: World) -> Stage:
    good = {ROW: world.school.pk, "first": "2026-11-25", "last": "2026-11-26", "works": "no", "source": "校运会"}
    wrong = {"first": ("soon", "pages.invalid"), "works": ("maybe", "pages.not_offered"), "source": TOO_LONG}
    return Stage(reverse("campaigns:set_days"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.ClearDays)
def clear_days(world: World) -> Stage:
    good = {ROW: world.school.pk, "first": "2026-11-25", "last": "2026-11-26"}
    wrong = {"last": ("soon", "pages.invalid")}
    return Stage(reverse("campaigns:clear_days"), staff(world, Role.REGISTRAR), good, wrong)


def _step(name: str, status: str) -> None:
    @form_case(forms.STEP_FORMS[f"campaigns.{name}"])
    def stage(world: World) -> Stage:
        put(Campaign.objects.all(), status=status)
        address = reverse("campaigns:step", args=[world.campaign.pk, name])
        return Stage(address, staff(world, Role.REGISTRAR), {"reason": "太早"}, {"reason": TOO_LONG})


for _name, _status in (
    ("back_to_preparing", "collecting"), ("back_to_collecting", "verifying"), ("close_campaign", "verifying"),
    ("reopen_campaign", "closed"),
):  # fmt: skip
    _step(_name, _status)
