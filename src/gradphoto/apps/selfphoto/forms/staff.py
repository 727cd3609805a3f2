"""The staff's forms: links for many or for one, taken back, more tries, a photograph to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from gradphoto.apps.campaigns.models import Campaign, CampaignStatus
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import OrganisationKind
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.pages.fields import ChoiceField, RecordField, RecordsField, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto import handing_out
from gradphoto.apps.selfphoto.comparing import is_compared
from gradphoto.apps.selfphoto.handing_out import MOST_SLIPS, How
from gradphoto.apps.selfphoto.links import issue_links
from gradphoto.apps.selfphoto.lists import PEOPLE
from gradphoto.apps.selfphoto.models import LinkSource, PortraitStatus, SelfPortrait
from gradphoto.apps.selfphoto.references import request_references
from gradphoto.apps.selfphoto.terms import case_of
from gradphoto.engine.wording import Wording

REFERENCE_LIMIT_MB = 10
REFERENCES_LIMIT_MB = 300


def _people(actor: Actor, target: Any = None) -> Any:
    return changeable(actor, Candidate, "selfphoto.issue").select_related(
        "campaign__rule_set", "campaign__school", "department"
    )


class GiveLinks(ActionForm):
    """Links for those ticked, or for all that fit the filter."""

    action = "selfphoto.issue_link"
    button = Wording("发放链接", "Give links")
    said = Wording("", "")
    people = RecordsField(_people, label=bi("人员", "Persons"), required=False)
    all_that_fit = forms.BooleanField(label=bi("符合条件的全部", "All that fit"), required=False)
    how = ChoiceField(How, label=bi("方式", "Way"), initial=How.SLIPS)

    query = ""
    """The filter of the page, set by the view."""

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "selfphoto.issue")

    def perform(self) -> Any:
        """Slips and who was left out; an export; or a job."""
        people = self._chosen()
        home = PEOPLE.home_of(self.actor)
        if self.cleaned_data["how"] == How.FILE:
            return handing_out.request_links(self.actor, home, people=[one.pk for one in people])
        if self.cleaned_data["how"] == How.MESSAGE:
            return handing_out.request_messages(self.actor, home, people=[one.pk for one in people])
        handing_out.require_some(people)
        if len(people) > MOST_SLIPS:
            raise refuse(
                "selfphoto.too_many_slips",
                f"一次最多打印 {MOST_SLIPS} 张链接单，现有 {len(people)} 人。",
                f"At most {MOST_SLIPS} slips at once; these are {len(people)} people.",
                "请按班级筛选后分批打印，或导出链接表。",
                "Narrow the list to a class, or take the workbook.",
                field="how",
            )
        return issue_links(self.actor, people)

    def _chosen(self) -> list[Candidate]:
        if not self.cleaned_data["all_that_fit"]:
            return list(self.cleaned_data["people"])
        asked = PEOPLE.asked(self.actor, QueryDict(self.query))
        asked.require_valid()
        keys = list(asked.rows.order_by().values_list("pk", flat=True))
        return list(_people(self.actor).filter(pk__in=keys).order_by("department__path", "class_name", "student_no"))


class GiveOneLink(ActionForm):
    """A fresh link for this person, to print."""

    action = "selfphoto.issue_link"
    button = Wording("发放新链接", "Give a new link")
    said = Wording("", "")
    source = ChoiceField(LinkSource, label=bi("依据", "Ground"), initial=LinkSource.LIST)

    @classmethod
    def starts_with(cls, actor: Actor, target: Candidate) -> Mapping[str, Any]:
        if case_of(target) is not None:
            return {"source": LinkSource.MAKE_UP}
        is_centre = target.department.kind == OrganisationKind.LEARNING_CENTRE
        return {"source": LinkSource.COLLECTION if is_centre else LinkSource.LIST}

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        portrait = getattr(target, "self_portrait", None)
        approved = portrait is not None and portrait.status == PortraitStatus.APPROVED
        return not approved and super().is_offered(actor, target)


class RevokeLink(ActionForm):
    """The link opens nothing any more."""

    action = "selfphoto.revoke_link"
    button = Wording("收回链接", "Take the link back")
    said = Wording("已收回。", "Taken back.")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: SelfPortrait | None) -> bool:
        return target is not None and target.links.filter(ended_at=None).exists() and super().is_offered(actor, target)


class GrantTries(ActionForm):
    """More tries than the rule gives."""

    action = "selfphoto.grant_tries"
    button = Wording("追加", "Grant")
    said = Wording("已追加。", "Granted.")
    more = forms.IntegerField(label=bi("追加次数（1–20）", "How many more (1 to 20)"), initial=5)
    reason = TextField(label=bi("原因", "Reason"), max_length=200)

    @classmethod
    def is_offered(cls, actor: Actor, target: SelfPortrait | None) -> bool:
        return target is not None and target.status != PortraitStatus.APPROVED and super().is_offered(actor, target)


class KeepReference(ActionForm):
    """The photograph that the school holds of this person."""

    action = "selfphoto.keep_reference"
    button = Wording("登记比对照片", "Keep it to compare with")
    said = Wording("已登记。", "Entered.")
    file = UploadField(
        Kind.JPEG, limit_mb=REFERENCE_LIMIT_MB, accept="image/jpeg", label=bi("照片（JPEG）", "Photograph (JPEG)")
    )
    origin = TextField(label=bi("来源", "Source"), max_length=80, example=Wording("例如：录取照片", "e.g. admission"))

    @classmethod
    def is_offered(cls, actor: Actor, target: Candidate) -> bool:
        return is_compared(target.campaign) and super().is_offered(actor, target)

    def arguments(self) -> dict[str, Any]:
        return {"data": self.cleaned_data["file"].data, "origin": self.cleaned_data["origin"]}


def open_campaigns(actor: Actor, target: Any = None) -> Any:
    """The campaigns of which a person may still get a photograph on file."""
    return scoped(actor, Campaign).exclude(status=CampaignStatus.CLOSED)


class EnterReferences(ActionForm):
    """The photographs that the school holds of many people, as a zip of files named by number."""

    action = "selfphoto.request_references"
    button = Wording("上传并登记", "Upload and enter")
    said = Wording("正在登记，完成后可下载结果表。", "Being entered; the report can be taken when it is done.")
    campaign = RecordField(open_campaigns, label=bi("批次", "Campaign"), empty_label=None, css="col-md-6")
    file = UploadField(
        Kind.ZIP, limit_mb=REFERENCES_LIMIT_MB, accept=".zip",
        label=bi(f"压缩包（zip，不超过 {REFERENCES_LIMIT_MB} MB）", f"Archive (zip, at most {REFERENCES_LIMIT_MB} MB)"),
        css="col-md-6",
    )  # fmt: skip
    origin = TextField(
        label=bi("来源", "Source"), max_length=80, example=Wording("例如：录取照片", "e.g. admission"), css="col-md-6"
    )

    @classmethod
    def is_offered(cls, actor: Actor, target: Any) -> bool:
        return holds(actor.user, "selfphoto.issue")

    def perform(self) -> Any:
        given = self.cleaned_data
        return request_references(
            self.actor, PEOPLE.home_of(self.actor),
            campaign=given["campaign"], data=given["file"].data, origin=given["origin"],
        )  # fmt: skip
