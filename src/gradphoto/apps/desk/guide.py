"""The first day: from an empty installation to a campaign under way, step by step, read off what is there already.

No step is ticked by hand: each asks the data whether it is done, so that progress is kept whatever the order, and a
step that is undone opens again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.campaigns.rules import rule_lines
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import both, bracketed, listed, say
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.orgs.permissions import holds, roles_of, seats
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.wording import Wording

_UNITS = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)
_NEEDED = ("campaigns.manage", "delivery.make", "stations.run", "registration.approve")
"""Without these nobody begins a campaign, makes portraits, works at the scene or approves for the school."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a school stands: read once for all steps."""

    school: Organisation
    campaign: Campaign | None


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a step is done, and a line that says how far it is."""

    done: bool
    detail: Wording


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step: who takes it, where, and how far it is."""

    key: str
    title: Wording
    what: Wording
    permission: str
    address: Callable[[Progress], str]
    answer: Callable[[Progress], Answer]


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as the viewer sees it: its page where it opens to them, else who takes it."""

    number: int
    step: GuideStep
    answer: Answer
    url: str
    who: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The checklist of one school."""

    progress: Progress
    steps: tuple[ShownStep, ...]

    @property
    def done_count(self) -> int:
        return sum(one.answer.done for one in self.steps)

    @property
    def complete(self) -> bool:
        return self.done_count == len(self.steps)

    @property
    def following(self) -> ShownStep | None:
        """The first step that is not done."""
        return next((one for one in self.steps if not one.answer.done), None)


def guide_of(actor: Actor) -> Guide | None:
    """The checklist of one of the viewer's schools: the first without a roster, else the first; None without a school.

    One school is looked at, however many there are: each step asks a question of its own.
    """
    seen = scoped(actor, Organisation).filter(kind=OrganisationKind.SCHOOL)
    with_people = Exists(Candidate.objects.filter(campaign__school=OuterRef("pk")))
    school = seen.order_by(with_people, "path").first()
    return _guide(actor, school) if school is not None else None


def _guide(actor: Actor, school: Organisation) -> Guide:
    campaigns = Campaign.objects.filter(school=school).exclude(status=CampaignStatus.CLOSED)
    progress = Progress(school, campaigns.select_related("rule_set", "school").order_by("-cohort_year", "-pk").first())
    return Guide(progress, tuple(_shown(actor, progress, n, step) for n, step in enumerate(STEPS, start=1)))


def _shown(actor: Actor, progress: Progress, number: int, step: GuideStep) -> ShownStep:
    mine = any(progress.school.path.startswith(one.path) for one in seats(actor, step.permission))
    answer = step.answer(progress)
    url = step.address(progress) if mine else ""
    return ShownStep(number, step, answer, url, "" if mine else who_may(progress.school, step.permission))


def who_may(school: Organisation, permission: str) -> str:
    """The people of a school (or above it) who take a step, by name with their role."""
    held = Membership.objects.filter(
        organisation__path__in=school.ancestor_paths(), role__in=roles_of(permission), user__is_active=True
    ).select_related("user")
    names = listed(dict.fromkeys(bracketed(one.user, one.get_role_display()) for one in held))
    roles = listed(str(Role(role).label) for role in roles_of(permission))
    return names or say(Wording("{roles}（还没有人担任）", "{roles} (nobody yet)").format(roles=roles))


def _below(school: Organisation) -> QuerySet[Organisation]:
    return Organisation.objects.filter(path__startswith=school.path, archived_at=None).exclude(pk=school.pk)


def _school(now: Progress) -> Answer:
    centre = Organisation.objects.filter(kind=OrganisationKind.COLLECTION_CENTRE).first()
    lacking = [
        *([] if now.school.code else [Wording("院校代码", "School code")]),
        *([] if centre else [Wording("采集中心", "Collection centre")]),
    ]
    if lacking:
        return Answer(False, _lacking(lacking))
    assert centre is not None
    told = Wording("{name}，代码 {code}；{centre}", "{name}, code {code}; {centre}")
    return Answer(True, told.format(name=now.school.name, code=now.school.code, centre=centre.name))


def _lacking(parts: list[Wording]) -> Wording:
    return Wording("还缺：" + "、".join(p.zh for p in parts), "Missing: " + ", ".join(p.en for p in parts))


def _departments(now: Progress) -> Answer:
    units = _below(now.school).filter(kind__in=_UNITS)
    without_code = units.filter(code="").count()
    told = Wording("{n} 个院系和学习中心", "{n:department or centre|departments and centres}").format(n=units.count())
    if without_code:
        more = Wording("，其中 {n} 个没有代码", ", {n} without a code").format(n=without_code)
        told = Wording(told.zh + more.zh, told.en + more.en)
    return Answer(units.exists(), told)


def _people(now: Progress) -> Answer:
    """Somebody for what the school cannot do without, and in every department."""
    near = {*now.school.ancestor_paths(), *_below(now.school).values_list("path", flat=True)}
    centres = Organisation.objects.filter(kind=OrganisationKind.COLLECTION_CENTRE).values_list("path", flat=True)
    held = Membership.objects.filter(user__is_active=True)
    roles = set(held.filter(organisation__path__in=near | set(centres)).values_list("role", flat=True))
    lacking = [_any_of(name) for name in _NEEDED if not roles.intersection(roles_of(name))]
    empty = _below(now.school).filter(kind__in=_UNITS).exclude(memberships__user__is_active=True).count()
    if empty:
        lacking.append(Wording("{n} 个院系的负责人", "the officers of {n:department|departments}").format(n=empty))
    count = User.objects.filter(is_active=True, memberships__organisation__path__in=near).distinct().count()
    if lacking:
        return Answer(False, _lacking(lacking))
    return Answer(True, Wording("{n} 人", "{n:person|persons}").format(n=count))


def _any_of(permission: str) -> Wording:
    labels = [both(role.label) for role in roles_of(permission)]
    return Wording("或".join(one.zh for one in labels), " or ".join(one.en for one in labels))


def _campaign(now: Progress) -> Answer:
    if now.campaign is None:
        return Answer(False, Wording("从一份通知或往年的批次开始", "begin from a notice or an earlier campaign"))
    return Answer(True, Wording("{t}", "{t}").format(t=now.campaign.title))


def _after_campaign(now: Progress) -> Answer | None:
    return None if now.campaign else Answer(False, Wording("先建立批次", "the campaign comes first"))


def _rules(now: Progress) -> Answer:
    if (first := _after_campaign(now)) or now.campaign is None:
        return first or _campaign(now)
    lines = [line for _, of_theme in rule_lines(now.campaign.rule_set) for line in of_theme]
    needed = [line.key.title for line in lines if line.rule is None and line.key.needed]
    if needed:
        return Answer(False, _lacking(needed))
    count = sum(line.is_set for line in lines)
    return Answer(True, Wording("已设定 {n} 项，其余按默认值", "{n} set, the others by default").format(n=count))


def _places(now: Progress) -> Answer:
    if (first := _after_campaign(now)) or now.campaign is None:
        return first or _campaign(now)
    rooms = now.campaign.rooms.all()
    timed = rooms.filter(periods__isnull=False).distinct().count()
    if not timed:
        told = Wording("{n} 处，还没有开放时间", "{n:place|places}, no times yet").format(n=rooms.count())
        return Answer(False, told)
    return Answer(True, Wording("{n} 处已有开放时间", "{n:place has|places have} times").format(n=timed))


def _cohort(now: Progress) -> Answer:
    if (first := _after_campaign(now)) or now.campaign is None:
        return first or _campaign(now)
    count = now.campaign.cohort_rules.count()
    if not count and Candidate.objects.filter(campaign=now.campaign).exists():
        return Answer(
            True, Wording("未设定：名册上的人都属于本届", "not set: everybody on the roster belongs to the class")
        )
    return Answer(count > 0, Wording("{n} 条", "{n:rule|rules}").format(n=count))


def _roster(now: Progress) -> Answer:
    if (first := _after_campaign(now)) or now.campaign is None:
        return first or _campaign(now)
    count = Candidate.objects.filter(campaign=now.campaign).count()
    return Answer(count > 0, Wording("{n} 人", "{n:person|persons}").format(n=count))


def _page(name: str, *, of_campaign: bool = False) -> Callable[[Progress], str]:
    def address(now: Progress) -> str:
        asked = {"campaign": now.campaign.pk} if of_campaign and now.campaign else {}
        return reverse(name) + (f"?{urlencode(asked)}" if asked else "")

    return address


def _rules_page(now: Progress) -> str:
    return reverse("campaigns:rules", args=[now.campaign.pk]) if now.campaign else reverse("desk:begin_campaign")


STEPS = (
    GuideStep(
        "school",
        Wording("学校与代码", "School and its codes"),
        Wording("核对学校名称和院校代码，登记为本校服务的采集中心。", "Name and code of the school, and the centre that serves it."),
        "orgs.manage", _page("people:organisations"), _school,
    ),
    GuideStep(
        "departments",
        Wording("院系", "Departments"),
        Wording("逐个添加，或用 Excel 一次导入院系和校外学习中心。", "One by one, or all from a spreadsheet."),
        "orgs.manage", _page("people:organisations"), _departments,
    ),
    GuideStep(
        "people",
        Wording("人员", "People"),
        Wording("教务处、党政办公室、各院系、摄影师和检验员的账号。", "Accounts of the registry, head office, departments, crew."),
        "orgs.manage", _page("people:list"), _people,
    ),
    GuideStep(
        "campaign",
        Wording("采集批次", "Campaign"),
        Wording("从一份通知或往年的批次建立，先看全部日期。", "From a notice or an earlier campaign; all dates shown first."),
        "campaigns.manage", _page("desk:begin_campaign"), _campaign,
    ),
    GuideStep(
        "rules",
        Wording("规则", "Rules"),
        Wording("收费标准等必须有文件依据的规则。", "What needs a document, such as the fee."),
        "campaigns.manage", _rules_page, _rules,
    ),
    GuideStep(
        "places",
        Wording("采集地点和时间", "Places and times"),
        Wording("教室、台数和开放的半天。", "Rooms, stations and the half-days in which they are open."),
        "schedule.plan", _page("schedule:make", of_campaign=True), _places,
    ),
    GuideStep(
        "cohort",
        Wording("采集对象", "Who belongs to the class"),
        Wording("哪些年级、专业属于本届。", "Which intakes and majors belong to the class."),
        "roster.audit", _page("roster:cohort", of_campaign=True), _cohort,
    ),
    GuideStep(
        "roster",
        Wording("名册", "Roster"),
        Wording("导入预计毕业生名册（xlsx、xls、csv、dbf）。", "Import the expected graduates (xlsx, xls, csv, dbf)."),
        "roster.list", _page("roster:imports", of_campaign=True), _roster,
    ),
)  # fmt: skip
"""From the school to its roster. Any order; each is done when the data say so."""


def guides(user: User) -> bool:
    """Whether the guide stands on somebody's desk: with those who set a school up."""
    return holds(user, "orgs.manage", "campaigns.manage")


def missing(actor: Actor) -> Iterator[Wording]:
    """What an empty desk waits for: the first step that is not done, and who takes it."""
    found = guide_of(actor)
    step = found.following if found else None
    if step is not None:
        told = Wording("还没有事项：先要有“{what}”，由{who}办理。", "Nothing yet: “{what}” comes first, by {who}.")
        who = step.who or say(Wording("您", "you"))
        yield told.format(what=say(step.step.title), who=who)
