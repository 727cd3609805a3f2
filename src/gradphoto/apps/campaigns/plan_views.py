"""The pages of a campaign's plan: the dated chart, its calendar file, and the rule behind a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from icalendar import Calendar, Event

from gradphoto.apps.campaigns import agenda, rule_form
from gradphoto.apps.campaigns.actions import set_rule, used_elsewhere
from gradphoto.apps.campaigns.agenda import Planned
from gradphoto.apps.campaigns.models import Campaign, Rule, Season
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.campaigns.plan_chart import chart
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import KEYS, Key
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import listed, say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.engine.wording import Wording

_CAMPAIGNS = Campaign.objects.select_related("school", "centre", "rule_set")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the plan as this viewer sees it: its list and its setting only where they open to him."""

    item: Planned
    url: str
    edit_url: str

    @property
    def bar_width(self) -> int:
        """Days left or over as half a bar of 100: thirty days fill it."""
        return min(50, round(abs(self.item.days_left) * 50 / agenda.AHEAD.days))

    @property
    def bar_x(self) -> int:
        """What is over stands left of the middle, what is left right of it."""
        return 50 if self.item.days_left >= 0 else 50 - self.bar_width


@page("campaigns.read")
def plan_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every milestone and deadline of a campaign, on a chart and as a list; as a calendar file with ``?format=ics``."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    season = request.GET.get("season", "")
    items = agenda.plan(request.actor, campaign)
    if season in Season.values:
        items = [item for item in items if item.season in ("", season)]
    if request.GET.get("format") == "ics":
        headers = {"Content-Disposition": f'attachment; filename="plan-{pk}.ics"'}
        return HttpResponse(
            calendar_file(campaign, items), content_type="text/calendar; charset=utf-8", headers=headers
        )
    context = {
        "campaign": campaign,
        "chart": chart(items, timezone.localdate()),
        "shown": [shown(request, item) for item in items],
        "late": sum(item.is_late for item in items),
        "provisional": any(item.provisional for item in items),
        "season": season,
        "seasons": Season.choices,
        "today": timezone.localdate(),
    }
    return render(request, "campaigns/plan.html", context)


def shown(request: SignedInRequest, item: Planned) -> Shown:
    """A duty as this viewer sees it."""
    edit = item.edit_url
    if not edit and item.setting and holds(request.user, "campaigns.manage"):
        edit = f"{reverse('campaigns:rule', args=[item.campaign.pk])}?{urlencode({'key': item.setting})}"
    return Shown(item, item.url if opens(request, item.url) else "", edit)


def opens(request: SignedInRequest, url: str) -> bool:
    """Whether a page of this house opens to the viewer."""
    try:
        view = resolve(url.partition("?")[0]).func
    except Resolver404:
        return False
    return bool(request.user.roles & getattr(view, "allowed_roles", frozenset()))


def calendar_file(campaign: Campaign, items: list[Planned]) -> bytes:
    """The plan as iCalendar: an event a duty on its whole day; no person is named."""
    file = Calendar()
    file.add("prodid", "-//GradPhoto//plan//ZH")
    file.add("version", "2.0")
    file.add("x-wr-calname", f"{campaign.title} {campaign.school.name}")
    for place, item in enumerate(items):
        event = Event()
        event.add("uid", f"{campaign.pk}-{item.key}-{item.season or 'both'}-{place}@gradphoto")
        event.add("dtstamp", timezone.now())
        event.add("dtstart", item.day)
        parts = [say(item.title), item.season_label, item.detail, say(_PROVISIONAL) if item.provisional else ""]
        event.add("summary", " · ".join(part for part in parts if part))
        rule = say(item.deadline.wording) if item.deadline else ""
        event.add("description", "；".join(part for part in (item.who, rule, item.source) if part))
        file.add_component(event)
    return bytes(file.to_ical())


_PROVISIONAL = Wording("暂定", "provisional")


@page("campaigns.manage")
def rule_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One rule with its history; a new value is tried first and shows which open days it moves, then saved."""
    campaign = get_scoped(request.actor, _CAMPAIGNS, pk=pk)
    key = KEYS.get(request.GET.get("key", ""))
    if key is None:
        return redirect("campaigns:detail", pk=pk)
    asked = request.POST if request.method == "POST" else request.GET
    tried = _tried(campaign, key, asked) if "effective_from" in asked else None
    if request.method == "POST" and tried is not None:
        set_rule(
            request.actor, campaign.rule_set, key=key, value=tried.value, source=tried.source,
            effective_from=tried.effective_from,
        )  # fmt: skip
        messages.success(request, say(Wording("规则已保存，计划已按新值计算。", "Saved; the plan is counted by it.")))
        return redirect("campaigns:plan", pk=pk)
    mine = scoped(request.actor, _CAMPAIGNS).filter(rule_set=campaign.rule_set).exclude(status="closed").distinct()
    rule = in_force(campaign.rule_set, key)
    shown_rule = tried or rule
    context = {
        "campaign": campaign,
        "key": key,
        "tried": tried,
        "tried_words": listed(in_words(key, tried.value)) if tried else "",
        "later": tried is not None and tried.effective_from > timezone.localdate(),
        "filled": rule_form.filled(asked) if tried else (),
        "field": rule_form.field_of(key, shown_rule.value if shown_rule else None),
        "moved": agenda.moved(request.actor, list(mine), agenda.Change(rule=_if_in_force(tried))) if tried else (),
        "history": [
            (one, in_words(key, one.value), rule is not None and one.pk == rule.pk)
            for one in campaign.rule_set.rules.filter(key=key.name)
        ],
        "shared": Campaign.objects.filter(rule_set=campaign.rule_set).count(),
        "of_others": used_elsewhere(request.actor, campaign.rule_set),
        "today": timezone.localdate(),
    }
    return render(request, "campaigns/rule.html", context)


def _if_in_force(tried: Rule) -> Rule | None:
    """A rule of a later day moves nothing yet."""
    return tried if tried.effective_from <= timezone.localdate() else None


def _tried(campaign: Campaign, key: Key[Any], asked: QueryDict) -> Rule:
    try:
        value = rule_form.value_in(key, asked)
        since = date.fromisoformat(asked.get("effective_from", ""))
    except (ValueError, TypeError):
        raise invalid(
            "campaigns.rule_form", "数值或生效日期不对。", "The value or its date is wrong.",
            "数值填写不小于0的整数，日期如 10-09，清单至少选一项；并选择生效日期。",
            "A number is whole and from 0 on, a day like 10-09, of a list at least one is chosen; choose the effective date.",
        ) from None  # fmt: skip
    return Rule(
        rule_set=campaign.rule_set, key=key.name, value=value, source=asked.get("source", "").strip()[:200],
        effective_from=since,
    )  # fmt: skip
