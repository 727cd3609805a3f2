"""On what terms somebody may photograph themselves: what the campaign's rules say, and for whom (R9, R144-R148)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of, value_or_none
from gradphoto.apps.campaigns.settings_keys import (
    COLLECTION_CODE,
    NEW_BACKGROUND,
    SELF_PHOTO_COMPARE,
    SELF_PHOTO_FOR,
    SELF_PHOTO_FOUR_EYES,
    SELF_PHOTO_GALLERY,
    SELF_PHOTO_TRIES,
    SELF_PHOTO_UNTIL,
    SIGNING_DAYS,
)
from gradphoto.apps.campaigns.steps import require_running
from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup.lifecycle import UNDER_WAY
from gradphoto.apps.makeup.models import CaseStatus, MakeUpCase, ReasonKind
from gradphoto.apps.makeup.season import season_of
from gradphoto.apps.orgs.models import OrganisationKind
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto.models import PortraitStatus, SelfPortrait


class Group(StrEnum):
    """Whom a rule set lets photograph themselves."""

    SPECIAL = "special"
    MAKE_UP = "make_up"
    LEARNING_CENTRE = "learning_centre"
    EVERYBODY = "everybody"


GROUPS = (
    (Group.SPECIAL, bi("特殊原因补拍（实习、参军、出国、生病等）", "Make-up for special reasons (internship, army, abroad, illness)")),
    (Group.MAKE_UP, bi("所有获批准的补拍", "Every approved make-up")),
    (Group.LEARNING_CENTRE, bi("校外学习中心的学生", "People of learning centres")),
    (Group.EVERYBODY, bi("全体（主要采集方式）", "Everybody (the main way)")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Terms:
    """What the rules of a campaign say today. ``until`` is the last day, or None where only the link ends."""

    groups: frozenset[str]
    until: date | None
    gallery: bool
    tries: int
    comparison: bool
    comparison_source: str
    four_eyes: bool
    new_background: str
    collection_code: bool

    @property
    def main_way(self) -> bool:
        return Group.EVERYBODY in self.groups

    @property
    def days_left(self) -> int | None:
        """Whole days until the last one, which counts as 0; None without one."""
        return None if self.until is None else (self.until - timezone.localdate()).days

    @property
    def is_over(self) -> bool:
        return self.until is not None and timezone.localdate() > self.until


def terms_of(campaign: Campaign) -> Terms:
    """The terms in force; with no groups nobody may."""
    compare = in_force(campaign.rule_set, SELF_PHOTO_COMPARE)
    return Terms(
        groups=frozenset(value_or_none(campaign, SELF_PHOTO_FOR) or ()),
        until=_last_day(campaign),
        gallery=value_of(campaign, SELF_PHOTO_GALLERY),
        tries=value_of(campaign, SELF_PHOTO_TRIES),
        comparison=bool(compare and SELF_PHOTO_COMPARE.read(compare.value)),
        comparison_source=compare.source if compare else "",
        four_eyes=value_of(campaign, SELF_PHOTO_FOUR_EYES),
        new_background=value_or_none(campaign, NEW_BACKGROUND) or "",
        collection_code=bool(value_or_none(campaign, COLLECTION_CODE)),
    )


def _last_day(campaign: Campaign) -> date | None:
    said = value_or_none(campaign, SELF_PHOTO_UNTIL)
    season = season_of(campaign)
    return said or (season.last if season else None)


def link_ends_at(campaign: Campaign) -> datetime:
    """When a link given now ends: with the last day, or after the days of a personal code."""
    last = terms_of(campaign).until or timezone.localdate() + timedelta(days=value_of(campaign, SIGNING_DAYS))
    return timezone.make_aware(datetime.combine(last, time(23, 59, 59)))


def case_of(candidate: Candidate) -> MakeUpCase | None:
    """The make-up case under way and approved, by which the person is photographed."""
    states = [state for state in UNDER_WAY if state != CaseStatus.APPLIED]
    return MakeUpCase.objects.filter(candidate=persons.seated_as(candidate), status__in=states).first()


def is_let_in(candidate: Candidate, terms: Terms) -> bool:
    """Whether one of the groups of the rule has this person."""
    if terms.main_way:
        return True
    if Group.LEARNING_CENTRE in terms.groups and candidate.department.kind == OrganisationKind.LEARNING_CENTRE:
        return True
    case = case_of(candidate) if terms.groups & {Group.MAKE_UP, Group.SPECIAL} else None
    return case is not None and (Group.MAKE_UP in terms.groups or case.reason_kind != ReasonKind.MISSED)


def require_terms(candidate: Candidate) -> Terms:
    """The terms under which this person may photograph themselves today.

    Raises ``selfphoto.not_allowed``, ``selfphoto.not_for_you``, ``selfphoto.over``, ``selfphoto.not_approved_row``, and
    what ``require_running`` raises.
    """
    terms = terms_of(candidate.campaign)
    if not terms.groups:
        raise refuse(
            "selfphoto.not_allowed",
            "本批次没有开放手机自助拍摄。",
            "This campaign does not let people photograph themselves.",
            "请由学校在规则集“谁可以用手机自助拍摄”中注明来源后开放，或到现场拍摄。",
            "Have the school open it in the rule set, with its source, or come to the room.",
        )
    if terms.is_over:
        raise refuse(
            "selfphoto.over",
            f"手机自助拍摄已于 {terms.until:%Y-%m-%d} 截止。",
            f"Photographing oneself ended on {terms.until:%Y-%m-%d}.",
            "请联系学院，改到现场或补拍点拍摄。",
            "Ask your college for a place where you can be photographed.",
        )
    require_running(candidate.campaign)
    if candidate.status not in APPROVED:
        raise refuse(
            "selfphoto.not_approved_row",
            "此人信息尚未核准，不能拍摄。",
            "This person's row is not accepted yet.",
            "请先在名册中完成核对签字。",
            "Finish the signatures in the roster first.",
        )
    if not is_let_in(candidate, terms):
        raise refuse(
            "selfphoto.not_for_you",
            "规则集只向部分学生开放手机自助拍摄，此人不在其中。",
            "The rule set opens this to some people only; this person is not among them.",
            "符合补拍条件的，请先由学校批准补拍；否则请到现场拍摄。",
            "Where a make-up is due, have the school approve it first; otherwise come to the room.",
        )
    return terms


def tries_left(portrait: SelfPortrait, terms: Terms) -> int:
    """How many more photographs may be judged."""
    return max(0, terms.tries + portrait.more_tries - portrait.tries.count())


def why_not(portrait: SelfPortrait) -> Refusal | None:
    """Why this person cannot photograph now, as the page tells it; None where they can."""
    try:
        require_may_try(portrait)
    except Refusal as error:
        return error
    return None


def require_may_try(portrait: SelfPortrait) -> Terms:
    """Raises what :func:`require_terms` raises, and ``selfphoto.blocked``, ``selfphoto.photographed``,
    ``selfphoto.waits``, ``selfphoto.no_consent``, ``selfphoto.no_tries_left``.
    """
    # What became of the person's own photograph is told first: whose make-up case is closed by it is no stranger to the rule.
    if portrait.blocked_reason:
        raise refuse(
            "selfphoto.blocked",
            "审核认为照片可能不是本人，线上拍摄已停止。",
            "The review found that this may be another person; photographing online has stopped.",
            "请带身份证和学生证到学院核实，学院核实后会发新的链接。",
            "Go to your college with ID card and student card; it gives you a new link then.",
        )
    if portrait.status == PortraitStatus.APPROVED or is_photographed(portrait):
        raise refuse(
            "selfphoto.photographed",
            "您的照片已经采集，无需再拍。",
            "You are photographed already.",
            "如照片有误，请在校对时提出。",
            "If something is wrong with it, say so in the verification.",
        )
    if portrait.status == PortraitStatus.SUBMITTED:
        raise refuse(
            "selfphoto.waits",
            "照片正在审核，不能再拍。",
            "Your photograph waits for its review.",
            "想换一张，请先撤回。",
            "To hand in another one, take it back first.",
        )
    terms = require_terms(portrait.candidate)
    if portrait.status in (PortraitStatus.INVITED, PortraitStatus.ENDED):
        raise refuse(
            "selfphoto.no_consent",
            "还没有同意拍摄说明。",
            "You have not agreed to the terms yet.",
            "请先阅读并同意。",
            "Read them and agree first.",
        )
    if not tries_left(portrait, terms):
        raise refuse(
            "selfphoto.no_tries_left",
            "试拍次数已用完。",
            "All tries are used up.",
            "可以提交最好的一张，或请学院追加次数。",
            "Hand in the best one, or ask your college for more.",
        )
    return terms


def is_photographed(portrait: SelfPortrait) -> bool:
    """Whether a check-in of this person stands that is not the own photograph of this record."""
    mine = CheckIn.objects.filter(
        candidate__in=persons.records_of(portrait.candidate).order_by(),
        status__in=(CheckInStatus.OPEN, CheckInStatus.SHOT, CheckInStatus.CONFIRMED),
    )
    return (mine if portrait.check_in_id is None else mine.exclude(pk=portrait.check_in_id)).exists()
