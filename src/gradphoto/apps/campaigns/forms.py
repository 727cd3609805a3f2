"""The forms of a campaign: its contacts, its steps, its rules, and the days of the holiday table."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.campaigns.models import Campaign, Contact, ContactSide, Issuer, Rule, RuleSet
from gradphoto.apps.campaigns.rule_form import RuleValueField
from gradphoto.apps.campaigns.settings_keys import Key
from gradphoto.apps.campaigns.steps import STEPS, Step
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.pages.fields import ChoiceField, DayField, MailField, RecordField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


class SetContact(ActionForm):
    """A liaison of the school, the centre or the agency (R202)."""

    action = "campaigns.set_contact"
    button = Wording("保存联系人", "Save the contact")
    said = Wording("已保存。", "Saved.")
    side = ChoiceField(ContactSide, label=bi("哪一方", "Whose"), css="col-md-4")
    name = TextField(label=bi("姓名或部门", "Name or office"), max_length=120, css="col-md-4")
    telephone = TextField(label=bi("电话", "Telephone"), max_length=40, css="col-md-4")
    other_telephone = TextField(label=bi("手机或另一电话", "Mobile"), max_length=40, required=False, css="col-md-4")
    fax = TextField(label=bi("传真", "Fax"), max_length=40, required=False, css="col-md-4")
    email = MailField(label=bi("邮箱", "Mail address"), required=False, max_length=254, css="col-md-4")
    address = TextField(label=bi("通信地址", "Postal address"), max_length=200, required=False, css="col-md-8")
    postcode = TextField(label=bi("邮编", "Postcode"), max_length=10, required=False, css="col-md-4")
    duty_from = DayField(label=bi("手机全天开机：首日", "On duty all day: first day"), required=False, css="col-md-4")
    duty_to = DayField(label=bi("末日", "Last day"), required=False, css="col-md-4")

    def arguments(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return said | {"side": ContactSide(said["side"])}


class DropContact(ActionForm):
    """A liaison that is none any more."""

    action = "campaigns.drop_contact"
    said = Wording("联系人已删除。", "The contact is removed.")
    target: Campaign
    drop = RecordField(
        lambda actor, target: Contact.objects.filter(campaign=target),
        label=bi("联系人", "Contact"),
        widget=forms.HiddenInput,
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def perform(self) -> Any:
        return REGISTRY[self.action].function(self.actor, self.cleaned_data["drop"])


class SetRule(ActionForm):
    """A rule's new value with the document that says so; first tried, then saved (R6)."""

    action = "campaigns.set_rule"
    button = Wording("查看影响", "Show the effect")
    said = Wording("规则已保存，计划已按新值计算。", "Saved; the plan is counted by it.")
    target: RuleSet
    issuer = ChoiceField(
        Issuer, label=bi("文件来自", "Whose document"), required=False, empty_value=Issuer.SCHOOL, css="col-md-3"
    )
    effective_from = DayField(label=bi("生效日期", "Effective from"), today=True, css="col-md-3")
    source = TextField(label=bi("来源（文件名称或文号）", "Source (notice)"), max_length=200, css="col-md-6")
    field_order = ("value", "issuer", "effective_from", "source")

    def __init__(
        self, actor: Actor, target: Any = None, data: Any = None, files: Any = None, *, rule: Key[Any], **options: Any
    ) -> None:
        self.rule = rule
        super().__init__(actor, target, data, files, auto_id="r-%s", **options)
        self.fields["value"] = RuleValueField(rule, label=bi("取值", "Value"))
        self.order_fields(self.field_order)

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "key": self.rule}

    @property
    def tried(self) -> Rule | None:
        """The rule as it would stand; None while nothing, or something wrong, is filled in."""
        if not (self.is_bound and self.is_valid()):
            return None
        return Rule(rule_set=self.target, key=self.rule.name, **self.cleaned_data)

    @property
    def filled(self) -> list[tuple[str, str]]:
        """What was filled in, input by input, to be sent along unseen when it is saved."""
        value = self["value"].data
        parts = [(name, text) for name, texts in value.lists() for text in texts]
        return [*parts, *((name, self[name].data or "") for name in self.field_order if name != "value")]


class WithdrawRule(ActionForm):
    """A value that was entered by mistake, taken back with a reason; it stays in the history."""

    action = "campaigns.withdraw_rule"
    button = Wording("撤回", "Withdraw")
    said = Wording("已撤回，历次取值中仍可查到。", "Withdrawn; it stays in the history.")
    target: RuleSet
    rule = RecordField(lambda actor, target: _rules(target), label=bi("规则", "Rule"), widget=forms.HiddenInput)
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


def _rules(target: RuleSet | None) -> QuerySet[Rule]:
    return target.rules.all() if target is not None else Rule.objects.none()


class SetDays(ActionForm):
    """A run of days of the holiday table (R201)."""

    action = "campaigns.set_days"
    button = Wording("确认登记", "Save")
    target: Organisation
    first = DayField(label=bi("从", "From"), css="col-6 col-md-3")
    last = DayField(label=bi("到（可空）", "To (may be empty)"), required=False, css="col-6 col-md-3")
    works = forms.ChoiceField(
        label=bi("安排", "Kind"), choices=[("no", bi("放假", "Day off")), ("yes", bi("上班", "At work"))]
    )
    source = TextField(label=bi("依据", "Source"), max_length=200)

    def arguments(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return given | {"last": given["last"] or given["first"], "works": given["works"] == "yes"}

    def done_message(self, result: Any) -> Wording:
        told = Wording("已登记 {n} 天，相关期限已重新计算。", "{n:day|days} kept; deadlines are counted anew.")
        return told.format(n=len(result))


class ClearDays(ActionForm):
    """A run of days taken out of the table."""

    action = "campaigns.clear_days"
    button = Wording("确认删除", "Remove")
    target: Organisation
    first = DayField(label=bi("从", "From"), css="col-6 col-md-3")
    last = DayField(label=bi("到", "To"), css="col-6 col-md-3")

    def done_message(self, result: int) -> Wording:
        told = Wording("已删除 {n} 天的登记，相关期限已重新计算。", "{n:day|days} removed; deadlines are counted anew.")
        return told.format(n=result)


class CampaignStep(ActionForm):
    """A step of a campaign, confirmed on its own page; what ends or takes back something asks why."""

    step: ClassVar[Step]

    def done_message(self, result: Any) -> Wording:
        return Wording(f"已办理：{self.step.title.zh}。", f"Done: {self.step.title.en}.")


def _reason() -> TextField:
    return TextField(
        label=bi("原因（必填，记入审计记录）", "Reason (needed; it is kept in the audit trail)"), max_length=200
    )


def _step_form(step: Step) -> type[CampaignStep]:
    """The form of a step, made of its entry in the table of steps."""
    button = Wording(f"确认：{step.title.zh}", f"Confirm: {step.title.en}")
    body: dict[str, Any] = {"action": step.name, "step": step, "button": button, "__module__": __name__}
    if step.reason:
        body["reason"] = _reason()
    class_name = "".join(part.title() for part in step.name.partition(".")[2].split("_"))
    return type(class_name, (CampaignStep,), body)


STEP_FORMS = {name: _step_form(step) for name, step in STEPS.items()}
