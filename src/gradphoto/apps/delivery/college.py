"""What a college sees of the delivery (R65, R171): how far each class is, who has a card to collect, who has not verified.

Packages belong to the school; a college reads only its own people, by way of the people themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import CheckIn, CheckInStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.delivery.models import DeliveryReport, PackageItem, PackageStatus, Portrait, ReportStatus
from gradphoto.apps.orgs.models import Organisation, by_code
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Total
from gradphoto.apps.roster.persons import first_of, photographed_as
from gradphoto.engine.documents.table_form import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

_SHOT = (CheckInStatus.SHOT, CheckInStatus.CONFIRMED)
_WITH_THE_SCHOOL = (PackageStatus.DELIVERED, PackageStatus.CHECKED)
_SEASONS = {"spring": Wording("春季", "Spring"), "autumn": Wording("秋季", "Autumn")}


@dataclass(frozen=True, slots=True)
class ClassProgress:
    """How far a class is, in persons."""

    department: Organisation
    season: str
    name: str
    people: int
    shot: int
    made: int
    delivered: int
    printed: int
    opened: int
    confirmed: int
    reported: int

    @property
    def query(self) -> str:
        """What asks for this class in the address of its pages."""
        return urlencode({"department": self.department.pk, "season": self.season, "class": self.name})

    @property
    def unverified(self) -> int:
        """Whose verification is open and not confirmed (R171)."""
        return self.opened - self.confirmed


def people_with_progress(actor: Actor, campaign: Campaign) -> QuerySet[Candidate]:
    """The campaign's people whom the viewer may see, each with the steps of the delivery as yes or no."""
    mine = scoped(actor, Candidate).filter(campaign=campaign, status=CandidateStatus.ACCEPTED)
    own = OuterRef("pk")
    packed = PackageItem.objects.filter(portrait__candidate=own, package__status__in=_WITH_THE_SCHOOL)
    # Verification is a later room: its case is read by its relation, not imported.
    return mine.annotate(
        shot=Exists(CheckIn.objects.filter(candidate=photographed_as(), status__in=_SHOT)),
        made=Exists(Portrait.objects.filter(candidate=own)),
        delivered=Exists(packed),
        printed=Q(image_card__printed_at__isnull=False),
        opened=Q(verification_case__isnull=False),
        confirmed=Q(verification_case__confirmed_at__isnull=False),
        reported=Exists(DeliveryReport.objects.filter(candidate=own, status=ReportStatus.OPEN)),
    )


STEPS = ("shot", "made", "delivered", "printed", "opened", "confirmed", "reported")


def units_of(actor: Actor, campaign: Campaign) -> list[Organisation]:
    """The departments and learning centres whose people the viewer sees, in the order of their codes."""
    people = scoped(actor, Total).filter(campaign=campaign, people__gt=0).order_by().values("department")
    return list(Organisation.objects.filter(pk__in=people).order_by(*by_code()))


def classes(
    actor: Actor, campaign: Campaign, season: str = "", unit: Organisation | None = None
) -> list[ClassProgress]:
    """The classes in the viewer's scope, or of one unit, by season, department and name; two queries."""
    people = people_with_progress(actor, campaign)
    if season:
        people = people.filter(season=season)
    if unit is not None:
        people = people.filter(department=unit)
    counted: Any = (  # its fields are named at run time
        people.order_by()
        .values("season", "department", "class_name")
        .annotate(people=Count("pk"), **{f"n_{step}": Count("pk", filter=Q(**{step: True})) for step in STEPS})
        .order_by("-season", "department__path", "class_name")
    )
    rows = list(counted)
    departments = Organisation.objects.in_bulk({row["department"] for row in rows})
    return [
        ClassProgress(
            departments[row["department"]],
            row["season"],
            row["class_name"],
            row["people"],
            *(row[f"n_{step}"] for step in STEPS),
        )
        for row in rows
    ]


def people_of_class(
    actor: Actor, campaign: Campaign, *, department: int, season: str, class_name: str
) -> QuerySet[Candidate]:
    """One class in the order of student numbers."""
    people = people_with_progress(actor, campaign).filter(department=department, season=season, class_name=class_name)
    return people.select_related("department", "image_card").order_by("student_no")


def delivered_portraits(people: list[Candidate]) -> dict[int, int]:
    """By person the portrait that was delivered last."""
    items = PackageItem.objects.filter(portrait__candidate__in=people, package__status__in=_WITH_THE_SCHOOL)
    return dict(items.order_by("pk").values_list("portrait__candidate", "portrait"))


def hand_out_list(
    campaign: Campaign, department: Organisation, season: str, class_name: str, people: list[Candidate]
) -> TableForm:
    """The list on which each graduate signs for their image card (R64); who has none yet is on it without one."""
    shots = CheckIn.objects.filter(candidate__in=[first_of(person) for person in people], status__in=_SHOT)
    by_first = dict(shots.values_list("candidate", "shooting_number"))
    numbers = {person.pk: by_first[first] for person in people if (first := first_of(person)) in by_first}
    ready = [person for person in people if person.printed]  # type: ignore[attr-defined]
    rows = tuple(
        (
            str(place), person.student_no, person.name,
            f"{numbers[person.pk]:05d}" if person.pk in numbers else "—",
            _card(person), "", "", "",
        )
        for place, person in enumerate(people, start=1)
    )  # fmt: skip
    said = _SEASONS[season]
    return TableForm(
        title=Wording("图像信息卡领取登记表", "Hand-out list of image cards"),
        subtitle=Wording(f"{campaign.cohort_year}届（{said.zh}毕业）", f"Class of {campaign.cohort_year} ({said.en})"),
        issuer=Wording(campaign.school.name, campaign.school.name_en or campaign.school.name),
        dated=timezone.localtime(),
        facts=(
            Fact(Wording("院系", "Department"), department.name),
            Fact(Wording("班级", "Class"), class_name or "—"),
        ),
        columns=(
            Column(Wording("序号", "No."), 11),
            Column(Wording("学号", "Student no."), 26),
            Column(Wording("姓名", "Name"), 26),
            Column(Wording("拍摄序号", "Shooting number"), 19),
            Column(Wording("信息卡", "Card"), 22),
            Column(Wording("本人签名", "Signature"), 28),
            Column(Wording("领取日期", "Date"), 20),
            Column(Wording("备注", "Remarks")),
        ),
        sections=(
            Section(
                rows,
                total=Wording(f"共 {len(people)} 人，可领 {len(ready)} 张", f"{len(people)} persons, {len(ready)} cards"),
            ),
        ),
        notes=(
            Wording(
                "卡片载有本人登录校对系统的校对码，须本人签名领取，不得代领；未领的由辅导员妥善保管。",
                "A card holds the code of the graduate's own verification: signed for by its owner, nobody else; "
                "the counsellor keeps those not collected.",
            ),
        ),
        signatures=(Wording("发放人", "Handed out by"), Wording("辅导员", "Counsellor")),
        row_height_mm=8.5,
    )  # fmt: skip


def _card(person: Candidate) -> str:
    if person.printed:  # type: ignore[attr-defined]
        return f"第 {person.image_card.issue} 次发卡" if person.image_card.issue > 1 else "已打印"
    return "待打印" if person.delivered else "未交付"  # type: ignore[attr-defined]
