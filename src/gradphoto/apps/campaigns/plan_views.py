"""The pages of a campaign's plan: the dated chart, and its calendar file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from gradphoto.apps.campaigns import agenda
from gradphoto.apps.campaigns.agenda import Planned
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.plan_chart import chart
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.downloads import download
from gradphoto.engine.late_import import late
from gradphoto.engine.wording import Wording

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = late("icalendar")

_CAMPAIGNS = Campaign.objects.select_related("school", "centre", "rule_set")


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the plan as this viewer sees it: its list and its setting only where they open to them."""

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
        return download(calendar_file(campaign, items), f"plan-{pk}.ics", "text/calendar; charset=utf-8")
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
    file = icalendar.Calendar()
    file.add("prodid", "-//GradPhoto//plan//ZH")
    file.add("version", "2.0")
    file.add("x-wr-calname", f"{campaign.title} {campaign.school.name}")
    for place, item in enumerate(items):
        event = icalendar.Event()
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
