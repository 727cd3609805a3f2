"""The forms of the administrator's pages: people and their roles, units, tables of both, second factors, invitations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.access.views import has_second_factor
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs import invitations, second_factors
from gradphoto.apps.orgs.actions import managed_organisations
from gradphoto.apps.orgs.models import (
    ImportState,
    InvitationWay,
    Membership,
    Organisation,
    OrganisationKind,
    Role,
    TableImport,
    User,
)
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.apps.orgs.table_imports import LIMIT_MB, fields_of
from gradphoto.apps.pages.fields import (
    ChoiceField,
    MailField,
    RecordField,
    RecordsField,
    SomeOf,
    TextField,
    UploadField,
    wrong,
)
from gradphoto.apps.pages.forms import ActionForm, Form
from gradphoto.apps.people.lists import BY_UNIT, open_units, people_of
from gradphoto.engine.wording import Wording

_MOST = 500
_QUARTER, _HALF = "col-md-3", "col-md-6"


def _why(zh: str, en: str) -> TextField:
    return TextField(label=bi(zh, en), max_length=200)


def _unit(zh: str = "单位", en: str = "Organisation", css: str = _QUARTER) -> RecordField:
    return RecordField(lambda actor, target: open_units(actor), label=bi(zh, en), empty_label=None, css=css)


# people --------------------------------------------------------------------------------------------------------------


class AddUser(ActionForm):
    """A new sign-in with one role; its invitation is printed or mailed from the person's own page."""

    action = "orgs.add_user"
    button = Wording("添加", "Add")
    said = Wording("已添加，请发出邀请。", "Added: now invite this person.")
    display_name = TextField(label=bi("姓名", "Name"), max_length=60, css=_QUARTER, attrs={"autocomplete": "off"})
    username = TextField(label=bi("用户名", "User name"), max_length=150, css=_QUARTER, attrs={"autocomplete": "off"})
    telephone = TextField(
        label=bi("电话（可空）", "Telephone (may be empty)"), max_length=40, required=False, css=_QUARTER
    )
    office = TextField(
        label=bi("办公室（可空）", "Office (may be empty)"), max_length=120, required=False, css=_QUARTER
    )
    email = MailField(label=bi("邮箱（可空）", "Mail (may be empty)"), max_length=254, required=False, css=_QUARTER)
    organisation = _unit()
    role = ChoiceField(Role, label=bi("角色", "Role"), css=_QUARTER, empty=Wording("选择角色", "Choose a role"))

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
    role = ChoiceField(Role, label=bi("角色", "Role"), css=_HALF, empty=Wording("选择角色", "Choose a role"))
    organisation = _unit(css=_HALF)

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
    reason = _why("原因，例如：离职", "Reason, such as: has left")

    def arguments(self) -> dict[str, Any]:
        return {"active": not self.target.is_active, "reason": self.cleaned_data["reason"]}


class RemoveSecondFactor(_OnPerson):
    """For who lost every factor, seen in person; with a reason."""

    action = "orgs.remove_second_factor"
    button = Wording("取消第二因素", "Remove the second factor")
    said = Wording("第二因素已取消，所有登录已结束。", "Second factor removed; every session has ended.")
    reason = _why("原因，例如：手机丢失，已当面核实", "Reason, such as: lost the phone, seen in person")

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


# units ---------------------------------------------------------------------------------------------------------------


class AddOrganisation(ActionForm):
    """A unit below one of the viewer's own."""

    action = "orgs.add_organisation"
    button = Wording("添加", "Add")
    parent = _unit("上级", "Below")
    kind = ChoiceField(
        OrganisationKind, label=bi("类别", "Kind"), css=_QUARTER, empty=Wording("选择类别", "Choose a kind")
    )
    name = TextField(label=bi("名称", "Name"), max_length=120, css=_HALF)
    code = TextField(label=bi("代码（可空）", "Code (may be empty)"), max_length=20, required=False, css=_QUARTER)
    name_en = TextField(
        label=bi("英文名称（可空）", "English name (may be empty)"), max_length=160, required=False, css=_HALF
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        parent, known = given.get("parent"), {"kind": given.get("kind"), "name": given.get("name")}
        if parent is not None and all(known.values()) and parent.children.filter(**known).exists():
            self.add_error("name", wrong(
                "orgs.organisation_known", "该单位下已有同名单位，请核对名称。", "It is there already: check the name.",
            ))  # fmt: skip
        return given

    def perform(self) -> Organisation:
        given = dict(self.cleaned_data)
        made: Organisation = REGISTRY[self.action].function(self.actor, given.pop("parent"), **given)
        return made

    def done_message(self, result: Organisation) -> Wording:
        return Wording(f"已添加 {result.name}。", f"{result.name} added.")


class ChangeOrganisation(ActionForm):
    action = "orgs.change_organisation"
    target: Organisation
    name = TextField(label=bi("名称", "Name"), max_length=120, css=_HALF)
    code = TextField(label=bi("代码", "Code"), max_length=20, required=False, css=_QUARTER)
    name_en = TextField(label=bi("英文名称", "English name"), max_length=160, required=False, css=_HALF)

    @classmethod
    def starts_with(cls, actor: Actor, target: Organisation) -> Mapping[str, Any]:
        return {"name": target.name, "code": target.code, "name_en": target.name_en}


def _other_parents(actor: Actor, target: Any) -> QuerySet[Organisation]:
    known = open_units(actor)
    return known.exclude(path__startswith=target.path) if target is not None else known


class MoveOrganisation(ActionForm):
    action = "orgs.move_organisation"
    button = Wording("移动（连同下级）", "Move with all below")
    said = Wording("已移动。", "Moved.")
    parent = RecordField(_other_parents, label=bi("上级", "Below"), empty_label=None, css=_HALF)

    @classmethod
    def starts_with(cls, actor: Actor, target: Organisation) -> Mapping[str, Any]:
        return {"parent": target.parent_id}

    @classmethod
    def is_offered(cls, actor: Actor, target: Organisation) -> bool:
        return target.parent_id is not None and super().is_offered(actor, target)


class ArchiveOrganisation(ActionForm):
    action = "orgs.archive_organisation"
    button = Wording("撤销", "Archive")
    said = Wording("已撤销。", "Archived.")
    reason = _why("原因，例如：撤并", "Reason, such as: merged")

    @classmethod
    def is_offered(cls, actor: Actor, target: Organisation) -> bool:
        return target.parent_id is not None and target.archived_at is None and super().is_offered(actor, target)


class RestoreOrganisation(ActionForm):
    action = "orgs.restore_organisation"
    button = Wording("恢复单位", "Take it back")
    said = Wording("已恢复。", "Taken back.")
    reason = _why("原因", "Reason")

    @classmethod
    def is_offered(cls, actor: Actor, target: Organisation) -> bool:
        return target.parent_id is not None and target.archived_at is not None and super().is_offered(actor, target)


UNIT_FORMS = (ChangeOrganisation, MoveOrganisation, ArchiveOrganisation, RestoreOrganisation)


# tables --------------------------------------------------------------------------------------------------------------


class ReadTable(ActionForm):
    """A table of units or people, looked through before anything is taken over."""

    action = "orgs.read_table"
    button = Wording("上传并检查", "Hand in and check")
    said = Wording("文件已读取，请核对每一行。", "The file is read: look over its rows.")
    file = UploadField(
        Kind.TABLE, limit_mb=LIMIT_MB, accept=".xlsx,.xls,.csv,.txt,.dbf",
        label=bi("文件（xlsx、xls、csv、dbf）", "File (xlsx, xls, csv, dbf)"), css=_HALF,
    )  # fmt: skip

    def __init__(self, actor: Actor, target: Any, data: Any = None, files: Any = None, **options: Any) -> None:
        self.kind = options.pop("kind", "")
        super().__init__(actor, target, data, files, **options)

    def perform(self) -> TableImport:
        root = managed_organisations(self.actor).filter(archived_at=None).order_by("path").first()
        if root is None:
            raise invalid("orgs.no_unit", "没有可管理的单位。", "There is no unit of yours.", "请联系上级管理员。",
                          "Ask the administrator above.")  # fmt: skip
        file = self.cleaned_data["file"]
        made: TableImport = REGISTRY[self.action].function(
            self.actor, root, kind=self.kind, file_name=file.name or "table", data=file.data
        )
        return made


class MapTable(ActionForm):
    """Which column is which."""

    action = "orgs.map_table"
    button = Wording("按此检查", "Check by these")
    said = Wording("已按此检查。", "Checked by these columns.")
    target: TableImport

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        now = {column: name for name, column in self.target.mapping.items()}
        items = [("", bi("不导入", "Leave out")), *((one.name, say(one.title)) for one in fields_of(self.target.kind))]
        for n, title in enumerate(self.target.header):
            self.fields[f"column_{n}"] = forms.ChoiceField(
                label=title or "—", choices=items, required=False, initial=now.get(n, "")
            )
            self.fields[f"column_{n}"].css = _QUARTER  # type: ignore[attr-defined]

    @classmethod
    def is_offered(cls, actor: Actor, target: TableImport) -> bool:
        return target.state == ImportState.OPEN and super().is_offered(actor, target)

    def clean(self) -> dict[str, Any]:
        given, seen = dict(self.cleaned_data), set[str]()
        for name, item in given.items():
            if item and item in seen:
                self.add_error(name, wrong(
                    "orgs.column_twice", "同一项目指定了两列，每个项目只选一列。",
                    "Two columns were named for the same item: choose one column an item.",
                ))  # fmt: skip
            seen.add(item)
        return given

    def arguments(self) -> dict[str, Any]:
        return {"mapping": {item: int(name[7:]) for name, item in self.cleaned_data.items() if item}}


class TakeTable(ActionForm):
    action = "orgs.take_table"
    button = Wording("接收无误的行", "Take over the good rows")

    def done_message(self, result: int) -> Wording:
        return Wording("已接收 {n} 行。", "{n:row|rows} taken over.").format(n=result)


class DiscardTable(ActionForm):
    action = "orgs.discard_table"
    button = Wording("放弃这个文件", "Leave the file")
    said = Wording("文件已放弃。", "The file is left.")

    @classmethod
    def is_offered(cls, actor: Actor, target: TableImport) -> bool:
        return target.state == ImportState.OPEN and super().is_offered(actor, target)


TABLE_FORMS = (MapTable, TakeTable, DiscardTable)


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
