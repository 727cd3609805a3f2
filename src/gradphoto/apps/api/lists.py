"""The lists of tokens in an administrator's part of the tree, and of events that were sent to a program."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from gradphoto.apps.api.models import ApiToken, DeliveryState, EventDelivery, Webhook
from gradphoto.apps.api.rights import RIGHTS
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.filters import ListFilter, search, tab
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
        Column("do", Wording("办理", "Steps"), template="api/cells/revoke.html", in_file=False),
    ),
    order=("-made_at", "-pk"),
    file_name="tokens",
)  # fmt: skip


class WebhookFilter(ListFilter):
    """By its name or where it leads."""

    q = search("查找", "Search", "find", example=("名称或地址", "Name or address"))

    def find(self, rows: QuerySet[Webhook], name: str, words: str) -> QuerySet[Webhook]:
        return rows.filter(Q(name__icontains=words) | Q(address__icontains=words))


def _state_of(webhook: Webhook, lookups: object = None) -> str:
    return say(Wording("已停用", "Closed") if webhook.ended_at else Wording("有效", "Valid"))


WEBHOOKS = Listing(
    name="api.webhooks",
    title=Wording("事件通知", "Events"),
    permission="api.manage",
    rows=lambda actor: changeable(actor, Webhook, "api.manage").select_related("organisation"),
    filters=WebhookFilter,
    columns=(
        Column("name", Wording("名称", "Name"), "name", template="api/cells/webhook.html", order=("name",), fixed=True),
        Column("unit", Wording("单位", "Organisation"), "organisation.name"),
        Column("address", Wording("地址", "Address"), "address", css="text-break", width=40),
        Column("state", Wording("状态", "State"), _state_of, template="api/cells/webhook_state.html"),
    ),
    order=("-made_at", "-pk"),
    file_name="webhooks",
)  # fmt: skip


class DeliveryFilter(ListFilter):
    """By what became of it."""

    state = tab(DeliveryState, "状态", "State")


def _deliveries_of(actor: Actor, params: QueryDict) -> QuerySet[EventDelivery]:
    wanted = params.get("webhook", "")
    rows = changeable(actor, EventDelivery, "api.manage").select_related("event", "webhook")
    return rows.filter(webhook=int(wanted)) if wanted.isdecimal() and len(wanted) < 19 else rows.none()


DELIVERIES = Listing(
    name="api.deliveries",
    title=Wording("已发事件", "Events sent"),
    permission="api.manage",
    rows=lambda actor: changeable(actor, EventDelivery, "api.manage"),
    about=_deliveries_of,
    filters=DeliveryFilter,
    columns=(
        Column("event", Wording("事件", "Event"), lambda one, _: one.event.kind, fixed=True),
        Column("at", Wording("发生时间", "When"), lambda one, _: one.event.at, css="figures text-nowrap"),
        Column("state", Wording("状态", "State"), "get_state_display", template="api/cells/delivery.html"),
        Column("attempts", Wording("次数", "Tries"), "attempts", css="figures"),
        Column("answer", Wording("对方答复", "Answer received"), "answer"),
        Column("tried", Wording("最近一次", "Last try"), "tried_at", css="figures text-nowrap"),
        Column("do", Wording("办理", "Steps"), template="api/cells/retry.html", in_file=False),
    ),
)  # fmt: skip
