"""Whom each kind of notice is for, and what its placeholders say of them (R83, R172, R203, R204).

A later room adds a kind with :func:`audience`: errata tells who has an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Contact, ContactSide
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import BACKDROP, EARLY_MINUTES, MAKE_UP_WINDOW
from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.capture.queries import DONE
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import Appointment, SessionStatus
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.notices.models import REACHED, Notice, NoticeKind
from gradphoto.apps.verification.notices.texts import Values
from gradphoto.engine.standards.profiles import backdrops

_OPEN_MAKE_UPS = (CaseStatus.APPROVED, CaseStatus.ISSUED, CaseStatus.FILLED, CaseStatus.BOOKED, CaseStatus.NO_SHOW)
_SESSION_KINDS = (NoticeKind.SESSION, NoticeKind.CHANGED)


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice says of one person: the placeholders, and the facts that would have to be told again."""

    values: Values
    facts: Mapping[str, str]


People = Callable[[Campaign, "QuerySet[Candidate]"], "QuerySet[Candidate]"]
Facts = Callable[[Campaign, Sequence[int]], Mapping[int, Told]]
_PEOPLE: dict[str, People] = {}
_FACTS: dict[str, Facts] = {}


def audience(kind: str, people: People, facts: Facts | None = None) -> None:
    """Register whom a kind is for, out of the sender's own people, and what it says of them."""
    _PEOPLE[kind] = people
    if facts is not None:
        _FACTS[kind] = facts


def people_of(actor: Actor, campaign: Campaign, kind: str) -> QuerySet[Candidate]:
    """The people of the sender's own part of the tree for whom a kind of notice is meant now."""
    mine = changeable(actor, Candidate, "verification.notify").filter(campaign=campaign)
    return _PEOPLE[kind](campaign, mine) if kind in _PEOPLE else mine.none()


def contacts_of(campaign: Campaign, kind: str) -> QuerySet[Contact]:
    """The contacts whom a kind is for: the stations, or the liaisons of both sides (R84, R204)."""
    sides = (ContactSide.STATION,) if kind == NoticeKind.STATIONS else (ContactSide.SCHOOL, ContactSide.CENTRE)
    return campaign.contacts.filter(side__in=sides)


def told_of(campaign: Campaign, kind: str, people: Sequence[int]) -> Mapping[int, Told]:
    """What a kind says of each of these people, by primary key."""
    return _FACTS[kind](campaign, people) if kind in _FACTS else {}


def told_contacts(campaign: Campaign) -> Told:
    """What contacts are told of the campaign: its days and places."""
    sessions = list(campaign.sessions.order_by("date").values_list("date", "place"))
    days = sorted({day for day, _ in sessions})
    shown = f"{days[0]:%Y-%m-%d}" + (f" — {days[-1]:%Y-%m-%d}" if len(days) > 1 else "") if days else "另行通知"
    places = "、".join(dict.fromkeys(place for _, place in sessions)) or "另行通知"
    return Told({"date": (shown, shown), "place": (places, places)}, {})


def _appointments(people: Sequence[int]) -> QuerySet[Appointment]:
    return Appointment.objects.filter(candidate__in=people).select_related("slot__session")


def session_facts(campaign: Campaign, people: Sequence[int]) -> Mapping[int, Told]:
    """Time, place, when to come and what to wear (S1 一, S4 二.3: each student is told all of it)."""
    early = timedelta(minutes=value_of(campaign, EARLY_MINUTES))
    rule = in_force(campaign.rule_set, BACKDROP)
    colour = backdrops().get(BACKDROP.read(rule.value)) if rule else None
    zh, en = (colour.title.zh, colour.title.en.lower()) if colour else ("背景相近颜", "the backdrop's colour")
    clothes = f"着装整洁有领，勿穿{zh}色上衣", f"dress neatly with a collar, and not in {en}"
    made = {}
    for one in _appointments(people):
        start, end = (timezone.localtime(at) for at in (one.slot.starts_at, one.slot.ends_at))
        values = {
            "date": f"{start:%Y-%m-%d}", "time": f"{start:%H:%M}—{end:%H:%M}", "place": one.slot.session.place,
            "come": f"{start - early:%H:%M}",
        }  # fmt: skip
        made[one.candidate_id] = Told(
            {**{name: (text, text) for name, text in values.items()}, "clothes": clothes}, _place(one)
        )
    return made


def _place(one: Appointment) -> dict[str, str]:
    return {"at": one.slot.starts_at.isoformat(), "place": one.slot.session.place}


def _with_session(campaign: Campaign, people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    ahead = people.filter(appointment__slot__ends_at__gt=timezone.now())
    return ahead.exclude(appointment__slot__session__status=SessionStatus.CLOSED)


def _moved(campaign: Campaign, people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Whose time or place is another than the one they were told last."""
    told: dict[int, dict[str, str]] = {}
    notices = Notice.objects.filter(
        candidate__in=_with_session(campaign, people), round__kind__in=_SESSION_KINDS, state__in=REACHED
    )
    for person, facts in notices.order_by("at", "pk").values_list("candidate", "facts"):
        told[person] = facts
    now = {one.candidate_id: _place(one) for one in _appointments(list(told))}
    return people.filter(pk__in=[pk for pk, facts in told.items() if now.get(pk) not in (None, facts)])


def _missed(campaign: Campaign, people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Who stands on the list of a session that is over and was not photographed (R104, R140)."""
    done = CheckIn.objects.filter(campaign=campaign, status__in=DONE).values("candidate")
    return people.filter(appointment__slot__session__status=SessionStatus.CLOSED).exclude(pk__in=done)


def _missed_facts(campaign: Campaign, people: Sequence[int]) -> Mapping[int, Told]:
    rule = in_force(campaign.rule_set, MAKE_UP_WINDOW)
    zh, en = "以学校通知为准", "as the school announces"
    if rule is not None:
        first, last = MAKE_UP_WINDOW.read(rule.value)
        zh, en = f"补拍时段 {first} 至 {last}", f"make-up from {first} to {last}"
    days = {one.candidate_id: f"{one.slot.session.date:%Y-%m-%d}" for one in _appointments(people)}
    return {pk: Told({"date": (day, day), "makeup_last": (zh, en)}, {}) for pk, day in days.items()}


def _cases(people: Sequence[int]) -> QuerySet[MakeUpCase]:
    return MakeUpCase.objects.filter(candidate__in=people, status__in=_OPEN_MAKE_UPS)


def _with_make_up(campaign: Campaign, people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return people.filter(pk__in=MakeUpCase.objects.filter(status__in=_OPEN_MAKE_UPS).values("candidate"))


def _make_up_facts(campaign: Campaign, people: Sequence[int]) -> Mapping[int, Told]:
    made = {}
    for case in _cases(people):
        at: datetime | None = case.booking.at if case.booking else None
        zh, en = "请凭补拍二维码填表并预约", "fill in the form by your code and book a time"
        if case.booking and at:
            when = f"{timezone.localtime(at):%Y-%m-%d %H:%M}，{case.booking.place}"
            zh, en = f"已预约 {when}", f"booked for {when}"
        made[case.candidate_id] = Told({"matter": (zh, en)}, {})
    return made


def _with_case(unverified_only: bool) -> People:
    def people(campaign: Campaign, mine: QuerySet[Candidate]) -> QuerySet[Candidate]:
        cases = VerificationCase.objects.filter(candidate__campaign=campaign)
        cases = cases.filter(status__in=UNVERIFIED) if unverified_only else cases
        return mine.filter(pk__in=cases.values("candidate"))

    return people


audience(NoticeKind.SESSION, _with_session, session_facts)
audience(NoticeKind.CHANGED, _moved, session_facts)
audience(NoticeKind.MISSED, _missed, _missed_facts)
audience(NoticeKind.MAKE_UP, _with_make_up, _make_up_facts)
audience(NoticeKind.OPENED, _with_case(False))
audience(NoticeKind.REMINDER, _with_case(True))
audience(NoticeKind.LAST_CALL, _with_case(True))
