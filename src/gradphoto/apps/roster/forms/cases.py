"""The forms of one error: its proofs, and the decision."""

from __future__ import annotations

from typing import Any

from django import forms

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.pages.fields import ChoiceField, OneOf, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster import cases
from gradphoto.apps.roster.forms.persons import LONGEST_VALUE, why
from gradphoto.apps.roster.models import CorrectionCase, ProofKind, Route
from gradphoto.engine.wording import Wording


class AttachProof(ActionForm):
    """A scanned proof: PDF, JPEG or PNG, known by its content (R35)."""

    action = "roster.attach_proof"
    button = Wording("上传", "Upload")
    said = Wording("材料已上传。", "Attached.")
    kind = ChoiceField(ProofKind, label=bi("材料类别", "Kind"), css="col-md-5")
    file = UploadField(
        *cases.PROOF_KINDS,
        limit_mb=cases.PROOF_LIMIT_MB,
        accept=".pdf,.jpg,.jpeg,.png",
        label=bi("扫描件", "Scan"),
        css="col-md-7",
        help_text=bi(
            f"PDF、JPG 或 PNG，不超过 {cases.PROOF_LIMIT_MB} MB。查看材料会被记录。",
            f"PDF, JPG or PNG up to {cases.PROOF_LIMIT_MB} MB. Each look is on record.",
        ),
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: CorrectionCase) -> bool:
        return target.is_open and super().is_offered(actor, target)

    def arguments(self) -> dict[str, Any]:
        file = self.cleaned_data["file"]
        return {"kind": self.cleaned_data["kind"], "data": file.data, "media_type": file.media_type}


class ShowProof(ActionForm):
    """The proof is complete: what the way demands is there, and the case goes to the registry."""

    action = "roster.show_proof"
    button = Wording("证明齐全", "The proof is complete")
    said = Wording("已报教务处。", "Handed to the registry.")
    route = ChoiceField(Route, label=bi("办理方式", "Way"), widget=OneOf)
    value = TextField(
        label=bi("正确内容（与登记相同可不填）", "Right value (if it is not as noted)"),
        max_length=LONGEST_VALUE, required=False, attrs={"autocomplete": "off"},
    )  # fmt: skip
    copies = forms.IntegerField(label=bi("审批表份数", "Copies of the form"), min_value=0, max_value=9, required=False)
    original_seen = forms.BooleanField(label=bi("已核验原件", "The original was seen"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["route"].choices = [(route, _demands(self.target, route)) for route in Route]  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        return {**self.cleaned_data, "copies": self.cleaned_data["copies"] or 0}


def _demands(case: CorrectionCase, route: Route) -> str:
    """A way with what it must bring, e.g. 身份证（须有：身份证复印件）."""
    kinds = "、".join(str(kind.label) for kind in cases.DEMANDED[route])
    copies = cases.copies_demanded(case, route)
    zh, en = f"{route.label}（须有：{kinds}", f"{route.label} (needs: {kinds}"
    if copies:
        zh, en = f"{zh}；一式 {copies} 份", f"{en}; {copies} copies"
    return say(Wording(f"{zh}）", f"{en})"))


class _Decision(ActionForm):
    said = Wording("已作出结论。", "Decided.")


class GrantCase(_Decision):
    action = "roster.grant_case"
    button = Wording("同意更正", "Approve")
    note = why("批示（可不填）", "Note (may be left empty)", required=False)


class AdoptCase(_Decision):
    """The college takes over what needs no proof."""

    action = "roster.adopt_case"
    button = Wording("按登记内容更正", "Correct it as noted")

    @classmethod
    def is_offered(cls, actor: Actor, target: CorrectionCase) -> bool:
        return cases.needs_no_proof(target) and bool(target.right_value) and super().is_offered(actor, target)


class RefuseCase(_Decision):
    action = "roster.refuse_case"
    button = Wording("不予更正", "Refuse")
    reason = why()


class WithdrawCase(_Decision):
    action = "roster.withdraw_case"
    button = Wording("撤销登记", "Cancel")
    reason = why()


DECISION_FORMS = (GrantCase, AdoptCase, RefuseCase, WithdrawCase)
CASE_FORMS = (AttachProof, ShowProof, *DECISION_FORMS)
