"""The duty list of the on-site staff (R91, R92): posts, how many, who is named, and when each group stands ready (R80)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import STAFF_EARLY_MINUTES
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.schedule.catalogue import POSTS, Post
from gradphoto.apps.schedule.models import CaptureSession, Duty, Slot
from gradphoto.apps.schedule.problem import local
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

NO_OTHERS = Wording(
    "现场只留本时段学生和值勤人员，谢绝无关人员入内（江西2020届注意事项 四）。",
    "Only the students of the slot and those on duty stay here; nobody else comes in (Jiangxi notice 2020, 四).",
)
"""R132: on the duty list and the sign of the room."""


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A post with how many it takes here and who is named for it."""

    post: Post
    needed: int
    duties: tuple[Duty, ...]

    @property
    def missing(self) -> int:
        """How many persons are still to be named."""
        return max(0, self.needed - len(self.duties))


@dataclass(frozen=True, slots=True)
class DutyBlock:
    """The staff of one college for one stretch of the day, or of the whole point."""

    organisation: Organisation
    of_point: bool
    ready_at: datetime
    starts_at: datetime
    ends_at: datetime
    classes: tuple[str, ...]
    lines: tuple[DutyLine, ...]

    @property
    def missing(self) -> int:
        return sum(line.missing for line in self.lines)


def staff_minutes(campaign: Campaign) -> int | None:
    """How long before its slot the staff stand ready; None where the rule set does not say."""
    rule = in_force(campaign.rule_set, STAFF_EARLY_MINUTES)
    return None if rule is None else STAFF_EARLY_MINUTES.read(rule.value)


def blocks_of(actor: Actor, session: CaptureSession) -> list[DutyBlock]:
    """A session's staff as the actor may see them: the point first, then college after college by time."""
    campaign = session.campaign
    early = timedelta(minutes=staff_minutes(campaign) or 0)
    slots = list(
        scoped(actor, Slot)
        .filter(session=session)
        .select_related("department")
        .order_by("starts_at", "department__path")
    )
    duties = list(scoped(actor, Duty).filter(campaign=campaign).select_related("department"))
    stations = session.room.stations if session.room else 1
    made: list[DutyBlock] = []
    if slots and _sees_the_point(actor, campaign):
        made.append(_block(campaign.school, slots, duties, early, stations, of_point=True))
    for department, run in groupby(slots, key=lambda slot: slot.department):
        made.append(_block(department, list(run), duties, early, stations, of_point=False))
    return made


def _sees_the_point(actor: Actor, campaign: Campaign) -> bool:
    """Whoever works for the school or the centre as a whole; a college sees its own people only."""
    paths = (campaign.school.path, campaign.centre.path)
    return any(path.startswith(member.organisation.path) for member in actor.user.held for path in paths)


def _block(
    organisation: Organisation,
    slots: list[Slot],
    duties: Iterable[Duty],
    early: timedelta,
    stations: int,
    *,
    of_point: bool,
) -> DutyBlock:
    own = [duty for duty in duties if duty.department_id == organisation.pk]
    start = min(slot.starts_at for slot in slots)
    return DutyBlock(
        organisation,
        of_point,
        local(start - early),
        local(start),
        local(max(slot.ends_at for slot in slots)),
        () if of_point else tuple(slot.class_name for slot in slots),
        tuple(
            DutyLine(post, post.needed(stations), tuple(duty for duty in own if duty.post == post.code))
            for post in POSTS
            if post.of_college is not of_point
        ),
    )


def duty_form(session: CaptureSession, blocks: Iterable[DutyBlock]) -> TableForm:
    """The list to print: who comes signs beside the name."""
    campaign = session.campaign
    rows = []
    for block in blocks:
        ready, unit = f"{block.ready_at:%H:%M}", _who(block)
        for line in block.lines:
            named = "、".join(f"{duty.name} {duty.phone}".strip() for duty in line.duties)
            rows.append((ready, unit, say(line.post.words), str(line.needed), named, ""))
            ready = unit = ""  # told once a group, so that the eye finds where the next begins
    stations = session.room.stations if session.room else 1
    return TableForm(
        title=Wording("图像采集现场工作人员值勤表", "Duty list of the on-site staff"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        columns=(
            Column(Wording("到位", "Ready at"), 16),
            Column(Wording("单位", "Organisation"), 46, "left"),
            Column(Wording("岗位", "Post"), 42, "left"),
            Column(Wording("人数", "Persons"), 13),
            Column(Wording("人员、电话", "Who"), 0, "left"),
            Column(Wording("签到", "Signed in"), 22),
        ),
        sections=(Section(tuple(rows)),),
        dated=timezone.localtime(),
        facts=(
            Fact(Wording("日期", "Day"), f"{session.date:%Y-%m-%d}"),
            Fact(Wording("地点", "Place"), session.place),
            Fact(Wording("采集台", "Stations"), str(stations)),
        ),
        notes=(early_words(campaign), NO_OTHERS, *contact_lines(campaign)),
        signatures=(Wording("现场负责人", "In charge at the scene"),),
    )


def early_words(campaign: Campaign) -> Wording:
    """When the staff stand ready, by the rule set (R80, S4 二.4)."""
    rule = in_force(campaign.rule_set, STAFF_EARLY_MINUTES)
    if rule is None:
        return Wording("工作人员于本学院时段开始前到位。", "The staff stand ready before their college's slot.")
    minutes = STAFF_EARLY_MINUTES.read(rule.value)
    return Wording(
        f"工作人员于本学院时段前{minutes}分钟到位，辅导员到场（{rule.source}）。",
        f"The staff stand ready {minutes} minutes before their college's slot; the counsellor is present ({rule.source}).",
    )


def _who(block: DutyBlock) -> str:
    hours = f"{block.starts_at:%H:%M}–{block.ends_at:%H:%M}"
    point = say(Wording("采集点", "Collection point"))
    return f"{point} {hours}" if block.of_point else f"{block.organisation.name} {hours}"
