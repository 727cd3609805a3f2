"""Who stood where on the day: suggested from the campaign's duty list, put down for one room and one session (R91, R92)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.makeup.closings import departments_of
from gradphoto.apps.makeup.models import SessionCrew
from gradphoto.apps.schedule.catalogue import POSTS
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

TITLES: Mapping[str, Wording] = {
    "photographer": Wording("摄影师", "Photographer"),
    **{post.code: post.words for post in POSTS},
}
_BETWEEN = re.compile(r"[、,，;；\n]+")
_MOST_NAMES, _LONGEST = 20, 40
LONGEST_LINE = _MOST_NAMES * (_LONGEST + 1)


@dataclass(frozen=True, slots=True)
class CrewLine:
    """A post and who stood there; ``suggested`` as long as nobody has put the crew down."""

    code: str
    title: Wording
    names: str
    suggested: bool


def field_of(code: str) -> str:
    """The name of a post's field; a post may be called ``form``, as the field that names a page's forms is."""
    return f"crew_{code}"


@action("makeup.note_crew", permission="makeup.close")
def note_crew(actor: Actor, session: CaptureSession, *, names: Mapping[str, str]) -> SessionCrew:
    """Put down who was there, post by post, several names apart by commas. Raises ``makeup.crew``."""
    said = {code: [one.strip() for one in _BETWEEN.split(names.get(code, "")) if one.strip()] for code in TITLES}
    for code, some in said.items():
        if len(some) <= _MOST_NAMES and all(len(one) <= _LONGEST for one in some):
            continue
        raise invalid(
            "makeup.crew",
            f"每个岗位最多 {_MOST_NAMES} 人，每个姓名最多 {_LONGEST} 个字。",
            f"At most {_MOST_NAMES} at a post, each name of at most {_LONGEST} characters.",
            "姓名之间用顿号分开。",
            "Put commas between the names.",
            field=field_of(code),
        )
    found, _ = SessionCrew.objects.update_or_create(
        session=session,
        defaults={
            "names": {code: some for code, some in said.items() if some},
            "noted_by": str(actor.user or actor.label)[:150],
            "noted_at": timezone.now(),
        },
    )
    audit.note(posts={code: len(some) for code, some in said.items() if some})
    return found


def crew_lines(session: CaptureSession) -> list[CrewLine]:
    """Every post in the catalogue's order, with who was put down or else who is on the duty list."""
    noted = SessionCrew.objects.filter(session=session).first()
    names = noted.names if noted else _on_the_list(session)
    return [CrewLine(code, title, "、".join(names.get(code, [])), noted is None) for code, title in TITLES.items()]


def _on_the_list(session: CaptureSession) -> dict[str, list[str]]:
    units = departments_of(session)
    several = len(units) > 1
    school = session.campaign.school_id
    found: dict[str, list[str]] = {}
    for duty in session.campaign.duties.filter(department__in=[*units, school]).select_related("department"):
        label = f"{duty.name}（{duty.department.name}）" if several and duty.department_id != school else duty.name
        found.setdefault(duty.post, []).append(label)
    return found


def crew_said(session: CaptureSession) -> str:
    """The crew in one line for the sheet; ``—`` until somebody has put it down."""
    noted = SessionCrew.objects.filter(session=session).first()
    told = [f"{TITLES[code].zh} {'、'.join(noted.names[code])}" for code in TITLES if noted and code in noted.names]
    return "；".join(told) or "—"
