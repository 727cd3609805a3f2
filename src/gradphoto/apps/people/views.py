"""The administrator's pages of people: the list, one person with roles and sign-in, rules for second factors."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from gradphoto.apps.access.views import has_second_factor
from gradphoto.apps.core.addresses import is_only_here, site_address
from gradphoto.apps.orgs import invitations
from gradphoto.apps.orgs.models import InvitationWay, Membership, Organisation, User
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form, posted_row, ticks
from gradphoto.apps.people.forms import PERSON_FORMS, AddUser, InvitePeople, RequireSecondFactor
from gradphoto.apps.people.lists import PEOPLE

_LIST_FORMS = (AddUser, InvitePeople)


@never_cache
@page("orgs.manage")
def people_list(request: SignedInRequest) -> HttpResponse:
    """Everybody with a role in the viewer's part of the tree; a form adds one, another invites many."""
    if request.method == "POST":
        form = posted_form(request, _LIST_FORMS, None)
        return form_action(
            request,
            form,
            again=lambda form: _list(request, form),
            done=lambda made: _done(form, made, reverse("people:list")),
        )
    return _list(request)


def _done(form: ActionForm, made: Any, to: str) -> HttpResponse:
    """A new person's own page, the slips as a file, else the page again."""
    if isinstance(made, User):
        return redirect("people:person", pk=made.pk)
    if isinstance(form, InvitePeople) and form.cleaned_data["way"] != InvitationWay.MAIL:
        return download(invitations.slips(made), "invitations.pdf", PDF)
    return redirect(to)


def _list(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    context = {
        "listing": PEOPLE.page(request),
        "only_here": site_address() if is_only_here() else "",
        "page_forms": PageForms(request.actor, None, _LIST_FORMS, posted),
        "ticked": ticks(posted, "person"),
    }
    return render(request, "people/people.html", context)


@never_cache
@page("orgs.manage")
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: roles, last sign-in, and what an administrator may do."""
    if request.method == "POST":
        form = posted_form(request, PERSON_FORMS, _person(request, pk))
        return form_action(
            request, form, again=lambda form: _detail(request, pk, form),
            done=lambda made: _done(
                form, made if isinstance(form, InvitePeople) else None, reverse("people:person", args=[pk])
            ),
        )  # fmt: skip
    return _detail(request, pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = _person(request, pk)
    context = {
        "person": found,
        "memberships": found.memberships.select_related("organisation"),
        "invitation": found.invitations.first(),
        "factors": has_second_factor(found),
        "page_forms": PageForms(request.actor, found, PERSON_FORMS, posted),
    }
    return render(request, "people/person.html", context)


def _person(request: SignedInRequest, pk: int) -> User:
    return get_scoped(request.actor, changeable(request.actor, Membership, "orgs.manage"), user=pk).user


@page("orgs.manage")
def second_factor_rules(request: SignedInRequest) -> HttpResponse:
    """Which roles sign in with a second factor, organisation by organisation."""
    mine = changeable(request.actor, Organisation, "orgs.manage").order_by("path")
    if request.method == "POST":
        here = posted_row(request, mine)
        form = posted_form(request, (RequireSecondFactor,), here)
        return form_action(
            request, form, again=lambda form: _rules(request, here, form),
            done=lambda made: redirect(f"{reverse('people:second_factor')}?organisation={here.pk}"),
        )  # fmt: skip
    wanted = request.GET.get("organisation", "")
    return _rules(request, mine.filter(pk=int(wanted)).first() if wanted.isdigit() else mine.first())


def _rules(request: SignedInRequest, here: Organisation | None, posted: ActionForm | None = None) -> HttpResponse:
    mine = changeable(request.actor, Organisation, "orgs.manage").order_by("path")
    form = posted or (RequireSecondFactor(request.actor, here, key=str(here.pk)) if here else None)
    return render(request, "people/second_factor.html", {"organisations": mine, "here": here, "form": form})
