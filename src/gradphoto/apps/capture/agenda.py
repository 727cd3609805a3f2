"""What the room tells of a campaign's plan: its sessions, day by day, spring and autumn apart (R12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from gradphoto.apps.campaigns.agenda import Asked, Planned, tells
from gradphoto.apps.orgs.permissions import holds, roles_of
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

_SESSIONS = Wording("{n} 个场次", "{n:session|sessions}")


@tells("due.sessions")
def sessions(asked: Asked) -> Iterator[Planned]:
    """One line a day and season with all its sessions; done when the last of them is closed."""
    rows = scoped(asked.actor, CaptureSession).filter(campaign__in=asked.campaigns).order_by("date", "place")
    days: dict[tuple[int, date], dict[int, tuple[str, str]]] = {}
    seasons: dict[tuple[int, date], set[str]] = {}
    for pk, campaign, day, place, status, season in rows.values_list(
        "pk", "campaign", "date", "place", "status", "slots__season"
    ).distinct():
        days.setdefault((campaign, day), {})[pk] = (place, status)
        seasons.setdefault((campaign, day), set()).add(season or "")
    crew = holds(asked.actor.user, "capture.watch")
    for (campaign, day), held in days.items():
        theirs = seasons[campaign, day]
        query = urlencode({"campaign": campaign, "day": day.isoformat()})
        yield Planned(
            key="3.00",
            campaign=asked.campaigns[campaign],
            day=day,
            title=Wording("采集场次", "Capture sessions"),
            roles=roles_of("stations.run"),
            watchers=roles_of("due.sessions_seen"),
            url=f"{reverse('capture:list')}?{query}" if crew else reverse("schedule:list"),
            done=all(status == SessionStatus.CLOSED for _, status in held.values()),
            count=len(held) if crew else None,
            unit=_SESSIONS,
            detail="、".join(dict.fromkeys(place for place, _ in held.values())),
            season=next(iter(theirs)) if len(theirs) == 1 else "",
        )
