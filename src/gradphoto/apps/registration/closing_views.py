"""The page before verification closes: who has not confirmed, who was not reached, and that it cannot be taken back."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gradphoto.apps.campaigns.matters import Matter, matters, tells_matters
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.registration.forms import CloseVerification
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.models import CaseStatus, VerificationCase
from gradphoto.apps.verification.queries import unfinished_seasons
from gradphoto.engine.wording import Wording

_DOES = Wording(
    "所选毕业季中未确认的毕业生不能再校对，并登记为“无图像”。已确认者不受影响。从未开放校对的人（如未采集）在批次结束后再登记。",
    "Who has not confirmed in the chosen season cannot verify any more and is registered without a photograph. Those who "
    "confirmed are not touched. Persons whose verification never opened are entered once the campaign has ended.",
)
_UNDO = Wording(
    "不能撤销：登记后只能由教务处提出补登图像、国家中心审核。",
    "It cannot be taken back: afterwards the registry proposes a photograph, and the national centre decides.",
)


@page("registration.close")
def close_verification(request: SignedInRequest) -> HttpResponse:
    """End verification for a season or for all, in the background, after it was shown what that does (R171)."""
    campaign = _campaign(request)
    if not CloseVerification.is_offered(request.actor, campaign):
        raise PermissionRefusal("registration.register_without_photo")
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (CloseVerification,), campaign),
            again=lambda form: _closing(request, form),
            done=lambda made: redirect("registration:ledger"),
        )
    return _closing(request)


def _campaign(request: SignedInRequest) -> Campaign:
    chosen = request.GET.get("campaign", "")
    return get_scoped(request.actor, Campaign, pk=int(chosen) if chosen.isdecimal() else 0)


def _closing(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    campaign = _campaign(request)
    start = {"season": request.GET.get("season", "")}
    context = {
        "campaign": campaign,
        "does": _DOES,
        "undo": _UNDO,
        "page_forms": PageForms(request.actor, campaign, (CloseVerification,), posted, register_without_photo=start),
        "running": unfinished_seasons(campaign),
        "matters": matters(request.actor, "registration.close_verification", campaign),
        "by_season": _by_season(campaign),
    }
    return render(request, "registration/closing.html", context)


def _by_season(campaign: Campaign) -> list[tuple[str, int]]:
    """How many would be registered without a photograph, season by season (R12)."""
    cases = VerificationCase.objects.filter(candidate__campaign=campaign, status__in=UNVERIFIED)
    counts = dict(cases.order_by().values_list("candidate__season").annotate(Count("pk")))
    return [(str(label), counts.get(value, 0)) for value, label in Season.choices]


@tells_matters("registration.close_verification")
def before_closing(actor: Actor, campaign: Campaign) -> Iterator[Matter]:
    """Who is concerned, and whose photograph is disputed: theirs is not their own fault."""
    cases = VerificationCase.objects.filter(candidate__campaign=campaign)
    listed = f"{reverse('verification:list')}?campaign={campaign.pk}&status=unverified"
    words = Wording("{n} 人还没有确认，将登记为无图像", "{n:person has|persons have} not confirmed")
    yield Matter(cases.filter(status__in=UNVERIFIED).count(), words, listed)
    disputed = cases.filter(status__in=(CaseStatus.DISPUTED, CaseStatus.ANSWERED)).count()
    words = Wording("其中 {n} 人提出图像有误，尚未处理完", "of these {n:dispute|disputes} about the photograph")
    yield Matter(disputed, words, reverse("verification:disputes"))
