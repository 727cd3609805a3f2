"""The forms of one person's page and of the page that adds one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import QuerySet

from gradphoto.apps.campaigns.code_tables import words_of
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actions import REGISTRY
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import REASON_LENGTH, PermissionRefusal
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, DayField, RecordField, TextField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.bulk import TITLES as STEP_TITLES
from gradphoto.apps.roster.columns import COLUMNS
from gradphoto.apps.roster.corrections import CORRECTABLE
from gradphoto.apps.roster.models import Candidate, CandidateStatus, StatusChangeKind
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.roster.layout import REQUIRED, TITLES
from gradphoto.engine.wording import Wording

FIELD_CHOICES = [(name, bi(COLUMNS[name].title.zh, COLUMNS[name].title.en)) for name in CORRECTABLE]
_OFF_THE_LIST = (CandidateStatus.DEFERRED, CandidateStatus.REMOVED)
LONGEST_VALUE = 1000


_CODED = ("political_status", "length_of_study", "ethnic_group", "graduation_kind")
"""Where only a word of the table will do; in the other tables an unknown word is pointed out and stands."""


def options_of(field: str, school: Organisation | None = None) -> list[tuple[str, str]]:
    """The values a coded field may take, as (stored text, label), with those that the school added; empty for free text."""
    if field == "sex":
        return [("male", "男"), ("female", "女")]
    if field in _CODED:
        return [(name, name) for name in words_of(school, field)]
    return []


def why(zh: str = "原因", en: str = "Reason", *, required: bool = True, example: Wording | None = None) -> TextField:
    """Why: kept on record with the step, so that it is one sentence and holds no ID number."""
    return TextField(label=bi(zh, en), max_length=REASON_LENGTH, required=required, example=example)


class CorrectCandidate(ActionForm):
    """One value corrected; what is wrong with it stands beside it."""

    action = "roster.correct_candidate"
    button = Wording("更正", "Correct")
    said = Wording("已更正。", "Corrected.")
    field = forms.ChoiceField(label=bi("项目", "Item"), choices=FIELD_CHOICES)
    value = TextField(label=bi("正确的值", "Right value"), max_length=LONGEST_VALUE, required=False)
    reason = why("依据", "Reason", example=Wording("例如：对照身份证", "e.g. compared with the card"))


class CorrectCell(CorrectCandidate):
    """The same in a cell of the list: the item is the column, and a coded one is chosen."""

    field = None  # type: ignore[assignment]  # the column says it

    def __init__(self, actor: Actor, target: Candidate, data: Any = None, files: Any = None, **options: Any) -> None:
        self.item = options.pop("field")
        super().__init__(actor, target, data, files, **{**options, "key": str(target.pk)})
        if choices := options_of(self.item, target.campaign.school):
            self.fields["value"].widget = forms.Select(choices=[("", ""), *choices])

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "field": self.item}


class NoteError(ActionForm):
    """The college notes what is wrong, as it stands on its check table (R35)."""

    action = "roster.note_error"
    button = Wording("登记", "Note")
    said = Wording("错误已登记。", "The error is noted.")
    field = forms.ChoiceField(label=bi("项目", "Item"), choices=FIELD_CHOICES)
    value = TextField(
        label=bi("正确内容（可稍后填写）", "Right value (may follow later)"), max_length=LONGEST_VALUE, required=False
    )
    note = why("说明", "Note", required=False)

    @classmethod
    def is_offered(cls, actor: Actor, target: Candidate) -> bool:
        return target.status not in _OFF_THE_LIST and super().is_offered(actor, target)


class FailFirstAudit(ActionForm):
    """The registry's first audit found a difference (R31)."""

    action = "roster.fail_first_audit"
    button = Wording("登记为初审未通过", "First audit failed")
    said = Wording("已登记为初审未通过。", "Noted as failed at the first audit.")
    field = forms.ChoiceField(label=bi("项目", "Item"), choices=FIELD_CHOICES)
    reason = why("未通过的原因", "Why it failed")

    @classmethod
    def is_offered(cls, actor: Actor, target: Candidate) -> bool:
        return target.status not in _OFF_THE_LIST and super().is_offered(actor, target)


class RecordStatusChange(ActionForm):
    """A change of status with the day and the document of its approval (R22)."""

    action = "roster.record_status_change"
    button = Wording("登记", "Note")
    said = Wording("异动已登记。", "The change is on record.")
    kind = ChoiceField(StatusChangeKind, label=bi("类别", "Kind"), css="col-6")
    changed_on = DayField(label=bi("批准日期", "Date of approval"), past=True, css="col-6")
    reason = why("依据（文号或说明）", "Reason (document or note)")


class VoidSigningCode(ActionForm):
    """A slip was lost or misdirected: its code opens nothing any more."""

    action = "roster.void_signing_code"
    button = Wording("作废（遗失或发错）", "Void it (lost or misdirected)")
    said = Wording("核对码已作废。", "The code is void.")


class RevealIdNumber(ActionForm):
    """The whole ID number, once, on record."""

    action = "roster.reveal_id_number"
    button = Wording("查看", "Show")
    said = Wording("本次查看已记录。", "This look is on record.")
    reason = why("原因（将被记录）", "Reason (kept on record)")


class _Step(ActionForm):
    """A step of the row; its button bears the step's own title."""

    said = Wording("已办理。", "Done.")


def _plain(name: str) -> type[ActionForm]:
    class_name = "".join(part.title() for part in name.partition(".")[2].split("_"))
    return type(class_name, (_Step,), {"action": name, "button": STEP_TITLES[name], "__module__": __name__})


class ReturnCandidate(_Step):
    action = "roster.return_candidate"
    button = STEP_TITLES["roster.return_candidate"]
    reason = why()


class DeferCandidate(_Step):
    action = "roster.defer_candidate"
    button = STEP_TITLES["roster.defer_candidate"]
    reason = why()
    to_year = forms.IntegerField(
        label=bi("延至届别（不填为下一届）", "To the class of (empty: the next)"),
        required=False,
        min_value=2000,
        max_value=2100,
    )


class RemoveCandidate(_Step):
    action = "roster.remove_candidate"
    button = STEP_TITLES["roster.remove_candidate"]
    reason = why()


class StrikeCandidate(_Step):
    action = "roster.strike_candidate"
    button = STEP_TITLES["roster.strike_candidate"]
    reason = why()


class ReinstateCandidate(_Step):
    action = "roster.reinstate_candidate"
    button = STEP_TITLES["roster.reinstate_candidate"]
    reason = why()


_WITH_REASON: Mapping[str, type[ActionForm]] = {
    one.action: one for one in (ReturnCandidate, DeferCandidate, RemoveCandidate, StrikeCandidate, ReinstateCandidate)
}
STEP_FORMS: tuple[type[ActionForm], ...] = tuple(_WITH_REASON.get(name) or _plain(name) for name in STEP_TITLES)
"""The steps of a row in their order; those that end or undo something ask why."""
PERSON_FORMS: tuple[type[ActionForm], ...] = (
    CorrectCandidate, NoteError, FailFirstAudit, RecordStatusChange, VoidSigningCode, RevealIdNumber, *STEP_FORMS,
)  # fmt: skip


def _homes(actor: Actor, target: None) -> QuerySet[Organisation]:
    kinds = (OrganisationKind.DEPARTMENT, OrganisationKind.LEARNING_CENTRE)
    return changeable(actor, Organisation, "roster.list").filter(kind__in=kinds)


def _open_campaigns(actor: Actor, target: None) -> QuerySet[Campaign]:
    return scoped(actor, Campaign).exclude(status="closed").select_related("school")


_SEASON_TEXTS = {Season.SPRING: "春季", Season.AUTUMN: "秋季"}
_EXAMPLES = {"birth_date": "20040305", "entry_date": "20220901", "native_place": "湖南省平江县"}


class AddCandidate(ActionForm):
    """Whom the roster left out (R21): every value of a roster row, checked by the rules of an import."""

    action = "roster.add_candidate"
    button = Wording("检查并添加", "Check and add")
    said = Wording("已添加，并列入附件1。", "Added, and named in annex 1.")
    campaign = RecordField(_open_campaigns, label=bi("批次", "Campaign"), empty_label=None)
    department = RecordField(_homes, label=bi("院系", "Department"), empty_label=None)
    season = forms.ChoiceField(
        label=bi("毕业季", "Season"), choices=[(text, Season(value).label) for value, text in _SEASON_TEXTS.items()]
    )
    reason = why("添加原因", "Why the person is added")
    somebody_else = forms.BooleanField(
        label=bi("已核对证件：是另一个人", "The document was looked at: it is somebody else"),
        required=False,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        home = _homes(self.actor, None).first()
        for name in TITLES:
            if name not in self.fields:
                self.fields[name] = _value_field(name, home)
        last = ("reason", "somebody_else")
        self.order_fields([name for name in self.fields if name not in last] + list(last))
        if self.is_bound and self.data.get("somebody_else"):
            self._ask()

    def _ask(self) -> None:
        """The box is seen from the moment when it is asked for (R31)."""
        self.fields["somebody_else"].widget = forms.CheckboxInput()

    def refuse(self, error: GradPhotoError) -> None:
        if error.code == "roster.probably_same":
            self._ask()
        super().refuse(error)

    def perform(self) -> Candidate:
        given = dict(self.cleaned_data)
        campaign, department, why = given.pop("campaign"), given.pop("department"), given.pop("reason")
        somebody_else = given.pop("somebody_else")
        if not department.path.startswith(campaign.school.path):
            raise PermissionRefusal(self.action)
        made: Candidate = REGISTRY[self.action].function(
            self.actor, campaign, department=department, values=given, reason=why, somebody_else=somebody_else
        )
        return made


def _value_field(name: str, home: Organisation | None) -> forms.Field:
    title = COLUMNS[name].title
    label, required = bi(title.zh, title.en), name in REQUIRED
    options = [("男", "男"), ("女", "女")] if name == "sex" else options_of(name, home)
    if options:
        return forms.ChoiceField(label=label, required=required, choices=[("", ""), *options])
    example = _EXAMPLES.get(name)
    field = TextField(
        label=label, required=required, max_length=LONGEST_VALUE, example=Wording(example, example) if example else None
    )
    field.widget.attrs["autocomplete"] = "off"
    return field
