"""The list of who may photograph themselves, with link and state: page and file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Rule
from gradphoto.apps.campaigns.settings_keys import SELF_PHOTO_FOR
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import choice
from gradphoto.apps.pages.listing import Column, Counts, Listing
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate, Total
from gradphoto.apps.roster.models.totals import counted
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.person_filter import PersonFilter
from gradphoto.apps.selfphoto.models import PersonalLink, PortraitStatus, PortraitTry
from gradphoto.engine.wording import Wording

_NO_LINK, _LIVE = "no_link", "live"
_NONE = Wording("未发链接", "No link yet")


class PortraitFilter(PersonFilter):
    """Which people: by the state of their own photograph, or without a link that still opens."""

    person = ""

    status = choice(
        [(_NO_LINK, bi("没有有效链接", "Without a link")), (_LIVE, bi("有有效链接", "With a link")), *PortraitStatus.choices],
        "状态", "State", method="in_state",
    )  # fmt: skip

    def in_state(self, people: QuerySet[Any], name: str, status: str) -> QuerySet[Any]:
        if status in (_NO_LINK, _LIVE):
            return people.filter(Q(link_until__isnull=status == _NO_LINK))
        return people.filter(self_portrait__status=status)


def people(actor: Any) -> QuerySet[Candidate]:
    """Approved people of campaigns that let somebody photograph themselves, and whoever has begun."""
    seen = scoped(actor, Candidate).select_related("department", "campaign", "self_portrait__check_in")
    return with_link(seen.filter(_invited()) | seen.filter(self_portrait__isnull=False))


def _invited() -> Q:
    """Of candidates, and of totals: the approved of campaigns that let somebody photograph themselves."""
    return Q(Exists(_allowing(OuterRef("campaign__rule_set"))), status__in=APPROVED)


def _number_of_people(actor: Any, asked: Mapping[str, Any]) -> dict[str, int]:
    """How many ``people`` are: the invited from the totals, and one by one only who began and is not invited any more."""
    others = scoped(actor, Candidate).filter(self_portrait__isnull=False, **asked).exclude(_invited())
    return {"": counted(scoped(actor, Total).filter(_invited(), **asked).order_by(), "people") + others.count()}


def not_open(actor: Any) -> QuerySet[Campaign]:
    """The campaigns not closed whose rules let nobody photograph themselves: where it can be opened."""
    under_way = scoped(actor, Campaign).exclude(status=CampaignStatus.CLOSED)
    return under_way.exclude(Exists(_allowing(OuterRef("rule_set")))).order_by("-cohort_year", "pk")


def _allowing(rule_set: OuterRef) -> QuerySet[Rule]:
    found = Rule.objects.filter(rule_set=rule_set, key=SELF_PHOTO_FOR.name, withdrawn_reason="")
    return found.exclude(value=[])


def with_link(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The people with ``link_until``, the end of the link that still opens, and how many tries they had."""
    live = PersonalLink.objects.filter(portrait__candidate=OuterRef("pk"), ended_at=None, expires_at__gt=timezone.now())
    # A number of its own for each row that is shown: a join would group everybody before the first page is cut.
    tries = PortraitTry.objects.filter(portrait__candidate=OuterRef("pk")).order_by().values("portrait")
    return rows.annotate(
        link_until=Subquery(live.values("expires_at")[:1]),
        tries=Coalesce(Subquery(tries.annotate(n=Count("pk")).values("n")), 0),
    )


def _state(person: Candidate, lookups: Any) -> str:
    portrait = getattr(person, "self_portrait", None)
    return str(portrait.get_status_display()) if portrait else say(_NONE)


def _of_portrait(name: str) -> Any:
    return lambda person, lookups: getattr(getattr(person, "self_portrait", None), name, None)


def _number(person: Candidate, lookups: Any) -> str:
    portrait = getattr(person, "self_portrait", None)
    return portrait.check_in.number_label if portrait and portrait.check_in else ""


PEOPLE = Listing(
    name="selfphoto.people",
    title=Wording("手机自助拍摄", "Photographing oneself"),
    permission="selfphoto.read",
    rows=people,
    filters=PortraitFilter,
    order=("department__path", "class_name", "student_no", "pk"),
    order_title=Wording("按院系、班级、学号", "By department, class, number"),
    columns=(
        Column("tick", Wording("勾选", "Tick"), template="selfphoto/cells/tick.html", in_file=False, hidden_title=True,
               fixed=True, shown_to="selfphoto.issue"),
        person_column("student_no", css="figures", fixed=True,
               order=("student_no",)),
        person_column("name", template="selfphoto/cells/person.html", order=("name",)),
        Column("status", Wording("状态", "State"), _state, template="selfphoto/cells/state.html",
               order=("self_portrait__status",)),
        Column("link_until", Wording("链接有效至", "Link good until"), "link_until", css="figures text-nowrap", width=18,
               order=("link_until",)),
        Column("tries", Wording("试拍次数", "Tries"), "tries", css="figures", order=("tries",)),
        Column("submitted_at", Wording("提交", "Handed in"), _of_portrait("submitted_at"), css="figures text-nowrap",
               width=18, order=("self_portrait__submitted_at",)),
        Column("decided_at", Wording("审核", "Reviewed"), _of_portrait("decided_at"), css="figures text-nowrap", width=18,
               order=("self_portrait__decided_at",)),
        Column("number", Wording("拍摄序号", "Shooting number"), _number, css="figures", width=10),
        person_column("department",
               order=("department__path", "student_no")),
        person_column("class_name", order=("class_name", "student_no")),
    ),
    file_name="self-photographs",
    counts=Counts("status", ("campaign", "season", "department"), _number_of_people),
)  # fmt: skip
"""Who has a link and where each stands: no ID number, no link, no picture."""
