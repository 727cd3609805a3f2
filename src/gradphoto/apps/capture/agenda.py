"""What the room tells of a campaign's plan: its sessions, day by day, spring and autumn apart (R12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, tells
from gradphoto.apps.core.wording import listed
from gradphoto.apps.orgs.permissions import holds, roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.schedule.lists import sessions_of
from gradphoto.apps.schedule.models import SessionStatus, Slot
from gradphoto.engine.wording import Wording

_SESSIONS = Wording("{n} 个场次", "{n:session|sessions}")


@tells("due.sessions")
def sessions(asked: Asked) -> Iterator[Planned]:
    """One line a day and season with all the viewer's sessions; done when the last of them is closed."""
    rows = sessions_of(asked.actor).filter(campaign__in=asked.campaigns).order_by("date", "place")
    days: dict[tuple[int, date], dict[int, tuple[str, str]]] = {}
    for pk, campaign, day, place, status in rows.values_list("pk", "campaign", "date", "place", "status"):
        days.setdefault((campaign, day), {})[pk] = (place, status)
    seasons = _seasons(asked)
    crew = holds(asked.actor.user, "capture.watch")
    for (campaign, day), held in days.items():
        theirs = set().union(*(seasons.get(pk, {""}) for pk in held))
        where, on = ("capture:list", "day") if crew else ("schedule:list", "on")
        yield Planned(
            key="3.00",
            campaign=asked.campaigns[campaign],
            day=day,
            title=Wording("采集场次", "Capture sessions"),
            roles=roles_of("stations.run"),
            watchers=roles_of("due.sessions_seen"),
            url=f"{reverse(where)}?{urlencode({'campaign': campaign, on: day.isoformat()})}",
            done=all(status == SessionStatus.CLOSED for _, status in held.values()),
            count=len(held) if crew else None,
            unit=_SESSIONS,
            detail=listed(dict.fromkeys(place for place, _ in held.values())),
            season=next(iter(theirs)) if len(theirs) == 1 else "",
        )


def _seasons(asked: Asked) -> dict[int, set[str]]:
    """The seasons of the viewer's people in each session."""
    slots = scoped(asked.actor, Slot).filter(session__campaign__in=asked.campaigns).order_by()
    found: dict[int, set[str]] = {}
    for session, season in slots.values_list("session", "season").distinct():
        found.setdefault(session, set()).add(season)
    return found
