"""How the papers look: the errata form (R53), the one for image data (R54), the missing-photo report (R66), annex 6 (R60).

No notice hands down the columns of its form: these hold what the notices ask for, and each carries how to fill it in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from gradphoto.apps.campaigns.contact_lines import contact_lines
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import Frame, FrameStatus
from gradphoto.apps.core.wording import say
from gradphoto.apps.errata.kinds import Corrector, ErrataKind, Paper
from gradphoto.apps.errata.models import CaseStatus, ErrataForm, ErrataItem
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.roster.papers.annex6 import OnlineError, annex_6
from gradphoto.apps.verification.items import BY_FIELD, label_of, text_of
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.wording import Wording

_TITLES = {
    Paper.ERRATA: Wording("毕业生图像采集数据勘误表", "Errata form of the image collection"),
    Paper.IMAGE_ERRATA: Wording(
        "高等教育毕业生学历电子注册图像数据检查勘误表", "Errata form for image data of electronic registration"
    ),
    Paper.MISSING_REPORT: Wording("毕业生照片缺失情况报告", "Report of missing photographs"),
}
_NUMBER = Column(Wording("序号", "No."), 10)
_SHOT = Column(Wording("拍摄序号", "Shooting number"), 16)
_NAME = Column(Wording("姓名", "Name"), 20)
_STUDENT = Column(Wording("学号", "Student no."), 26)
_ID = Column(Wording("证件号码", "ID number"), 40)
_COLUMNS = {
    Paper.ERRATA: (
        _NUMBER, _SHOT, _NAME, _STUDENT, _ID,
        Column(Wording("错误项目", "Wrong item"), 24),
        Column(Wording("错误内容", "As it stands"), 38),
        Column(Wording("正确内容", "Right value"), 38),
        Column(Wording("备注", "Remarks"), 0, "left"),
    ),
    Paper.IMAGE_ERRATA: (
        _NUMBER, _SHOT, _NAME, _STUDENT, _ID,
        Column(Wording("错误类型", "Kind of error"), 26),
        Column(Wording("情况说明", "Explanation"), 0, "left"),
    ),
    Paper.MISSING_REPORT: (
        _NUMBER, _SHOT, _NAME, _ID, _STUDENT,
        Column(Wording("院系", "Department"), 28),
        Column(Wording("情况说明", "Explanation"), 0, "left"),
    ),
}  # fmt: skip
_FILLING = {
    Paper.ERRATA: (
        Wording(
            "填写要求：一、每行一人一项，错误内容照现有数据填写，正确内容以身份证和学籍为准。",
            "How to fill in: 1. One person and one item a row; the right value as on ID card and student record.",
        ),
        Wording(
            "二、数据错位的，从错位的第一人起逐人列出，不得跳号，填原照片文件名和应对应的文件名。三、照片可照常使用。",
            "2. Shifted data: everyone from the first slip on, with wrong and right file. 3. The photos stay usable.",
        ),
        Wording(
            "四、联系人、电话、地址填写完整；加盖学校公章；原件寄出，复印件留底备查。",
            "4. Contact, telephone and address complete; school seal; the school keeps a copy.",
        ),
    ),
    Paper.IMAGE_ERRATA: (
        Wording(
            "填写要求：一、适用于院校有误、图像非本人、图像模糊和网上无图像。二、拍摄序号照图像信息卡填写。",
            "How to fill in: 1. For wrong school, another's image, blurred or no image. 2. Number as on the image card.",
        ),
        Wording(
            "三、加盖公章后传真或邮寄，原件留底备查。", "3. Sealed, by fax or mail; the original is kept.",
        ),
    ),
    Paper.MISSING_REPORT: (
        Wording(
            "务必盖上学校公章，否则不予办理。收到后按规定的工作日补发至上列地址。",
            "Not accepted without the school's seal. Re-issued to the address above within the working days set.",
        ),
    ),
}  # fmt: skip
_SIGNATURES = (Wording("填表人", "Filled in by"), Wording("负责人", "Person responsible"))


def form_layout(form: ErrataForm) -> TableForm:
    """A form with the cases on it that were not withdrawn, ID numbers in full."""
    paper = Paper(form.paper)
    items = (
        ErrataItem.objects.filter(case__form=form)
        .exclude(case__status=CaseStatus.WITHDRAWN)
        .select_related("candidate__department", "case")
        .order_by("case__number", "position")
    )
    frames = _frames_now(form)
    rows = tuple(_row(paper, number, item, frames) for number, item in enumerate(items, start=1))
    learning = form.organisation.kind == OrganisationKind.LEARNING_CENTRE
    return TableForm(
        title=_TITLES[paper],
        issuer=Wording(form.organisation.name, form.organisation.name_en or form.organisation.name),
        subtitle=_class_of(form.campaign, form.season),
        columns=_COLUMNS[paper],
        sections=(Section(rows, total=_rows_total(len(rows))),),
        dated=form.created_at,
        number=str(form),
        facts=(
            Fact(Wording("院校及代码", "School and code"), f"{form.campaign.school.name} {form.campaign.school.code}"),
            Fact(Wording("送交", "To"), str(Corrector(form.corrector).label)),
            Fact(Wording("联系人", "Contact"), form.contact),
            Fact(Wording("联系电话", "Telephone"), form.telephone),
            Fact(Wording("详细地址", "Full address"), form.address),
        ),
        notes=(*_FILLING[paper], *contact_lines(form.campaign)),
        signatures=_SIGNATURES,
        seal=Wording("（学习中心公章）", "(seal of the learning centre)")
        if learning
        else Wording("（学校公章）", "(seal of the school)"),
        landscape=paper is Paper.ERRATA,
        size_pt=9,
    )


def _frames_now(form: ErrataForm) -> dict[int, str]:
    """For shifted data: the file that is each person's after the repair of the pairing."""
    people = form.cases.filter(kind=ErrataKind.DATA_SHIFTED).values("items__candidate")
    frames = Frame.objects.filter(check_in__candidate__in=people, status=FrameStatus.ACCEPTED)
    return dict(frames.values_list("check_in__candidate", "file_name"))


def _row(paper: Paper, number: int, item: ErrataItem, frames: dict[int, str]) -> tuple[str, ...]:
    person = item.candidate
    shot = _shot(item.shooting_number)
    identity, kind = person.id_number.decrypt(), str(item.case.get_kind_display())
    words = item.case.description
    if paper is Paper.ERRATA:
        wrong = say(BY_FIELD[item.field].title) if item.field else kind
        shown, right = values_of(item)
        if item.kind == ErrataKind.DATA_SHIFTED:
            mended = frames.get(person.pk, "")
            shown, right = item.shown, mended if mended != item.shown else ""
        return (str(number), shot, person.name, person.student_no, identity, wrong, shown, right, words)
    if paper is Paper.IMAGE_ERRATA:
        return (str(number), shot, person.name, person.student_no, identity, kind, words)
    return (str(number), shot, person.name, identity, person.student_no, person.department.name, words or kind)


def values_of(item: ErrataItem) -> tuple[str, str]:
    """The wrong and the right value of an item in full: only for papers whose print is on record."""
    if item.right is None:
        return "", ""
    shown = item.shown if item.field != "id_number" or item.case.result_on else _current(item)
    return shown, label_of(item.field, item.right.decrypt())


def _current(item: ErrataItem) -> str:
    return label_of(item.field, text_of(getattr(item.candidate, item.field)))


def summary_layout(
    campaign: Campaign, organisation: Organisation, lines: Mapping[str, Sequence[OnlineError]]
) -> TableForm:
    """Annex 6 (R60) of a college with whole ID numbers: the seasons that have lines, else a blank one for each (R12)."""
    told = {season: found for season, found in lines.items() if found} or dict.fromkeys(Season.values, ())
    return annex_6(
        campaign,
        organisation,
        told,
        number_of=lambda person: str(person.id_number.decrypt()),
        dated=timezone.localtime(),
    )


def _shot(number: int | None) -> str:
    return f"{number:05d}" if number else "—"


def _season(season: str) -> Wording:
    return Wording("春季", "Spring") if season == Season.SPRING else Wording("秋季", "Autumn")


def _class_of(campaign: Campaign, season: str) -> Wording:
    named = _season(season)
    return Wording(f"{campaign.cohort_year}届 · {named.zh}", f"Class of {campaign.cohort_year} · {named.en}")


def _rows_total(count: int) -> Wording:
    return Wording(f"共 {count} 行", f"{count} rows")
