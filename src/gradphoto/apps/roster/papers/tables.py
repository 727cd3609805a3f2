"""The papers that are tables: check table, register, the annexes of S4, the summary table, the statistics."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from gradphoto.apps.roster.lifecycle import CHAIN
from gradphoto.apps.roster.models import Candidate, CandidateStatus, CorrectionCase, Origin
from gradphoto.apps.roster.models.cases import OPEN_CASE
from gradphoto.apps.roster.papers.annex6 import annex_6, online_errors
from gradphoto.apps.roster.papers.sheet import SEXES, UNDATED, Sheet, day, joined
from gradphoto.engine.documents import Column, Fact, Section, TableForm
from gradphoto.engine.packet.summary import number_label
from gradphoto.engine.roster.layout import FIELD_TITLES
from gradphoto.engine.standards.identity import mask
from gradphoto.engine.wording import Wording

_NO = Column(Wording("序号", "No."), 10)
_STUDENT_NO = Column(Wording("学号", "Student no."), 26)
_NAME = Column(Wording("姓名", "Name"), 22)
_SEX = Column(Wording("性别", "Sex"), 10)
_ID_NUMBER = Column(Wording("身份证号", "ID number"), 39)
_CLASS = Column(Wording("班级", "Class"), 24)
_COLLEGE = Column(Wording("院系", "Department"), 32, "left")
_MAJOR = Column(Wording("专业", "Major"), 0, "left")
_LEAVES_AS = Column(Wording("毕（结）业", "Leaves as"), 15)

_COUNSELLOR = Wording("辅导员", "Counsellor")
_LEADER = Wording("主管学生工作院领导", "College leader")
_RESPONSIBLE = Wording("负责人", "Person responsible")
_FILLED_BY = Wording("填表人", "Filled in by")
_COLLEGE_SEAL = Wording("（学院盖章）", "(college seal)")


def _form(
    sheet: Sheet, title: Wording, columns: Sequence[Column], rows: Iterable[Sequence[str]], **more: Any
) -> TableForm:
    settled: dict[str, Any] = {
        "signatures": (_FILLED_BY, _RESPONSIBLE),
        "seal": _COLLEGE_SEAL,
        "total": sheet.count,
    } | more
    total = settled.pop("total")
    return TableForm(
        title=title,
        columns=tuple(columns),
        sections=(Section(tuple(tuple(row) for row in rows), sheet.facts, total),),
        dated=UNDATED,
        issuer=sheet.issuer,
        subtitle=sheet.subtitle,
        **settled,
    )


def _titled(sheet: Sheet, zh: str, en: str) -> Wording:
    return Wording(f"{sheet.campaign.cohort_year}届{zh}", en)


def _masked(sheet: Sheet) -> tuple[Wording, ...]:
    if sheet.whole_numbers == len(sheet.people):
        return ()
    return (Wording("证件号码已遮盖；载明完整号码的文本由教务处打印。",
                    "ID numbers are masked; the registry prints the copy that shows them whole."),)  # fmt: skip


def check_table(sheet: Sheet) -> TableForm:
    """R42: one class a table, its rows in the shooting order (student number ascending, R102)."""
    rows = (
        (
            str(n),
            p.student_no,
            p.name,
            SEXES[p.sex],
            sheet.number_of(p),
            p.major,
            p.leaves_as,
            "",
            _errors(sheet.cases.get(p.pk, ())),
        )
        for n, p in enumerate(sheet.people, start=1)
    )
    columns = (
        Column(_NO.title, 9), Column(_STUDENT_NO.title, 23), Column(_NAME.title, 20), Column(_SEX.title, 9),
        Column(_ID_NUMBER.title, 37), _MAJOR, _LEAVES_AS,
        Column(Wording("学生签名", "Student's signature"), 22), Column(Wording("错误注明", "Error noted"), 17, "left"),
    )  # fmt: skip
    notes = (
        Wording("请对照本人身份证核对后签名，不得代签；有误的在“错误注明”栏写明，并携带身份证原件和复印件到教务处核查。",
                "Check against your own ID card and sign yourself; write down what is wrong and bring the card and a copy."),
        Wording("名单顺序即拍摄顺序，请按此排队。", "The order of the rows is the order of shooting."),
        *_masked(sheet),
    )  # fmt: skip
    title = _titled(sheet, "预计毕业生图像采集信息核对表", "Check table of the image collection")
    return _form(sheet, title, columns, rows, notes=notes, signatures=(_COUNSELLOR, _LEADER), row_height_mm=8.5)


def _errors(cases: Iterable[CorrectionCase]) -> str:
    return joined(f"{FIELD_TITLES.get(case.field, case.field)}有误" for case in cases if case.status in OPEN_CASE)


def register(sheet: Sheet) -> TableForm:
    """R61 with the thirteen fields of R20 in S4's order."""
    rows = (
        (
            str(n), p.student_no, p.name, SEXES[p.sex], day(p.birth_date), p.political_status,
            f"{p.major}（{p.direction}）" if p.direction else p.major, day(p.entry_date), p.length_of_study, p.level,
            p.ethnic_group, sheet.number_of(p), p.native_place, p.leaves_as, joined((p.remarks, *sheet.changes.get(p.pk, ()))),
        )
        for n, p in enumerate(sheet.people, start=1)
    )  # fmt: skip
    columns = (
        Column(_NO.title, 9), Column(_STUDENT_NO.title, 22), Column(_NAME.title, 18), Column(_SEX.title, 9),
        Column(Wording("出生日期", "Birth date"), 16), Column(Wording("政治面貌", "Political status"), 17),
        Column(Wording("专业（方向）", "Major"), 0, "left"), Column(Wording("入学日期", "Entry date"), 16),
        Column(Wording("学制", "Years"), 10), Column(Wording("培养层次", "Level"), 17),
        Column(Wording("民族", "Ethnic group"), 12), Column(_ID_NUMBER.title, 34),
        Column(Wording("籍贯", "Native place"), 24, "left"), Column(_LEAVES_AS.title, 13),
        Column(Wording("备注", "Remarks"), 22, "left"),
    )  # fmt: skip
    title = _titled(sheet, "预计毕业生情况登记表", "Register of expected graduates")
    return _form(sheet, title, columns, rows, notes=_masked(sheet), landscape=True, size_pt=8.5,
                 signatures=(_FILLED_BY, _RESPONSIBLE))  # fmt: skip


def added(sheet: Sheet) -> TableForm:
    """Annex 1 (R55): who was added by hand, and why."""
    rows = (
        (
            str(n),
            p.student_no,
            p.name,
            SEXES[p.sex],
            sheet.number_of(p),
            p.class_name,
            p.major,
            p.leaves_as,
            p.added_reason,
        )
        for n, p in enumerate(sheet.people, start=1)
    )
    reason = Column(Wording("添加原因", "Reason"), 30, "left")
    title = _titled(sheet, "预计毕业生添加名单汇总表", "Expected graduates added")
    columns = (_NO, _STUDENT_NO, _NAME, _SEX, _ID_NUMBER, _CLASS, _MAJOR, _LEAVES_AS, reason)
    return _form(sheet, title, columns, rows, notes=(_annex(1), *_masked(sheet)), landscape=True)


def deleted(sheet: Sheet) -> TableForm:
    """Annex 2 (R56): who cannot graduate with this class, and why."""
    rows = (
        (str(n), p.student_no, p.name, SEXES[p.sex], p.class_name, p.major, p.leaves_as,
         joined((p.status_reason, *sheet.changes.get(p.pk, ()))))
        for n, p in enumerate(sheet.people, start=1)
    )  # fmt: skip
    reason = Column(Wording("删除原因", "Reason"), 44, "left")
    title = _titled(sheet, "预计毕业生删除名单汇总表", "Expected graduates deleted")
    return _form(
        sheet, title, (_NO, _STUDENT_NO, _NAME, _SEX, _CLASS, _MAJOR, _LEAVES_AS, reason), rows, notes=(_annex(2),)
    )


def errata(sheet: Sheet) -> TableForm:
    """Annex 3 (R57): what was wrong, what is right, by which document. Deleted rows and refused claims are not on it."""
    rows: list[tuple[str, ...]] = []
    for person in sheet.people:
        for case in sheet.cases.get(person.pk, ()):
            was, right = values_of(case, person, whole=person.pk in sheet.whole)
            rows.append((
                str(len(rows) + 1), person.student_no, person.name, person.class_name,
                FIELD_TITLES.get(case.field, case.field), was, right, _ROUTES.get(case.route, ""),
                joined((_STATES[case.status], case.note)),
            ))  # fmt: skip
    columns = (
        _NO, _STUDENT_NO, _NAME, _CLASS, Column(Wording("勘误项目", "Item"), 20),
        Column(Wording("原内容", "Old"), 40, "left"), Column(Wording("正确内容", "Right value"), 40, "left"),
        Column(Wording("依据", "Source"), 34, "left"), Column(Wording("备注", "Remarks"), 0, "left"),
    )  # fmt: skip
    title = _titled(sheet, "预计毕业生信息校对勘误汇总表", "Errata of the data check")
    total = Wording(f"共 {len(rows)} 项", f"{len(rows)} items")
    return _form(sheet, title, columns, rows, total=total, notes=(_annex(3), *_masked(sheet)), landscape=True)


_ROUTES = {
    "card": "身份证原件核验", "admission": "录取信息更正审批表", "status": "学籍信息更正审批表", "identity": "公民信息变更证明",
}  # fmt: skip
_STATES = {"noted": "待证明", "proven": "待审批", "corrected": "已更正"}


def values_of(case: CorrectionCase, person: Candidate, *, whole: bool) -> tuple[str, str]:
    """What stood in the row and what is right, as papers write it; "—" where an old record does not tell."""
    if case.as_found is not None:
        was = str(case.as_found.decrypt())
    else:
        was = str(getattr(person, case.field) or "") if case.is_open and case.field != "id_number" else "—"
    right = str(case.right_value)
    if case.field == "id_number" and not whole:
        was, right = (mask(text) if len(text) > 1 else text for text in (was, right))
    return SEXES.get(was, was), SEXES.get(right, right)


def headcount(sheet: Sheet) -> TableForm:
    """Annex 4 (R58): heads by major, level, length of study and kind of leaving (R15); who was added, deleted, deferred."""
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for person in sheet.people:
        college = (person.department.name,) if sheet.is_school else ()
        groups.setdefault((*college, person.major, person.level, person.length_of_study, person.leaves_as), []).append(
            person
        )
    rows = [(str(n), *key, *map(str, _heads(people))) for n, (key, people) in enumerate(groups.items(), start=1)]
    if rows:
        blanks = [""] * (len(rows[0]) - 7)
        rows.append(("合计", *blanks, *map(str, _heads(sheet.people))))
    columns = (
        Column(_NO.title, 12), *((_COLLEGE,) if sheet.is_school else ()), _MAJOR, Column(Wording("层次", "Level"), 15),
        Column(Wording("学制", "Years"), 15), _LEAVES_AS, Column(Wording("预计毕（结）业人数", "Expected"), 28),
        Column(Wording("男", "Male"), 15), Column(Wording("女", "Female"), 15), Column(Wording("其中添加", "Added"), 20),
        Column(Wording("已删除", "Removed"), 20), Column(Wording("另行采集", "Deferred"), 20),
    )  # fmt: skip
    title = _titled(sheet, "预计毕业生人数统计表", "Headcount of expected graduates")
    seal = Wording("（教务处盖章）", "(seal of the registry)") if sheet.is_school else _COLLEGE_SEAL
    return _form(sheet, title, columns, rows, total=None, notes=(_annex(4),), seal=seal, landscape=True)


def _heads(people: Iterable[Candidate]) -> tuple[int, int, int, int, int, int]:
    everybody = list(people)
    listed = [p for p in everybody if p.status in CHAIN]
    left = Counter(p.status for p in everybody)
    male = sum(1 for p in listed if p.sex == "male")
    by_hand = sum(1 for p in listed if p.origin == Origin.ADDED)
    return (
        len(listed),
        male,
        len(listed) - male,
        by_hand,
        left[CandidateStatus.REMOVED],
        left[CandidateStatus.DEFERRED],
    )


def online_errata(sheet: Sheet) -> TableForm:
    """Annex 6 (R60): filled from what is wrong online with these people, blank where nothing is."""
    mine = {person.pk for person in sheet.people}
    lines = [line for line in online_errors(sheet.campaign, sheet.organisation, sheet.season) if line.person.pk in mine]
    whole = (Wording("证件号码已遮盖；载明完整号码的文本在“勘误—附表6”打印。",
                     "ID numbers are masked; the copy that shows them whole is printed under Errata, annex 6."),)  # fmt: skip
    return annex_6(sheet.campaign, sheet.organisation, {sheet.season: lines}, number_of=sheet.number_of, dated=UNDATED,
                   notes=whole if lines else ())  # fmt: skip


def summary(sheet: Sheet) -> TableForm:
    """R52: eleven columns in their order; the shooting number stays empty until the person was shot (R45)."""
    school = sheet.campaign.school
    rows = (
        (
            shooting_number(p), p.name, p.student_no, SEXES[p.sex], sheet.number_of(p), p.major, p.degree_category,
            p.school_kind, p.department.code, school.name, school.code,
        )
        for p in sorted(sheet.people, key=lambda p: (shooting_number(p) or "~", p.student_no))
    )  # fmt: skip
    columns = (
        Column(Wording("拍摄序号", "Shooting number"), 18), _NAME, _STUDENT_NO, _SEX,
        Column(Wording("身份证号码", "ID number"), 39), Column(Wording("专业名称", "Major"), 0, "left"),
        Column(Wording("学历类别", "Degree category"), 20), Column(Wording("所在校别", "School kind"), 20),
        Column(Wording("（院）系代码", "Department code"), 16), Column(Wording("所在院校名称", "School"), 34),
        Column(Wording("院校代码", "School code"), 16),
    )  # fmt: skip
    outside = Wording("校外学习中心（函授站）名称", "Outside learning centre (station)")
    # Whoever hands the table in: an outside centre, and a college of a school that is its own centre.
    named = sheet.organisation.name
    title = Wording("高等教育学历证书图像信息采集汇总表", "Summary table of the image collection")
    form = _form(sheet, title, columns, rows, notes=_masked(sheet), landscape=True,
                 signatures=(_FILLED_BY,), seal=Wording("（单位盖章）", "(seal)"))  # fmt: skip
    return dataclasses.replace(form, facts=(Fact(outside, named),))


def shooting_number(person: Candidate) -> str:
    """The number in force, five digits (R118), as it names the photograph."""
    for check_in in (person.same_person or person).check_ins.all():
        if check_in.status != "cancelled":
            return number_label(check_in.shooting_number)
    return ""


def notice_list(sheet: Sheet) -> TableForm:
    """R203: each student of a class signs that they were told of the session, what to bring and the verification."""
    rows = ((str(n), p.student_no, p.name, "", "") for n, p in enumerate(sheet.people, start=1))
    columns = (
        Column(_NO.title, 12), _STUDENT_NO, _NAME, Column(Wording("本人签名", "Signature"), 40),
        Column(Wording("日期", "Day"), 26),
    )  # fmt: skip
    notes = (
        Wording("本人已收到图像采集时间、地点、携带二代身份证、衣着要求和网上校对的通知，不得代签。",
                "I was told of the time and place of the photograph, the ID card, the clothes and the online verification."),
    )  # fmt: skip
    title = _titled(sheet, "预计毕业生图像采集通知签收表", "Class list of the notice")
    return _form(sheet, title, columns, rows, notes=notes, signatures=(_COUNSELLOR,), row_height_mm=8.5)


def statistics(sheet: Sheet) -> TableForm:
    """How far the check is, class by class: who stands where on the chain of signatures, and what is open."""
    groups: dict[tuple[str, ...], list[Candidate]] = {}
    for person in sheet.people:
        college = (person.department.name,) if sheet.is_school else ()
        groups.setdefault((*college, person.class_name or "（未分班）"), []).append(person)
    rows = [(str(n), *key, *_standing(sheet, people)) for n, (key, people) in enumerate(groups.items(), start=1)]
    if rows:
        rows.append(("合计", *[""] * (2 if sheet.is_school else 1), *_standing(sheet, sheet.people)))
    steps = [Column(Wording(*_STEPS[state]), 23) for state in CHAIN]
    columns = (
        Column(_NO.title, 12), *((_COLLEGE,) if sheet.is_school else ()), Column(_CLASS.title, 0, "left"),
        Column(Wording("在册人数", "Listed"), 17), *steps, Column(Wording("错误未结", "Errors open"), 18),
        Column(Wording("核准率", "Accepted"), 16),
    )  # fmt: skip
    title = _titled(sheet, "预计毕业生信息核对进度统计表", "Statistics of the data check")
    return _form(sheet, title, columns, rows, total=None, signatures=(_FILLED_BY,), seal=None, landscape=True)


_STEPS = {
    CandidateStatus.ISSUED: ("已下发", "Issued"),
    CandidateStatus.CHECKED: ("学院已核对", "Checked"),
    CandidateStatus.SIGNED: ("学生已签字", "Signed"),
    CandidateStatus.COUNTERSIGNED: ("辅导员已签字", "By counsellor"),
    CandidateStatus.ENDORSED: ("院领导已签字", "By leader"),
    CandidateStatus.ACCEPTED: ("已核准", "Accepted"),
}


def _standing(sheet: Sheet, people: Iterable[Candidate]) -> tuple[str, ...]:
    listed = [p for p in people if p.status in CHAIN]
    at = Counter(p.status for p in listed)
    is_open = sum(1 for p in listed for case in sheet.cases.get(p.pk, ()) if case.status in OPEN_CASE)
    rate = f"{100 * at[CandidateStatus.ACCEPTED] // len(listed)}%" if listed else "—"
    return (str(len(listed)), *(str(at[state]) for state in CHAIN), str(is_open), rate)


def _annex(number: int) -> Wording:
    return Wording(f"附表{number}。签字盖章后连同电子文档交教务处学籍管理科。",
                   f"Annex {number}. Signed and sealed, to the registry together with the electronic file.")  # fmt: skip
