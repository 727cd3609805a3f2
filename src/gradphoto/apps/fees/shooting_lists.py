"""The shooting list of a college (R47, R139): issued once with its numbers, printed again under them, signed and filed.

The pre-assigned number (预拍摄序号) is an ordering key (B7): it is given when the list is issued, one a campaign, stands
on the row of the person from then on, and is what the card prints and the station reads (R101). Who drops out leaves a
gap; who comes later gets the next number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from django.db.models import Exists, F, OuterRef

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import FEE_BEFORE_LIST
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.fees.models import PAID, Charge, ChargeStatus, Item
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate, PaperKind
from gradphoto.apps.roster.papers import issuing
from gradphoto.apps.roster.papers.catalogue import Paper, Split
from gradphoto.apps.roster.papers.issuing import Made
from gradphoto.apps.roster.papers.sheet import SEASONS, UNDATED, Sheet
from gradphoto.apps.roster.persons import once_a_person
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

_SEXES = {"male": Wording("男", "Male"), "female": Wording("女", "Female")}
_DRAFT = Wording(
    "草稿：名单尚未签发，未编号者没有预拍摄序号，请签发后打印。",
    "Draft: not issued yet. Who has no number gets it when the list is issued.",
)


def only_paid(campaign: Campaign) -> bool:
    """Whether the unpaid are left off the shooting list: R139 unless the rule set says otherwise."""
    rule = in_force(campaign.rule_set, FEE_BEFORE_LIST)
    return True if rule is None else FEE_BEFORE_LIST.read(rule.value)


def to_be_shot(
    actor: Actor, campaign: Campaign, season: Season, department: int = 0, *, to_issue: bool = False
) -> list[Candidate]:
    """Who stands on the shooting list: checked data and payments, in the order of the numbers within a college (R139).

    Whoever has no number yet follows in student-number order. ``to_issue``: only whom the actor may issue a list for.
    """
    people = changeable(actor, Candidate, "roster.print") if to_issue else scoped(actor, Candidate)
    people = once_a_person(people.filter(campaign=campaign, season=season, status__in=APPROVED))
    if department:
        people = people.filter(department=department)
    photo = Charge.objects.filter(candidate=OuterRef("pk"), item=Item.PHOTO)
    people = people.annotate(is_settled=Exists(photo.filter(status__in=(*PAID, ChargeStatus.WAIVED))))
    if only_paid(campaign):
        people = people.filter(is_settled=True)
    order = ("department__path", F("preassigned_number").asc(nulls_last=True), "student_no")
    return list(people.select_related("department").order_by(*order))


@action("fees.preassign_numbers", permission="roster.print", within=("people",))
def preassign_numbers(actor: Actor, campaign: Campaign, *, people: Sequence[Candidate]) -> int:
    """Give each person without a pre-assigned number the next one, in the order given (R47); returns how many.

    The campaign's row is locked meanwhile, so that no number is given twice.
    """
    missing = list(
        Candidate.objects.filter(
            pk__in=[one.pk for one in people], campaign=campaign, preassigned_number=None
        ).values_list("pk", flat=True)
    )
    fresh = [one for one in people if one.pk in set(missing)]
    first = campaign.last_preassigned_number + 1
    for number, person in enumerate(fresh, start=first):
        person.preassigned_number = number
    Candidate.objects.bulk_update(fresh, ["preassigned_number"], batch_size=500)
    campaign.last_preassigned_number += len(fresh)
    campaign.save(update_fields=["last_preassigned_number"])
    audit.note(given=len(fresh), first=first, last=campaign.last_preassigned_number)
    return len(fresh)


def issue(
    actor: Actor, campaign: Campaign, people: Sequence[Candidate], *, address: Callable[[str], str], made_as: str
) -> list[Made]:
    """Issue the list of each college: numbers for whoever has none, a document number each, on record.

    ``people`` by college and of one season, as ``to_be_shot`` gives them.
    """
    preassign_numbers(actor, campaign, people=people)
    return [
        issuing.make(actor, SHOOTING_LIST, sheet, address=address, made_as=made_as)
        for sheet in _sheets(campaign, people)
    ]


def as_issued(campaign: Campaign, people: Sequence[Candidate], address: Callable[[str], str]) -> list[Made] | None:
    """The lists under the numbers they were issued with; None where one of them was not, or has changed since."""
    made = []
    for sheet in _sheets(campaign, people):
        document = issuing.issued(SHOOTING_LIST, sheet)
        if document is None:
            return None
        made.append(issuing.numbered(SHOOTING_LIST.make(sheet), document, address))
    return made or None


def draft(campaign: Campaign, season: Season, people: Sequence[Candidate]) -> TableForm:
    """What the lists would say now, marked as a draft: no document number, no new pre-assigned numbers."""
    sections = tuple(_section(sheet) for sheet in _sheets(campaign, people))
    return _form(campaign, campaign.school, season, sections, is_draft=True)


def _sheets(campaign: Campaign, people: Sequence[Candidate]) -> list[Sheet]:
    by_college = groupby(people, key=lambda one: one.department)
    return [
        Sheet(campaign, college, part[0].season, tuple(part), frozenset())
        for college, part in ((college, list(run)) for college, run in by_college)
    ]


def _section(sheet: Sheet) -> Section:
    facts = (Fact(Wording("院系", "Department"), sheet.organisation.name),)
    rows = tuple(_row(person) for person in sheet.people)
    return Section(rows, facts, Wording("共 {n} 人", "{n:person|persons}").format(n=len(rows)))


def _row(person: Candidate) -> tuple[str, ...]:
    settled = getattr(person, "is_settled", True)
    return (
        person.preassigned_label, person.student_no, person.name, say(_SEXES[person.sex]), person.class_name,
        person.major, person.leaves_as, "" if settled else say(Wording("未缴费", "unpaid")),
    )  # fmt: skip


def _form(
    campaign: Campaign, college: Organisation, season: str, sections: tuple[Section, ...], *, is_draft: bool = False
) -> TableForm:
    year, name, paid = campaign.cohort_year, SEASONS[season], only_paid(campaign)
    ground = Wording(
        "本名单依据核对后的数据和缴费情况生成，未缴费者不在其列。"
        if paid
        else "本名单依据核对后的数据生成；现场缴费。",
        "From the checked data and the payments; unpaid students are not on it."
        if paid
        else "From the checked data; the fee is paid on the day.",
    )
    return TableForm(
        title=Wording(f"{year}届预计毕业生图像信息采集学生名单", f"Shooting list of the class of {year}"),
        subtitle=Wording(f"{campaign.school.name}（{name.zh}毕业）", f"{campaign.school.name} ({name.en})"),
        columns=(
            Column(Wording("预拍摄序号", "Pre-no."), 20),
            Column(Wording("学号", "Student no."), 26),
            Column(Wording("姓名", "Name"), 24, "left"),
            Column(Wording("性别", "Sex"), 10),
            Column(Wording("班级", "Class"), 26),
            Column(Wording("专业", "Major"), 0, "left"),
            Column(Wording("毕（结）业", "Leaves as"), 14),
            Column(Wording("备注", "Remarks"), 20, "left"),
        ),
        sections=sections or (Section(()),),
        dated=UNDATED,
        notes=(ground, _DRAFT) if is_draft else (ground,),
        signatures=(Wording("毕业班辅导员", "Counsellor"),),
        seal=Wording("（学工办盖章）", "(seal of the student-work office)"),
    )


def _of_college(sheet: Sheet) -> TableForm:
    return _form(sheet.campaign, sheet.organisation, sheet.season, (_section(sheet),))


SHOOTING_LIST = Paper(
    PaperKind.SHOOTING_LIST, "MD", Split.COLLEGE,
    Wording("按学院签发，带预拍摄序号；辅导员签字，学工办盖章。", "By college, with the pre-assigned numbers; signed and sealed."),
    lambda people: people.filter(status__in=APPROVED), _of_college,
)  # fmt: skip
