"""The forms of organisations: one by hand, many by a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.orgs.actions import managed_organisations
from gradphoto.apps.orgs.models import (
    ImportState,
    Organisation,
    OrganisationKind,
    TableImport,
)
from gradphoto.apps.orgs.table_imports import LIMIT_MB, fields_of
from gradphoto.apps.pages.fields import (
    ChoiceField,
    RecordField,
    TextField,
    UploadField,
    wrong,
)
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.people.forms import HALF, QUARTER, unit_field, why_field
from gradphoto.apps.people.lists import open_units
from gradphoto.engine.wording import Wording


class AddOrganisation(ActionForm):
    """A unit below one of the viewer's own."""

    action = "orgs.add_organisation"
    button = Wording("添加", "Add")
    parent = unit_field("上级", "Below")
    kind = ChoiceField(
        OrganisationKind, label=bi("类别", "Kind"), css=QUARTER, empty=Wording("选择类别", "Choose a kind")
    )
    name = TextField(label=bi("名称", "Name"), max_length=120, css=HALF)
    code = TextField(label=bi("代码（可空）", "Code (may be empty)"), max_length=20, required=False, css=QUARTER)
    name_en = TextField(
        label=bi("英文名称（可空）", "English name (may be empty)"), max_length=160, required=False, css=HALF
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return True

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        parent, known = given.get("parent"), {"kind": given.get("kind"), "name": given.get("name")}
        if parent is not None and all(known.values()) and parent.children.filter(**known).exists():
            self.add_error("name", wrong(
                "orgs.organisation_known", "该单位下已有同名单位，请核对名称。", "It is there already: check the name.",
            ))  # fmt: skip
        return given

    def perform(self) -> Organisation:
        given = dict(self.cleaned_data)
        made: Organisation = REGISTRY[self.action].function(self.actor, given.pop("parent"), **given)
        return made

    def done_message(self, result: Organisation) -> Wording:
        return Wording(f"已添加 {result.name}。", f"{result.name} added.")


class ChangeOrganisation(ActionForm):
    action = "orgs.change_organisation"
    target: Organisation
    name = TextField(label=bi("名称", "Name"), max_length=120, css=HALF)
    code = TextField(label=bi("代码", "Code"), max_length=20, required=False, css=QUARTER)
    name_en = TextField(label=bi("英文名称", "English name"), max_length=160, required=False, css=HALF)

    @classmethod
    def starts_with(cls, actor: Actor, target: Organisation) -> Mapping[str, Any]:
        return {"name": target.name, "code": target.code, "name_en": target.name_en}


def _other_parents(actor: Actor, target: Any) -> QuerySet[Organisation]:
    known = open_units(actor)
    return known.exclude(path__startswith=target.path) if target is not None else known


class MoveOrganisation(ActionForm):
    action = "orgs.move_organisation"
    button = Wording("移动（连同下级）", "Move with all below")
    said = Wording("已移动。", "Moved.")
    parent = RecordField(_other_parents, label=bi("上级", "Below"), empty_label=None, css=HALF)

    @classmethod
    def starts_with(cls, actor: Actor, target: Organisation) -> Mapping[str, Any]:
        return {"parent": target.parent_id}

    @classmethod
    def is_offered(cls, actor: Actor, target: Organisation) -> bool:
        return target.parent_id is not None and super().is_offered(actor, target)


class ArchiveOrganisation(ActionForm):
    action = "orgs.archive_organisation"
    button = Wording("撤销", "Archive")
    said = Wording("已撤销。", "Archived.")
    reason = why_field("原因，例如：撤并", "Reason, such as: merged")

    @classmethod
    def is_offered(cls, actor: Actor, target: Organisation) -> bool:
        return target.parent_id is not None and target.archived_at is None and super().is_offered(actor, target)


class RestoreOrganisation(ActionForm):
    action = "orgs.restore_organisation"
    button = Wording("恢复单位", "Take it back")
    said = Wording("已恢复。", "Taken back.")
    reason = why_field("原因", "Reason")

    @classmethod
    def is_offered(cls, actor: Actor, target: Organisation) -> bool:
        return target.parent_id is not None and target.archived_at is not None and super().is_offered(actor, target)


UNIT_FORMS = (ChangeOrganisation, MoveOrganisation, ArchiveOrganisation, RestoreOrganisation)


# tables --------------------------------------------------------------------------------------------------------------


class ReadTable(ActionForm):
    """A table of units or people, looked through before anything is taken over."""

    action = "orgs.read_table"
    button = Wording("上传并检查", "Hand in and check")
    said = Wording("文件已读取，请核对每一行。", "The file is read: look over its rows.")
    file = UploadField(
        Kind.TABLE, limit_mb=LIMIT_MB, accept=".xlsx,.xls,.csv,.txt,.dbf",
        label=bi("文件（xlsx、xls、csv、dbf）", "File (xlsx, xls, csv, dbf)"), css=HALF,
    )  # fmt: skip

    def __init__(self, actor: Actor, target: Any, data: Any = None, files: Any = None, **options: Any) -> None:
        self.kind = options.pop("kind", "")
        super().__init__(actor, target, data, files, **options)

    def perform(self) -> TableImport:
        root = managed_organisations(self.actor).filter(archived_at=None).order_by("path").first()
        if root is None:
            raise invalid("orgs.no_unit", "没有可管理的单位。", "There is no unit of yours.", "请联系上级管理员。",
                          "Ask the administrator above.")  # fmt: skip
        file = self.cleaned_data["file"]
        made: TableImport = REGISTRY[self.action].function(
            self.actor, root, kind=self.kind, file_name=file.name or "table", data=file.data
        )
        return made


class MapTable(ActionForm):
    """Which column is which."""

    action = "orgs.map_table"
    button = Wording("按此检查", "Check by these")
    said = Wording("已按此检查。", "Checked by these columns.")
    target: TableImport

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        now = {column: name for name, column in self.target.mapping.items()}
        items = [("", bi("不导入", "Leave out")), *((one.name, say(one.title)) for one in fields_of(self.target.kind))]
        for n, title in enumerate(self.target.header):
            self.fields[f"column_{n}"] = forms.ChoiceField(
                label=title or "—", choices=items, required=False, initial=now.get(n, "")
            )
            self.fields[f"column_{n}"].css = QUARTER  # type: ignore[attr-defined]

    @classmethod
    def is_offered(cls, actor: Actor, target: TableImport) -> bool:
        return target.state == ImportState.OPEN and super().is_offered(actor, target)

    def clean(self) -> dict[str, Any]:
        given, seen = dict(self.cleaned_data), set[str]()
        for name, item in given.items():
            if item and item in seen:
                self.add_error(name, wrong(
                    "orgs.column_twice", "同一项目指定了两列，每个项目只选一列。",
                    "Two columns were named for the same item: choose one column an item.",
                ))  # fmt: skip
            seen.add(item)
        return given

    def arguments(self) -> dict[str, Any]:
        return {"mapping": {item: int(name[7:]) for name, item in self.cleaned_data.items() if item}}


class TakeTable(ActionForm):
    action = "orgs.take_table"
    button = Wording("接收无误的行", "Take over the good rows")

    def done_message(self, result: int) -> Wording:
        return Wording("已接收 {n} 行。", "{n:row|rows} taken over.").format(n=result)


class DiscardTable(ActionForm):
    action = "orgs.discard_table"
    button = Wording("放弃这个文件", "Leave the file")
    said = Wording("文件已放弃。", "The file is left.")

    @classmethod
    def is_offered(cls, actor: Actor, target: TableImport) -> bool:
        return target.state == ImportState.OPEN and super().is_offered(actor, target)


TABLE_FORMS = (MapTable, TakeTable, DiscardTable)
