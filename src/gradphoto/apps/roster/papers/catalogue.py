"""Which papers there are: who stands on each, into what parts it falls, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from django.db.models import Count, Q, QuerySet

from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Origin, PaperKind
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.papers import forms, tables
from gradphoto.apps.roster.papers.sheet import SAID_OF_ERRORS, Sheet
from gradphoto.engine.wording import Wording

K = PaperKind
People = Callable[["QuerySet[Candidate]"], "QuerySet[Candidate]"]


class Split(StrEnum):
    """Into what parts a paper falls; each part is a paper with a number of its own."""

    CLASS = "class"
    COLLEGE = "college"
    SCHOOL = "school"
    """A college each, and one for the whole school where the viewer sees it whole."""
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of the catalogue."""

    kind: PaperKind
    code: str
    split: Split
    about: Wording
    people: People
    make: Callable[[Sheet], Any]
    shows_numbers: bool = False
    whole_only: bool = False
    """Only for who may read ID numbers whole: without them the paper is of no use."""


def _listed(people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return people.filter(status__in=CHAIN)


def _without_photograph(people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    """Who was not photographed yet. Check-ins belong to a later app: they are read by their relation."""
    shots = Count("check_ins", filter=~Q(check_ins__status="cancelled"))
    return _listed(people).annotate(shots=shots).filter(shots=0)


def _everybody(people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return people


def _with_cases(people: QuerySet[Candidate], route: str = "") -> QuerySet[Candidate]:
    wanted: dict[str, Any] = {"correction_cases__status__in": SAID_OF_ERRORS}
    if route:
        wanted = {"correction_cases__status__in": OPEN_CASE, "correction_cases__route": route}
    return _listed(people).filter(**wanted).distinct()


def _added(people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return _listed(people).filter(origin=Origin.ADDED)


def _removed(people: QuerySet[Candidate]) -> QuerySet[Candidate]:
    return people.filter(status=CandidateStatus.REMOVED)


def _case_paper(kind: PaperKind, code: str, about: Wording) -> Paper:
    return Paper(kind, code, Split.CASE, about, partial(_with_cases, route=str(kind)),
                 partial(forms.approval, kind=kind), shows_numbers=True)  # fmt: skip


_ALL = (
    Paper(K.CHECK_TABLE, "HDB", Split.CLASS,
          Wording("按班打印，学生本人核对签名；行序即拍摄顺序。", "By class; each student checks and signs. Rows in shooting order."),
          _listed, tables.check_table, shows_numbers=True),
    Paper(K.CARDS, "CJK", Split.CLASS,
          Wording("每人一张，一页八张，带二维码和裁切线。", "One a person, eight a page, with QR code and cutting lines."),
          _listed, forms.collection_cards),
    Paper(K.MACHINE_CARDS, "JDK", Split.CLASS,
          Wording("机读卡，信息点已印好；xlsx 为发放清单。", "With the marks printed; the xlsx is the list of cards."),
          _listed, forms.machine_cards, shows_numbers=True, whole_only=True),
    Paper(K.MAKE_UP_CARDS, "BPK", Split.CLASS,
          Wording("还没有照片的人；带学校地址、邮编和收件人，到补拍点使用。", "Who has no photograph yet; with the school's address, postcode and recipient."),
          _without_photograph, forms.make_up_cards, shows_numbers=True, whole_only=True),
    Paper(K.REGISTER, "DJB", Split.COLLEGE,
          Wording("核对修改后由学院打印，负责人签字盖章。", "Printed by the college after the check; signed and sealed."),
          _listed, tables.register, shows_numbers=True),
    Paper(K.ADDED, "FB1", Split.COLLEGE, Wording("名册遗漏、由学院添加的学生。", "Students the roster had left out."),
          _added, tables.added, shows_numbers=True),
    Paper(K.DELETED, "FB2", Split.COLLEGE, Wording("不能预计毕业、已删除的学生。", "Students who cannot graduate with this class."),
          _removed, tables.deleted),
    Paper(K.ERRATA, "FB3", Split.COLLEGE, Wording("已登记和已更正的信息错误。", "Errors noted and corrected."),
          _with_cases, tables.errata, shows_numbers=True),
    Paper(K.HEADCOUNT, "FB4", Split.SCHOOL, Wording("按专业、层次、学制统计人数。", "Heads by major, level and length of study."),
          _everybody, tables.headcount),
    Paper(K.ONLINE_ERRATA, "FB6", Split.COLLEGE,
          Wording("网上校对发现的错误逐条列出；没有时为空白表。", "What is wrong online, line by line; blank where nothing is."),
          _listed, tables.online_errata),
    _case_paper(K.ADMISSION, "LQ", Wording("录取时的错误，一人一项一表，一式三份。", "Errors of admission: one form an error, three copies.")),
    _case_paper(K.STATUS, "XJ", Wording("入学后申请更正，一人一项一表，一式两份。", "Changes after entry: one form an error, two copies.")),
    _case_paper(K.IDENTITY, "SF", Wording("凭《公民信息变更证明》原件和身份证复印件核验。", "By the police certificate and a copy of the ID card.")),
    Paper(K.SUMMARY, "HZB", Split.COLLEGE,
          Wording("十一列样表；拍摄序号在拍摄后填入。", "The eleven columns; the shooting number comes with the shot."),
          _listed, tables.summary, shows_numbers=True),
    Paper(K.NOTICE_LIST, "TZ", Split.CLASS,
          Wording("按班打印，学生本人签收通知；扫描归档后在“通知毕业生”登记。", "By class; each student signs for the notice. Filed, it counts as proof."),
          _listed, tables.notice_list),
    Paper(K.STATISTICS, "TJ", Split.SCHOOL, Wording("按班统计核对、签字进度。", "Progress of checks and signatures by class."),
          _everybody, tables.statistics),
)  # fmt: skip
PAPERS: Mapping[str, Paper] = {str(paper.kind): paper for paper in _ALL}
"""Every paper by its kind, in the order of the campaign."""
