"""The list of tokens in an administrator's part of the tree."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gradphoto.apps.api.models import ApiToken
from gradphoto.apps.api.rights import RIGHTS
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.filters import ListFilter, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.engine.wording import Wording


class TokenFilter(ListFilter):
    """By its name or its person."""

    q = search("查找", "Search", "find", example=("名称或人员", "Name or person"))

    def find(self, rows: QuerySet[ApiToken], name: str, words: str) -> QuerySet[ApiToken]:
        return rows.filter(
            Q(name__icontains=words) | Q(person__display_name__icontains=words) | Q(person__username__icontains=words)
        )


def rights_in_words(token: ApiToken, lookups: object = None) -> str:
    """What the token may, as a person reads it."""
    return "；".join(say(RIGHTS[one].words) for one in token.rights if one in RIGHTS)


TOKENS = Listing(
    name="api.tokens",
    title=Wording("接口令牌", "Tokens of programs"),
    permission="api.manage",
    rows=lambda actor: changeable(actor, ApiToken, "api.manage").select_related("person", "organisation"),
    filters=TokenFilter,
    columns=(
        Column("name", Wording("名称", "Name"), "name", order=("name",), fixed=True),
        Column("person", Wording("人员", "Person"), "person.__str__"),
        Column("role", Wording("角色", "Role"), lambda one, _: f"{one.get_role_display()} {one.organisation.name}"),
        Column("rights", Wording("权限", "Rights"), rights_in_words, width=40),
        Column("state", Wording("状态", "State"), lambda one, _: str(one.state.label), template="api/cells/state.html"),
        Column("expires", Wording("到期", "Expires"), lambda one, _: timezone.localdate(one.expires_at),
               css="figures text-nowrap", order=("expires_at",)),
        Column("used", Wording("最近使用", "Last used"), lambda one, _: one.last_used_at, css="figures text-nowrap",
               order=(F("last_used_at").asc(nulls_last=True),)),
        Column("do", Wording("办理", "Act"), template="api/cells/revoke.html", in_file=False),
    ),
    order=("-made_at", "-pk"),
    file_name="tokens",
)  # fmt: skip
