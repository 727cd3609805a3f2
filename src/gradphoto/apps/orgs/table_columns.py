"""Columns of a table of organisations or people: which is which by heading and by content, and what schools call kinds and roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradphoto.apps.orgs.kinds import OrganisationKind, Role
from gradphoto.engine.tables.headings import plain_heading, plain_without_notes
from gradphoto.engine.wording import Wording

_HEADING_ROWS, _JUDGED_ROWS, _MOST = 20, 200, 0.6
_K, _R = OrganisationKind, Role


@dataclass(frozen=True, slots=True)
class TableField:
    """A field of the table: its heading in our template, how else schools call it, and how long it may be."""

    name: str
    title: Wording
    longest: int
    required: bool = False
    also: tuple[str, ...] = ()
    ending: str = ""
    """A pattern for the end of headings of the same kind: 院系代号, 学院编码."""


UNIT_FIELDS = (
    TableField(
        "name", Wording("单位名称", "Name"), 120, True, ("名称", "院系", "院系名称", "学院", "学院名称", "部门"),
        "(名称|全称|名字|单位|院系|学院|部门|教学点|函授站)",
    ),
    TableField(
        "code", Wording("代码", "Code"), 20, False, ("单位代码", "院系代码", "学院代码", "院系编号", "编号"),
        "(?<!序)(?<!电话)(代码|代号|编号|编码|码|号)",
    ),
    TableField("parent", Wording("上级单位", "Below"), 120, False, ("上级", "上级名称", "所属单位"), "(上级|主管)(单位|部门)?"),
    TableField("kind", Wording("类别", "Kind"), 20, False, ("单位类别", "类型"), "(类别|类型|性质)"),
    TableField("name_en", Wording("英文名称", "English name"), 160, False, ("英文名", "英文")),
)  # fmt: skip
PEOPLE_FIELDS = (
    TableField("display_name", Wording("姓名", "Name"), 60, True, ("教师姓名", "人员姓名", "负责人"), "(姓名|老师|联系人)"),
    TableField(
        "username", Wording("用户名", "User name"), 150, True, ("账号", "工号", "教工号", "职工号", "登录名"),
        "(用户名|账号|帐号|工号|教职工号|职工编号|登录名)",
    ),
    TableField(
        "unit", Wording("单位", "Organisation"), 120, True, ("单位名称", "院系", "学院", "部门", "所在单位"),
        "(单位|院系|学院|部门)(名称)?",
    ),
    TableField("role", Wording("角色", "Role"), 40, True, ("职务", "岗位", "身份"), "(角色|职务|岗位|职责|身份|分工)"),
    TableField(
        "telephone", Wording("电话", "Telephone"), 40, False, ("联系电话", "手机", "手机号", "办公电话"),
        "(电话|手机|联系方式)(号码|号)?",
    ),
    TableField("office", Wording("办公室", "Office"), 120, False, ("办公地点", "地点", "地址"), "(办公室|地点|地址|房间)(号)?"),
    TableField("email", Wording("邮箱", "Mail address"), 254, False, ("电子邮箱", "E-mail", "email", "电子邮件"), "(邮箱|邮件)(地址)?"),
)  # fmt: skip

_KIND_WORDS: Mapping[OrganisationKind, str] = {
    _K.NATIONAL_CENTRE: "全国中心",
    _K.AGENCY: "图片社 新华社图片社",
    _K.COLLECTION_CENTRE: "分社 图像采集中心 图像信息采集中心 拍摄单位",
    _K.PROVINCE: "教育厅 省厅 教委",
    _K.SCHOOL: "学校 高校 大学 总校",
    _K.DEPARTMENT: "学院 系 院 二级学院 教学院 教学系 教学单位 部门 教学部门",
    _K.LEARNING_CENTRE: "学习中心 函授站 函授点 教学点 教学站 联合办学点 校外教学点",
}
_ROLE_WORDS: Mapping[Role, str] = {
    _R.ADMINISTRATOR: "管理员",
    _R.AUDITOR: "审计员",
    _R.REGISTRAR: "学籍科 学籍管理科 学籍管理 学籍管理员 教务处学籍科",
    _R.COLLEGE_OFFICER: "负责人 院系负责人 图像采集负责人 采集负责人 学院联系人",
    _R.COLLEGE_LEADER: "院领导 主管院领导 分管领导 副书记 党委副书记 分管学生工作副书记",
    _R.TEACHING_SECRETARY: "教务员 教务秘书 教学干事",
    _R.COUNSELLOR: "辅导员 班主任",
    _R.LEARNING_CENTRE: "学习中心负责人 函授站负责人 教学点负责人",
    _R.STUDENT_AFFAIRS: "学工部 学工处 学生处 学生工作部 学生工作处",
    _R.HEAD_OFFICE: "党政办 党政办公室 学院办公室",
    _R.PHOTOGRAPHER: "拍摄人员 摄影 摄影人员 拍摄",
    _R.SITE_STAFF: "检验员 现场工作人员 工作人员 检验确认人",
    _R.COLLECTION_CENTRE: "采集中心人员 采集中心负责人",
    _R.NATIONAL_REVIEWER: "国家审核员",
}
_NAMED_AS = (
    (re.compile(r"图像.*采集中心|信息采集中心|采集中心$|新华社.*分社|^.{2,4}分社$"), _K.COLLECTION_CENTRE),
    (re.compile(r"(学习中心|函授站|函授点|教学点|教学站)$"), _K.LEARNING_CENTRE),
)


def _names(words: str, *ours: object) -> frozenset[str]:
    """What counts as this name: our words in either language, the code, what schools say; white space and width aside."""
    return frozenset(plain_heading(one) for one in (*ours, *words.split()))


def kind_named(text: str) -> OrganisationKind | None:
    """The kind that a school calls so: our label in either language, its code, or a usual word (二级学院, 函授站)."""
    wanted = plain_heading(text)
    return next((one for one in _K if wanted in _names(_KIND_WORDS[one], one.value, one.label)), None)


def role_named(text: str) -> Role | None:
    """The role that a school calls so (辅导员, 学工处)."""
    wanted = plain_heading(text)
    return next((one for one in _R if wanted in _names(_ROLE_WORDS[one], one.value, one.label)), None)


def kind_by_name(name: str) -> OrganisationKind:
    """What a unit is whose kind nobody wrote: its name says so, or it is a department."""
    return next((kind for pattern, kind in _NAMED_AS if pattern.search(name)), _K.DEPARTMENT)


def headings(fields: Iterable[TableField]) -> list[str]:
    """Every heading that is known for these fields."""
    return [word for one in fields for word in (one.title.zh, one.title.en, *one.also)]


def header_row(fields: Sequence[TableField], rows: Sequence[Sequence[str]]) -> int:
    """The row of the headings: most known ones, then most different words, then the first."""
    known = {plain_heading(word) for word in headings(fields)}

    def rank(n: int) -> tuple[int, int, int]:
        plain = [plain_without_notes(plain_heading(cell)) for cell in rows[n]]
        words = {one for one in plain if one and not one.isdigit()}
        return sum(one in known for one in plain), len(words), -n

    return max(range(min(len(rows), _HEADING_ROWS)), key=rank, default=0)


def proposed(
    fields: Sequence[TableField], header: Sequence[str], rows: Sequence[Sequence[str]] = (), units: Iterable[str] = ()
) -> dict[str, int]:
    """Which column holds which field, each once: by a known heading, by what stands below it, by the heading's ending.

    ``units`` are names and codes of organisations that are there; a column full of them is the unit or the parent.
    """
    plain = [plain_without_notes(plain_heading(cell)) for cell in header]
    found: dict[str, int] = {}

    def take(name: str, column: int | None) -> None:
        if column is not None and name not in found and column not in found.values():
            found[name] = column

    for one in fields:
        wanted = [plain_heading(word) for word in (one.title.zh, one.title.en, *one.also)]
        for word in wanted:
            take(one.name, next((n for n, cell in enumerate(plain) if cell == word), None))
    for one in fields:
        if (is_one := _content(one.name, frozenset(units))) is not None and one.name not in found:
            free = (n for n in range(len(plain)) if n not in found.values())
            take(one.name, next((n for n in free if _full_of(is_one, n, rows)), None))
    for one in fields:
        if one.ending and one.name not in found:
            ends = re.compile(one.ending + "$")
            free = (n for n in range(len(plain)) if n not in found.values())
            take(one.name, next((n for n in free if ends.search(plain[n])), None))
    return found


def _content(name: str, units: frozenset[str]) -> Callable[[str], bool] | None:
    """What a cell of this field looks like, where that says more than a heading."""
    tests: dict[str, Callable[[str], bool]] = {
        "kind": lambda text: kind_named(text) is not None,
        "role": lambda text: role_named(text) is not None,
        "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None,
    }
    if units:
        tests |= {"unit": units.__contains__, "parent": units.__contains__}
    return tests.get(name)


def _full_of(is_one: Callable[[str], bool], column: int, rows: Sequence[Sequence[str]]) -> bool:
    texts = [" ".join(row[column].split()) for row in rows[:_JUDGED_ROWS] if column < len(row)]
    texts = [text for text in texts if text]
    return bool(texts) and sum(map(is_one, texts)) >= _MOST * len(texts)
