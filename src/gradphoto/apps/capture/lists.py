"""The lists of the room: its sessions (a page of tiles, a file of how far each is), and whom a session missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_filters
from django import forms
from django.db.models import Case, Exists, OuterRef, QuerySet, When
from django.http import QueryDict

from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.capture.queries import missed
from gradphoto.apps.capture.room.sessions import SessionCount, count_sessions
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.listing import Cell, Column, Listing
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.apps.schedule.lists import SessionFilter
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.wording import Wording

_UNCONFIRMED = CheckIn.objects.filter(session=OuterRef("pk"), status=CheckInStatus.SHOT).order_by()
_TURN = Case(
    When(status=SessionStatus.OPEN, then=0),
    When(Exists(_UNCONFIRMED), then=1),
    When(status=SessionStatus.PLANNED, then=2),
    default=3,
)
"""Open ones first, then those where the checker still has people to confirm."""


def _sessions(actor: Actor) -> QuerySet[Any]:
    return scoped(actor, CaptureSession).select_related("campaign__school").annotate(turn=_TURN)


def _counted(actor: Actor, sessions: Sequence[CaptureSession]) -> dict[int, SessionCount]:
    """The figures of each, hung on it as ``counted`` for the tiles, too."""
    found = count_sessions(sessions)
    for session in sessions:
        session.counted = found[session.pk]  # type: ignore[attr-defined]
    return found


def _figure(name: str) -> Any:
    def read(session: CaptureSession, lookups: dict[int, SessionCount]) -> Cell:
        return int(getattr(lookups[session.pk], name))

    return read


SESSIONS = Listing(
    name="capture.sessions",
    title=Wording("采集场次", "Capture sessions"),
    permission="capture.watch",
    rows=_sessions,
    filters=SessionFilter,
    lookups=_counted,
    order=("turn", "date", "place", "pk"),
    order_title=Wording("进行中在前", "Open first"),
    columns=(
        Column("date", Wording("日期", "Day"), "date", order=("date", "place")),
        Column("place", Wording("地点", "Place"), "place", width=24, order=("place", "date")),
        Column("campaign", Wording("批次", "Campaign"), "campaign.title", width=24),
        Column("status", Wording("状态", "State"), "get_status_display"),
        Column("listed", Wording("应到", "Listed"), _figure("listed")),
        Column("photographed", Wording("已拍", "Photographed"), _figure("photographed")),
        Column("confirmed", Wording("已确认", "Confirmed"), _figure("confirmed")),
        Column("missed", Wording("漏拍", "Missed"), _figure("missed")),
        Column("held", Wording("待处理", "Held"), _figure("held")),
    ),
    page_size=24,
    file_name="sessions",
)


def _missed_of(actor: Actor, params: QueryDict) -> QuerySet[Any]:
    asked = params.get("session", "")
    session = scoped(actor, CaptureSession).filter(pk=int(asked)).first() if asked.isdecimal() else None
    return missed(session) if session is not None else Candidate.objects.none()


class MissedFilter(PersonFilter):
    """Whom of one session; all of them are of one campaign, and which session it is says ``_missed_of``."""

    person = ""
    campaign = None
    session = django_filters.NumberFilter(label=bi("场次", "Session"), widget=forms.HiddenInput(), method="of_session")

    def of_session(self, people: QuerySet[Any], name: str, session: object) -> QuerySet[Any]:
        return people


MISSED = Listing(
    name="capture.missed",
    title=Wording("漏拍名单", "Missed"),
    permission="capture.watch",
    rows=lambda actor: Candidate.objects.none(),
    about=_missed_of,
    filters=MissedFilter,
    columns=(
        person_column("student_no", css="figures", order=("student_no",), fixed=True),
        person_column("name", css="text-nowrap", order=("name",)),
        person_column("department", css="text-nowrap", width=24),
        person_column("class_name", css="text-nowrap", order=("class_name",)),
        Column("season", Wording("毕业季", "Season"), "get_season_display", template="fees/cells/person_season.html"),
    ),
    order=("appointment__slot__starts_at", "appointment__position", "pk"),
    order_title=Wording("按拍摄顺序", "As they were to come"),
    file_name="missed",
)  # fmt: skip
"""Whom a session missed, in shooting order, ready for the make-up notice (R104, R140)."""
