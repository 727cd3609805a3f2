"""The columns of the roster table: what there is to choose from, and what a person chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.models import ColumnChoice
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it shows, its heading, the sort it offers, and whether its cells can be corrected."""

    name: str
    title: Wording
    sort: str = ""
    figures: bool = False

    @property
    def correctable(self) -> bool:
        return self.name in CORRECTABLE


_ALL = (
    Column("student_no", Wording("学号", "Student no."), "student_no", figures=True),
    Column("name", Wording("姓名", "Name"), "name"),
    Column("sex", Wording("性别", "Sex")),
    Column("birth_date", Wording("出生日期", "Birth date"), figures=True),
    Column("id_number", Wording("证件号码", "ID number"), figures=True),
    Column("department", Wording("院系", "Department"), "department"),
    Column("class_name", Wording("班级", "Class"), "class_name"),
    Column("season", Wording("毕业季", "Season"), "season"),
    Column("major", Wording("专业", "Major")),
    Column("direction", Wording("专业方向", "Direction")),
    Column("level", Wording("培养层次", "Level")),
    Column("length_of_study", Wording("学制", "Years"), figures=True),
    Column("entry_date", Wording("入学日期", "Entry date"), figures=True),
    Column("degree_category", Wording("学历类别", "Degree category")),
    Column("school_kind", Wording("所在校别", "School kind")),
    Column("graduation_kind", Wording("毕（结）业", "Leaves as")),
    Column("political_status", Wording("政治面貌", "Political status")),
    Column("ethnic_group", Wording("民族", "Ethnic group")),
    Column("native_place", Wording("籍贯", "Native place")),
    Column("remarks", Wording("备注", "Remarks")),
    Column("candidate_no", Wording("考生号", "Candidate no."), figures=True),
    Column("major_code", Wording("专业代码", "Major code"), figures=True),
    Column("study_form", Wording("学习形式", "Form of study")),
    Column("branch_school", Wording("分院", "Branch school")),
    Column("expected_graduation", Wording("预计毕业日期", "Expected graduation"), figures=True),
    Column("id_type", Wording("证件类型", "Kind of ID")),
    Column("status", Wording("状态", "State"), "status"),
    Column("findings", Wording("问题", "Findings")),
)
COLUMNS: Mapping[str, Column] = {column.name: column for column in _ALL}
ALWAYS = ("student_no", "name")
"""Without these a row cannot be told from its neighbour."""
DEFAULT = (
    "student_no", "name", "sex", "id_number", "department", "class_name", "season", "status", "findings",
)  # fmt: skip


def chosen_names(actor: Actor) -> Sequence[str]:
    """The names of the columns that the person chose, the default ones where nothing was chosen."""
    choice = ColumnChoice.objects.filter(user=actor.user.pk).values_list("columns", flat=True).first()
    return tuple(choice or DEFAULT)


@action("roster.choose_columns", permission="roster.read", own=True)
def choose_columns(actor: Actor, nothing: None, *, names: Sequence[str]) -> None:
    """Remember the person's columns; an empty choice brings back the default ones. Unknown names are passed over."""
    known = [name for name in COLUMNS if name in names]
    ColumnChoice.objects.update_or_create(user=actor.user, defaults={"columns": known})
