"""The forms of the data channel: identity confirmed, a file in, its columns named, its differences decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.campaigns.code_tables import words_of
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation, by_code
from gradphoto.apps.pages.fields import ChoiceField, RecordField, RecordsField, SomeOf, TextField, UploadField, wrong
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster import channel
from gradphoto.apps.roster.imports import apply, receive
from gradphoto.apps.roster.imports import map as mapping_step
from gradphoto.apps.roster.imports.place import departments_of
from gradphoto.apps.roster.models import DifferenceKind, ImportDifference, ImportFix, ImportStatus, RosterImport
from gradphoto.engine.roster import ColumnMapping, Proposal
from gradphoto.engine.roster.layout import FIELD_WORDINGS, REQUIRED
from gradphoto.engine.wording import Wording

LIMIT_MB = 64
OWN_VALUES = ("student_no", "name", "sex", "birth_date", "id_number")
"""What is every person's own and no one value can stand for."""


class ConfirmChannel(ActionForm):
    """The person names the school and themselves (R95)."""

    action = "roster.confirm_channel"
    button = Wording("确认身份", "Confirm that it is you")
    said = Wording("身份已确认，可以下载模板和上传数据。", "Confirmed: template and upload are open.")
    school = TextField(label=bi("学校全称或院校代码", "School's full name or code"), max_length=120, css="col-md-6")
    teacher = TextField(
        label=bi("教师姓名", "Teacher's name"), max_length=60, attrs={"autocomplete": "name"}, css="col-md-6"
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return not channel.confirmation_of(actor, target) and super().is_offered(actor, target)


def _homes(actor: Actor, target: Any) -> QuerySet[Organisation]:
    known = receive.homes_for_import(actor, target) if target is not None else []
    return Organisation.objects.filter(pk__in=[home.pk for home in known]).order_by(*by_code())


class UploadRoster(ActionForm):
    """A roster file for one unit; what is no table at all is refused at once."""

    action = "roster.upload_roster"
    button = Wording("上传", "Upload")
    said = Wording("文件已收到，请确认各列。", "The file is here; confirm its columns.")
    organisation = RecordField(
        _homes, label=bi("名册所属单位", "Whose roster"), required=False, empty_label=None, css="col-md-5"
    )
    file = UploadField(
        Kind.TABLE,
        limit_mb=LIMIT_MB,
        accept=".xlsx,.xlsm,.xls,.csv,.txt,.dbf",
        label=bi("名册文件", "Roster file"),
        css="col-md-7",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.homes = list(self.fields["organisation"].queryset)  # type: ignore[attr-defined]
        if len(self.homes) < 2:
            self.fields["organisation"].widget = forms.HiddenInput()

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return bool(channel.confirmation_of(actor, target)) and super().is_offered(actor, target)

    def perform(self) -> RosterImport:
        file = self.cleaned_data["file"]
        made: RosterImport = REGISTRY[self.action].function(
            self.actor, self.target, organisation=self.cleaned_data["organisation"] or self._widest(),
            file_name=file.name or "roster", data=file.data,
        )  # fmt: skip
        return made

    def _widest(self) -> Organisation:
        """The widest of the person's own; the school, for which the action refuses whoever has none."""
        return self.homes[0] if self.homes else self.target.school


_TAKE_OR_LEAVE = (("take", bi("读入", "Read them")), ("leave", bi("不读入", "Leave them out")))


class ReadImport(ActionForm):
    """Which sheets are read, which column is which, and one value for what the file has no column of."""

    action = "roster.read_import"
    button = Wording("确认并检查文件", "Confirm and check the file")
    said = Wording("正在检查文件。", "The file is being checked.")
    target: RosterImport
    hidden = forms.ChoiceField(choices=_TAKE_OR_LEAVE, widget=forms.RadioSelect, required=False)
    struck = forms.ChoiceField(choices=_TAKE_OR_LEAVE, widget=forms.RadioSelect, required=False)

    def __init__(self, actor: Actor, target: RosterImport, data: Any = None, files: Any = None, **options: Any) -> None:
        self.proposal: Proposal = options.pop("proposal")
        super().__init__(actor, target, data, files, **options)
        memory = mapping_step.remembered(target, self.proposal)
        self.is_remembered = memory is not None
        proposed = memory[0] if memory else self.proposal.mapping(with_similar=True)
        given = memory[1] if memory else {}
        unfit = {name for name, _ in mapping_step.wrong_defaults(target, given)}
        by_column = {index: name for name, index in proposed.columns.items()}
        items = [
            ("", bi("不导入", "Leave out")),
            *((name, _title(name, starred=name in REQUIRED)) for name in FIELD_WORDINGS),
        ]
        for column in self.proposal.columns:
            self.fields[f"column_{column.index}"] = forms.ChoiceField(
                label=column.title or "—", choices=items, required=False, initial=by_column.get(column.index, "")
            )
        for name in REQUIRED:
            if name not in OWN_VALUES:
                self.fields[f"default_{name}"] = self._default(name, given.get(name, "") if name not in unfit else "")
        taken = {one.sheet for one in proposed.also}
        others = [(str(n), one.sheet) for n, one in enumerate(self.proposal.offers) if one.sheet != self.proposal.sheet]
        self.fields["sheet"] = forms.MultipleChoiceField(
            choices=others, required=False, widget=SomeOf,
            initial=[number for number, sheet in others if sheet in taken],
        )  # fmt: skip

    def _default(self, name: str, value: str) -> forms.Field:
        common, label = _common(self.target, name), _title(name)
        if common:
            chooser = forms.Select(choices=[("", "—"), *((text, text) for text in common)])
            return TextField(label=label, max_length=120, required=False, initial=value, widget=chooser)
        return TextField(label=label, max_length=120, required=False, initial=value, attrs={"autocomplete": "off"})

    def columns(self) -> list[tuple[Any, forms.BoundField]]:
        """Each column of the file with the field that says what it is."""
        return [(column, self[f"column_{column.index}"]) for column in self.proposal.columns]

    def defaults(self) -> list[forms.BoundField]:
        """The fields that stand for a whole column."""
        return [self[name] for name in self.fields if name.startswith("default_")]

    def sheets(self) -> list[tuple[str, Any, bool]]:
        """Every sheet that can be read: its number, itself, and whether it is ticked."""
        ticked = set(map(str, self["sheet"].value() or ()))
        return [(str(n), one, str(n) in ticked) for n, one in enumerate(self.proposal.offers)]

    def clean(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        named: dict[str, str] = {}
        for column in self.proposal.columns:
            name = f"column_{column.index}"
            if item := given.get(name):
                if item in named:
                    self.add_error(name, wrong(
                        "roster.column_twice", "同一项目指定了两列，多余的列请选“不导入”。",
                        "Two columns were named for the same item: leave the other out.",
                    ))  # fmt: skip
                named.setdefault(item, name)
        for kind in ("hidden", "struck"):
            if not given.get(kind) and any(getattr(one, f"{kind}_rows") for one in self._read(given)):
                self.add_error(kind, wrong(
                    "roster.rows_undecided", "文件中有这样的行，请选择“读入”或“不读入”。",
                    "The file has such rows: say whether they are read or left out.",
                ))  # fmt: skip
        return given

    def _read(self, given: dict[str, Any]) -> list[Any]:
        ticked = set(given.get("sheet") or ())
        return [
            one for n, one in enumerate(self.proposal.offers) if one.sheet == self.proposal.sheet or str(n) in ticked
        ]

    def arguments(self) -> dict[str, Any]:
        given, proposal = self.cleaned_data, self.proposal
        columns = {given[f"column_{one.index}"]: one.index for one in proposal.columns if given[f"column_{one.index}"]}
        mapping = ColumnMapping(proposal.sheet, proposal.header_row, columns)
        left = {f"leave_{kind}": given[kind] == "leave" for kind in ("hidden", "struck")}
        also = [
            # A sheet with the same headings has the same columns; one with others is read by the headings we know.
            ColumnMapping(
                one.sheet, one.header_row,
                dict(columns if one.fingerprint == proposal.fingerprint else one.mapping().columns), **left,
            )
            for one in self._read(given)
            if one.sheet != proposal.sheet
        ]  # fmt: skip
        defaults = {name: given.get(f"default_{name}", "") for name in REQUIRED}
        return {"mapping": replace(mapping, also=tuple(also), **left), "defaults": defaults}


def _title(name: str, *, starred: bool = False) -> Any:
    said, star = FIELD_WORDINGS[name], " *" if starred else ""
    return bi(said.zh + star, said.en + star)


def _common(roster_import: RosterImport, name: str) -> Sequence[str]:
    """What can stand for a whole column."""
    if name == "season":
        return ("春季", "秋季")
    if name == "department":
        return sorted({place.name for places in departments_of(roster_import.campaign).values() for place in places})
    return words_of(roster_import.campaign.school, name) if name in ("level", "graduation_kind") else ()


class RereadImport(ActionForm):
    """A file that could not be read, once more, with its columns as they were confirmed."""

    action = "roster.reread_import"
    button = Wording("按已确认的列重新读取", "Read it again with the confirmed columns")
    said = Wording("正在重新读取。", "Being read again.")

    @classmethod
    def is_offered(cls, actor: Actor, target: RosterImport) -> bool:
        return bool(target.mapping) and _has_failed(target) and super().is_offered(actor, target)


def _has_failed(roster_import: RosterImport) -> bool:
    """Whether the reading ended without a result."""
    job = roster_import.job
    return roster_import.status == ImportStatus.FAILED or (
        roster_import.status == ImportStatus.READING and job is not None and job.is_over
    )


class ChooseFixes(ActionForm):
    """Safe repairs applied or taken back: those ticked, or all."""

    action = "roster.choose_fixes"
    said = Wording("修正已更新，正在重新检查。", "The repairs are changed; the file is being checked again.")
    do = forms.ChoiceField(choices=(("apply", "apply"), ("undo", "undo")), widget=forms.HiddenInput)
    all = forms.BooleanField(required=False)
    fix = RecordsField(
        lambda actor, target: target.fixes.all() if target is not None else ImportFix.objects.none(), required=False
    )

    def arguments(self) -> dict[str, Any]:
        given = self.cleaned_data
        chosen = None if given["all"] else [one.pk for one in given["fix"]]
        return {"applied": given["do"] == "apply", "chosen": chosen}


class DecideDifferences(ActionForm):
    """Differences of one kind accepted or declined: those ticked, or all that wait."""

    action = "roster.decide_differences"
    said = Wording("已确认。", "Decided.")
    kind = ChoiceField(DifferenceKind, widget=forms.HiddenInput)
    do = forms.ChoiceField(choices=(("accept", "accept"), ("decline", "decline")), widget=forms.HiddenInput)
    all = forms.BooleanField(required=False)
    difference = RecordsField(
        lambda actor, target: target.differences.all() if target is not None else ImportDifference.objects.none(),
        required=False,
    )

    def perform(self) -> None:
        given = self.cleaned_data
        chosen = self.target.differences.filter(kind=given["kind"])
        if not given["all"]:
            chosen = chosen.filter(pk__in=[one.pk for one in given["difference"]])
        REGISTRY[self.action].function(self.actor, self.target, accepted=given["do"] == "accept", chosen=chosen)
        apply.take_at_once(self.actor, self.target)


class DiscardImport(ActionForm):
    """Nothing more is taken over from this file."""

    action = "roster.discard_import"
    button = Wording("其余不采纳，结束这个文件", "Decline the rest and close this file")
    said = Wording("文件已结束。", "The file is closed.")

    @classmethod
    def is_offered(cls, actor: Actor, target: RosterImport) -> bool:
        open_states = (ImportStatus.MAPPING, ImportStatus.READING, ImportStatus.REVIEW, ImportStatus.FAILED)
        return target.status in open_states and super().is_offered(actor, target)


IMPORT_FORMS = (ChooseFixes, DecideDifferences, RereadImport, DiscardImport)
