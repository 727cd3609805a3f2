"""The forms of the administrator's page of tokens, and of one's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.api.models import ApiToken, TokenState
from gradphoto.apps.api.rights import RIGHTS, ROLES, rights_of
from gradphoto.apps.api.tokens import LONGEST_DAYS
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Membership
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import RecordField, SomeOf, TextField, wrong
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


def lettable(actor: Actor, target: Any = None) -> QuerySet[Membership]:
    """Whose programs an administrator may let in: who holds a role that does work, nobody's own."""
    mine = changeable(actor, Membership, "api.manage").filter(
        role__in=ROLES, user__is_active=True, organisation__archived_at=None
    )
    return mine.exclude(user=actor.user).select_related("user", "organisation").order_by("user__display_name", "pk")


class _Membership(RecordField):
    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.user} · {obj.get_role_display()} · {obj.organisation.name}"


class MakeToken(ActionForm):
    """A token for a person's program: which role, which rights of it, for how long."""

    action = "api.make_token"
    button = Wording("新建令牌", "Make the token")
    said = Wording("已新建，请本人在“我的账号”里领取密钥。", "Made: its person draws the secret on “My account”.")
    name = TextField(label=bi("名称，例如：教务系统", "Name, such as: student records"), max_length=60, css="col-md-6")
    membership = _Membership(
        lettable,
        label=bi("以谁的哪个角色", "With whose role"),
        css="col-md-6",
        empty_label=bi("选择人员和角色", "Choose"),
    )
    rights = forms.MultipleChoiceField(
        label=bi("权限", "Rights"),
        choices=[(name, bi(one.words.zh, one.words.en)) for name, one in RIGHTS.items()],
        widget=SomeOf,
    )
    days = forms.IntegerField(label=bi("有效天数", "Days"), initial=180, min_value=1, max_value=LONGEST_DAYS)

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        held = given.get("membership")
        beyond = [one for one in given.get("rights", ()) if held is not None and one not in rights_of(held.role)]
        if beyond:
            zh, en = (
                "、".join(RIGHTS[one].words.zh for one in beyond),
                ", ".join(RIGHTS[one].words.en for one in beyond),
            )
            self.add_error("rights", wrong(
                "api.right_beyond_role", f"该角色没有：{zh}。请去掉。", f"The role does not have: {en}. Leave it out.",
            ))  # fmt: skip
        return given

    def perform(self) -> ApiToken:
        given = dict(self.cleaned_data)
        made: ApiToken = REGISTRY[self.action].function(self.actor, given.pop("membership"), **given)
        return made


class RevokeToken(ActionForm):
    action = "api.revoke_token"
    button = Wording("停用", "Stop using it")
    said = Wording("已停用，立即生效。", "Revoked; it opens nothing any more.")
    target: ApiToken

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return target.revoked_at is None and super().is_offered(actor, target)


class DrawSecret(ActionForm):
    """The person's own: a secret that is shown once."""

    action = "api.draw_secret"
    said = Wording("", "")
    target: ApiToken

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return target.state in (TokenState.WAITING, TokenState.LIVE) and super().is_offered(actor, target)


OWN_FORMS = (DrawSecret, RevokeToken)
