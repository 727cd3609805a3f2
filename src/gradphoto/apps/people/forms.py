"""The forms of the administrator's pages about people: their roles, second factors, invitations (``unit_forms``: organisations)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from gradphoto.apps.access.views import has_second_factor
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs import invitations, second_factors
from gradphoto.apps.orgs.models import (
    InvitationWay,
    Membership,
    Organisation,
    Role,
    User,
)
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.apps.pages.fields import (
    ChoiceField,
    MailField,
    RecordField,
    RecordsField,
    SomeOf,
    TextField,
    wrong,
)
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.people.lists import BY_UNIT, open_units, people_of
from gradphoto.engine.wording import Wording

_MOST = 500
QUARTER, HALF = "col-md-3", "col-md-6"


def why_field(zh: str, en: str) -> TextField:
    """The reason of a step, on record."""
    return TextField(label=bi(zh, en), max_length=200)


def unit_field(zh: str = "单位", en: str = "Organisation", css: str = QUARTER) -> RecordField:
    """An organisation that the actor manages and that is open."""
    return RecordField(lambda actor, target: open_units(actor), label=bi(zh, en), empty_label=None, css=css)


# people --------------------------------------------------------------------------------------------------------------


class AddUser(ActionForm):
    """A new sign-in with one role; its invitation is printed or mailed from the person's own page."""

    action = "orgs.add_user"
    button = Wording("添加", "Add")
    said = Wording("已添加，请发出邀请。", "Added: now invite this person.")
    display_name = TextField(label=bi("姓名", "Name"), max_length=60, css=QUARTER, attrs={"autocomplete": "off"})
    username = TextField(label=bi("用户名", "User name"), max_length=150, css=QUARTER, attrs={"autocomplete": "off"})
    telephone = TextField(
        label=bi("电话（可空）", "Telephone (may be empty)"), max_length=40, required=False, css=QUARTER
    )
    office = TextField(label=bi("办公室（可空）", "Office (may be empty)"), max_length=120, required=False, css=QUARTER)
    email = MailField(label=bi("邮箱（可空）", "Mail (may be empty)"), max_length=254, required=False, css=QUARTER)
    organisation = unit_field()
    role = ChoiceField(Role, label=bi("角色", "Role"), css=QUARTER, empty=Wording("选择角色", "Choose a role"))

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=name).exists():
            raise wrong(
                "orgs.username_taken", "用户名已被使用。请换一个，例如加上工号。",
                "This user name is taken: choose another one, for example with the staff number.",
            )  # fmt: skip
        return name

    def perform(self) -> User:
        given = dict(self.cleaned_data)
        made: User = REGISTRY[self.action].function(self.actor, given.pop("organisation"), **given)
        return made


def home_of(actor: Actor, person: User) -> Organisation:
    """The unit in which the administrator manages a person."""
    return get_scoped(actor, changeable(actor, Membership, "orgs.manage"), user=person).organisation


class _OnPerson(ActionForm):
    """A step on a person; its action is asked of the unit in which the administrator manages the person."""

    target: User

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def perform(self) -> Any:
        return REGISTRY[self.action].function(
            self.actor, home_of(self.actor, self.target), user=self.target, **self.arguments()
        )


class GrantRole(_OnPerson):
    action = "orgs.grant_role"
    button = Wording("增加角色", "Give this role")
    said = Wording("角色已增加。", "The role is given.")
    role = ChoiceField(Role, label=bi("角色", "Role"), css=HALF, empty=Wording("选择角色", "Choose a role"))
    organisation = unit_field(css=HALF)

    def perform(self) -> Any:
        given = self.cleaned_data
        return REGISTRY[self.action].function(self.actor, given["organisation"], user=self.target, role=given["role"])


class WithdrawRole(_OnPerson):
    action = "orgs.withdraw_role"
    button = Wording("收回", "Withdraw")
    said = Wording("角色已收回。", "The role is withdrawn.")
    membership = RecordField(
        lambda actor, target: changeable(actor, Membership, "orgs.manage").filter(user=target),
        label=bi("角色", "Role"), widget=forms.HiddenInput,
    )  # fmt: skip

    def perform(self) -> Any:
        return REGISTRY[self.action].function(self.actor, self.cleaned_data["membership"])


class SetUserActive(_OnPerson):
    """Close or open a sign-in, with a reason."""

    action = "orgs.set_user_active"
    said = Wording("已保存。", "Saved.")
    reason = why_field("原因，例如：离职", "Reason, such as: has left")

    def arguments(self) -> dict[str, Any]:
        return {"active": not self.target.is_active, "reason": self.cleaned_data["reason"]}


class RemoveSecondFactor(_OnPerson):
    """For who lost every factor, seen in person; with a reason."""

    action = "orgs.remove_second_factor"
    button = Wording("取消第二因素", "Remove the second factor")
    said = Wording("第二因素已取消，所有登录已结束。", "Second factor removed; every session has ended.")
    reason = why_field("原因，例如：手机丢失，已当面核实", "Reason, such as: lost the phone, seen in person")

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return bool(has_second_factor(target))


class InvitePeople(ActionForm):
    """Invitations for the chosen people, or for all who never signed in: slips as one PDF, or mails."""

    action = "orgs.invite"
    way = ChoiceField(InvitationWay, label=bi("方式", "Way"), widget=forms.HiddenInput)
    all_new = forms.BooleanField(required=False, widget=forms.HiddenInput)
    person = RecordsField(lambda actor, target: people_of(actor).filter(is_active=True), required=False)

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        if self.errors:
            return given
        people = self._chosen(given)
        if not people:
            raise wrong(
                "orgs.nobody_chosen",
                "没有选择人员。请勾选要邀请的人员。",
                "Nobody is chosen: tick the people to invite.",
            )
        if len(people) > _MOST:
            raise wrong(
                "orgs.too_many_chosen",
                f"一次最多 {_MOST} 人，请分批办理。",
                f"At most {_MOST} people at once: do it in parts.",
            )
        if given["way"] == InvitationWay.MAIL and (without := [user for user in people if not user.email]):
            names = "、".join(str(user) for user in without[:5])
            raise wrong(
                "orgs.no_mail_address", f"{len(without)} 人没有邮箱：{names}。请填写邮箱，或为他们打印邀请单。",
                f"No mail address: {names} ({len(without)}). Fill it in, or print slips for them.",
            )  # fmt: skip
        given["people"] = people
        return given

    def _chosen(self, given: Mapping[str, Any]) -> list[User]:
        people = people_of(self.actor).filter(is_active=True).order_by(*BY_UNIT)
        if given["all_new"]:
            people = invitations.not_yet_signed_in(people).filter(password_set_at=None)
        else:
            people = people.filter(pk__in=[one.pk for one in given["person"]])
        return list(people[: _MOST + 1])

    def perform(self) -> list[invitations.Invited]:
        given = self.cleaned_data
        made: list[invitations.Invited] = invitations.invite_many(self.actor, given["people"], way=given["way"])
        return made

    def done_message(self, result: list[invitations.Invited]) -> Wording:
        if self.cleaned_data["way"] != InvitationWay.MAIL:
            return Wording("", "")
        sent = invitations.send_by_mail(result)
        return Wording("已发出 {n} 封邀请邮件。", "{n} {n:mail|mails} sent.").format(n=sent)


PERSON_FORMS = (GrantRole, WithdrawRole, SetUserActive, RemoveSecondFactor, InvitePeople)


class RequireSecondFactor(ActionForm):
    """Which roles sign in with a second factor, in a unit and all below it."""

    action = "orgs.require_second_factor"
    said = Wording("已保存，下次登录起生效。", "Saved; it counts from the next sign-in.")
    target: Organisation
    role = forms.MultipleChoiceField(choices=Role.choices, required=False, widget=SomeOf)

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def rows(self) -> list[tuple[str, str, Organisation | None, bool]]:
        """Each role: its label, who demands it now, and whether it is ticked."""
        held = second_factors.roles_of(self.target)
        ticked = set(self["role"].value() or ()) if self.is_bound else set(map(str, held))
        return [(value, str(label), held.get(Role(value)), value in ticked) for value, label in Role.choices]

    def arguments(self) -> dict[str, Any]:
        return {"roles": {Role(value) for value in self.cleaned_data["role"]}}


# the invited person --------------------------------------------------------------------------------------------------


class EnterKey(Form):
    """The code of a slip, typed."""

    key = TextField(  # type: ignore[assignment]  # the name in the form, not the form's own key
        label=bi("邀请单上的邀请码", "The code on your slip"),
        max_length=60,
        attrs={"autocomplete": "off", "autofocus": "on"},
    )


class NewPassword(Form):
    """The new password twice; nobody else sees it."""

    new = forms.CharField(widget=forms.PasswordInput, strip=False)
    again = forms.CharField(widget=forms.PasswordInput, strip=False)

    def clean(self) -> dict[str, Any]:
        typed = dict(self.cleaned_data)
        if typed.get("new") and typed.get("again") and typed["new"] != typed["again"]:
            self.add_error("again", wrong("orgs.passwords_differ", "两次输入不一致。", "The two are not the same."))
        return typed
