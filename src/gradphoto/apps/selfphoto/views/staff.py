"""The staff's pages on self-photographs: who has a link, where each stands, what can be done."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.settings_keys import SELF_PHOTO_FOR
from gradphoto.apps.core import blobs
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.exporting import exports_of
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_of, ticks
from gradphoto.apps.pages.models import Export
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto import lists
from gradphoto.apps.selfphoto.comparing import is_compared
from gradphoto.apps.selfphoto.forms.staff import (
    EnterReferences,
    GiveLinks,
    GiveOneLink,
    GrantTries,
    KeepReference,
    RevokeLink,
    open_campaigns,
)
from gradphoto.apps.selfphoto.handing_out import LINKS
from gradphoto.apps.selfphoto.links import IssuedLink
from gradphoto.apps.selfphoto.models import Reference, SelfPortrait
from gradphoto.apps.selfphoto.references import MOST_FILES, REFERENCES
from gradphoto.apps.selfphoto.status import reasons_of, steps_of, tries_of
from gradphoto.apps.selfphoto.telling import crew_title
from gradphoto.apps.selfphoto.terms import terms_of, why_not
from gradphoto.engine.wording import Wording

_PEOPLE = Candidate.objects.select_related(
    "department", "campaign__rule_set", "campaign__school", "self_portrait__check_in"
)


@page("selfphoto.read")
def people(request: SignedInRequest) -> HttpResponse:
    """Everybody who may photograph themselves, and where each stands."""
    if request.method == "POST":
        form = posted_form(request, (GiveLinks,), None)
        form.query = request.GET.urlencode()  # type: ignore[attr-defined]
        return form_action(
            request, form, again=lambda form: _people(request, form), done=lambda made: _handed_out(request, made)
        )
    return _people(request)


def _people(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "listing": lists.PEOPLE.page(request),
        "page_forms": PageForms(request.actor, None, (GiveLinks,), posted),
        "ticked": ticks(posted, "people"),
        "exports": first_rows(exports_of(request.actor, LINKS), 3),
        "not_open": lists.not_open(request.actor),
        "open_key": SELF_PHOTO_FOR.name,
        "may_enter_references": holds(request.user, "selfphoto.issue"),
    }
    return render(request, "selfphoto/list.html", context)


def _handed_out(request: SignedInRequest, made: object) -> HttpResponse:
    if isinstance(made, Export):
        return redirect("pages:export", pk=made.pk)
    if isinstance(made, Job):
        messages.success(
            request, say(Wording("正在发送，结果见后台任务。", "Being sent; see the jobs for the result."))
        )
        return redirect("core:job", pk=made.pk)
    return _slips(request, *cast("tuple[list[IssuedLink], list[object]]", made))


def _slips(request: SignedInRequest, issued: list[IssuedLink], left_out: list[object]) -> HttpResponse:
    """The links as a sheet to print and cut; they are shown this once."""
    context = {"slips": issued, "left_out": left_out, "address": site_address(reverse("myphoto:enter"))}
    answer = render(request, "selfphoto/slips.html", context)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@page("selfphoto.read")
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person's own photograph: link, tries, state, and what can be done."""
    if request.method == "POST":
        found = get_scoped(request.actor, _PEOPLE, pk=pk)
        portrait = getattr(found, "self_portrait", None)
        kinds = {GiveOneLink: found, KeepReference: found, RevokeLink: portrait, GrantTries: portrait}
        form = posted_of(request, kinds)
        if form.target is None:
            raise Http404
        return form_action(
            request, form, again=lambda form: _person(request, pk, form), done=lambda made: _done(request, pk, made)
        )
    return _person(request, pk)


def _done(request: SignedInRequest, pk: int, made: object) -> HttpResponse:
    if isinstance(made, IssuedLink):
        return _slips(request, [made], [])
    return redirect("selfphoto:person", pk=pk)


def _person(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_scoped(request.actor, _PEOPLE, pk=pk)
    portrait: SelfPortrait | None = getattr(found, "self_portrait", None)
    terms = terms_of(found.campaign)
    own = PageForms(request.actor, found, (GiveOneLink, KeepReference), posted)
    context: dict[str, Any] = {
        "person": found,
        "portrait": portrait,
        "terms": terms,
        "page_forms": own,
        "portrait_forms": PageForms(request.actor, portrait, (RevokeLink, GrantTries), posted),
        "reference": Reference.objects.filter(candidate=found, blob__isnull=False).first(),
    }
    if portrait is not None:
        context |= {
            "why_not": why_not(portrait),
            "link": portrait.links.filter(ended_at=None).first(),
            "links": portrait.links.exclude(ended_at=None),
            "steps": steps_of(portrait),
            "tries_counted": tries_of(portrait, terms),
            "tries": [(one, [crew_title(item["code"]) for item in one.findings]) for one in portrait.tries.all()],
            "reasons": reasons_of(portrait),
            "consents": portrait.consents.all(),
            "notices": portrait.notices.all(),
        }
    return render(request, "selfphoto/person.html", context)


@page("selfphoto.issue")
def references(request: SignedInRequest) -> HttpResponse:
    """Photographs on file for many people at once, and what became of the files of earlier archives."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (EnterReferences,), None),
            again=lambda form: _references(request, form),
            done=lambda made: redirect("pages:export", pk=made.pk),
        )
    return _references(request)


def _references(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    context = {
        "page_forms": PageForms(request.actor, None, (EnterReferences,), posted),
        "exports": first_rows(exports_of(request.actor, REFERENCES), 10),
        "most_files": MOST_FILES,
        "takes_any": posted is not None or any(map(is_compared, open_campaigns(request.actor))),
    }
    return render(request, "selfphoto/references.html", context)


@page("review.decide")
@require_GET
def reference(request: SignedInRequest, pk: int) -> HttpResponse:
    """The photograph to compare with, for the reviewer."""
    found = get_scoped(request.actor, Reference.objects.select_related("blob", "candidate__campaign"), pk=pk)
    if found.blob is None or not terms_of(found.candidate.campaign).comparison:
        raise Http404
    headers = {"Cache-Control": "no-store, private", "Vary": "Cookie"}
    return HttpResponse(blobs.read(found.blob), content_type="image/jpeg", headers=headers)
