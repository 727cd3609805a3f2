"""The page of the province's approval (R16): its documents, and the headcount beside the list's."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.fields import ChoiceField, DayField, TextField, UploadField
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.roster import approval as steps
from gradphoto.apps.roster.models import ProvinceApproval
from gradphoto.apps.roster.views.corrections import scan
from gradphoto.apps.roster.views.plan import chosen_campaign
from gradphoto.engine.wording import Wording

_LIMIT_MB = 20


def _people() -> forms.IntegerField:
    field = forms.IntegerField(label=bi("审核通过人数", "People approved"), min_value=1, max_value=200_000)
    field.css = "col-md-3"  # type: ignore[attr-defined]
    return field


class NoteApproval(ActionForm):
    """The document by which the province approved a season's list."""

    action = "roster.note_approval"
    button = Wording("登记", "Put on record")
    said = Wording("已登记。", "Entered.")
    season = ChoiceField(Season, label=bi("毕业季", "Season"), css="col-md-3")
    document = TextField(label=bi("文件名称或文号", "Document or its number"), max_length=120, css="col-md-6")
    approved_on = DayField(label=bi("审核日期", "Approved on"), past=True, css="col-md-3")
    people = _people()
    file = UploadField(
        Kind.PDF, Kind.JPEG, Kind.PNG, limit_mb=_LIMIT_MB, accept=".pdf,.jpg,.jpeg,.png",
        label=bi("文件扫描件（PDF 或图片）", "Scan (PDF or picture)"), css="col-md-6",
    )  # fmt: skip

    def arguments(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        file = said.pop("file")
        return said | {"scan": file.data, "media_type": file.media_type}


@page("roster.approval")
def approval(request: SignedInRequest) -> HttpResponseBase:
    """What the province approved, and how many stand on the list here."""
    campaign = chosen_campaign(request)
    if campaign is None:
        return redirect("campaigns:list")
    if request.method != "POST":
        return _page(request, campaign)
    form = posted_form(request, (NoteApproval,), campaign)
    return form_action(
        request, form, again=lambda form: _page(request, campaign, form),
        done=lambda made: redirect(f"{reverse('roster:approval')}?campaign={campaign.pk}"),
    )  # fmt: skip


def _page(request: SignedInRequest, campaign: Campaign, posted: NoteApproval | None = None) -> HttpResponse:
    found = scoped(request.actor, ProvinceApproval).filter(campaign=campaign)
    context = {
        "campaign": campaign,
        "lines": [(one, steps.accepted_of(campaign, one.season)) for one in found],
        "page_forms": PageForms(request.actor, campaign, (NoteApproval,), posted),
    }
    return render(request, "roster/approval.html", context)


@page("roster.approval")
@require_GET
def approval_scan(request: SignedInRequest, pk: int) -> HttpResponse:
    """The document itself."""
    return scan(*steps.read_approval(request.actor, get_scoped(request.actor, ProvinceApproval, pk=pk)))
