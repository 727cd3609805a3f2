"""The code tables as a school uses them: the standard's words, and those it added itself with their source (R14, R15)."""

from __future__ import annotations

import re

from django.db.models import QuerySet, TextChoices
from django.utils import timezone

from gradphoto.apps.campaigns.models import CodeName
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.engine.cards.data import MOST_OPTIONS
from gradphoto.engine.standards.codes import load_table


class CodeTableName(TextChoices):
    """The tables to which a school may add words."""

    DEGREE_CATEGORY = "degree_category", bi("学历类别", "Degree category")
    SCHOOL_KIND = "school_kind", bi("所在校别", "School kind")
    GRADUATION_KIND = "graduation_kind", bi("毕（结）业", "Leaves as")
    LEVEL = "level", bi("培养层次", "Level")
    STUDY_FORM = "study_form", bi("学习形式", "Form of study")
    LENGTH_OF_STUDY = "length_of_study", bi("学制（年）", "Years of study")
    POLITICAL_STATUS = "political_status", bi("政治面貌", "Political status")
    ETHNIC_GROUP = "ethnic_group", bi("民族", "Ethnic group")
    DOCUMENT_TYPE = "document_type", bi("证件类型", "Kind of ID")


_ON_THE_CARD = (CodeTableName.DEGREE_CATEGORY, CodeTableName.SCHOOL_KIND)
"""Boxes to fill on the machine-readable card, which has ``MOST_OPTIONS`` of each (R44)."""
_YEARS = re.compile(r"[0-9]{1,2}(\.5)?")


def added_names(organisation: Organisation) -> QuerySet[CodeName]:
    """The words in use that were added for an organisation: by itself and by those above it."""
    return CodeName.objects.filter(organisation__path__in=organisation.ancestor_paths(), ended_at=None)


def code_names_of(organisation: Organisation) -> dict[str, tuple[str, ...]]:
    """By table the words that were added, as the check of a roster reads them."""
    found: dict[str, list[str]] = {}
    for table, name in added_names(organisation).values_list("table", "name"):
        found.setdefault(table, []).append(name)
    return {table: tuple(names) for table, names in found.items()}


def words_of(organisation: Organisation | None, table: str) -> tuple[str, ...]:
    """Every word of a table that an organisation may use, the standard's first."""
    own = added_names(organisation).filter(table=table).values_list("name", flat=True) if organisation else ()
    return tuple(dict.fromkeys((*load_table(table).names.values(), *own)))


@action("campaigns.add_code_name", permission="campaigns.set_codes")
def add_code_name(actor: Actor, organisation: Organisation, *, table: str, name: str, source: str) -> CodeName:
    """Add a word to a code table of an organisation.

    Raises ``campaigns.code_known`` for a word that the table has, ``campaigns.code_form`` for one that cannot stand in
    it, ``campaigns.code_full`` where the card has no place left.
    """
    name, source = "".join(name.split()), " ".join(source.split())
    years = table != CodeTableName.LENGTH_OF_STUDY or _YEARS.fullmatch(name)
    if table not in CodeTableName.values or not name or not source or not years:
        raise invalid("campaigns.code_form", "请选择代码表，填写名称和依据；学制须为数字，如 3.5。",
                      "Choose a table, give the word and its source; years are a number such as 3.5.",
                      "请检查填写内容。", "Check what you entered.", field="name")  # fmt: skip
    words = words_of(organisation, table)
    if name in words:
        raise invalid("campaigns.code_known", f"“{name}”已在表中。", f"“{name}” is in the table already.",
                      "无需再添加。", "Nothing needs to be added.", field="name")  # fmt: skip
    if table in _ON_THE_CARD and len(words) >= MOST_OPTIONS:
        raise invalid("campaigns.code_full", f"机读采集卡上这一栏最多 {MOST_OPTIONS} 项。",
                      f"The machine-readable card has {MOST_OPTIONS} places for this.",
                      "请先停用不再使用的名称。", "End a word that is not used any more first.", field="name")  # fmt: skip
    audit.note(table=table, name=name, source=source)
    return CodeName.objects.create(
        organisation=organisation, table=table, name=name, source=source, added_by=str(actor.user or actor.label)[:150]
    )


@action("campaigns.end_code_name", permission="campaigns.set_codes")
def end_code_name(actor: Actor, code_name: CodeName) -> None:
    """Offer a word no more; what was written with it stays as it is."""
    CodeName.objects.filter(pk=code_name.pk, ended_at=None).update(ended_at=timezone.now())
    audit.note(table=code_name.table, name=code_name.name)
