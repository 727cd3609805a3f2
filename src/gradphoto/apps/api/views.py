"""Pages about programs: the administrator's tokens, one's own tokens, and what the interface offers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from gradphoto.apps.api.description import described, endpoints
from gradphoto.apps.api.forms import OWN_FORMS, DrawSecret, MakeToken, RevokeToken
from gradphoto.apps.api.lists import TOKENS, rights_in_words
from gradphoto.apps.api.models import ApiToken
from gradphoto.apps.api.rights import RIGHTS, ROLES, rights_of
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_of, row_forms


@never_cache
@page("api.manage")
def tokens(request: SignedInRequest) -> HttpResponse:
    """Tokens of programs in the viewer's part of the tree; a form makes one for a person."""
    if request.method == "POST":
        mine = changeable(request.actor, ApiToken, "api.manage")
        form = posted_of(request, {MakeToken: None, RevokeToken: mine})
        return form_action(
            request, form, again=lambda form: _tokens(request, form), done=lambda made: redirect("api:tokens")
        )
    return _tokens(request)


def _tokens(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    listing = TOKENS.page(request)
    for row, forms in row_forms(request.actor, listing.shown, (RevokeToken,), posted):
        row.page_forms = forms
    context: dict[str, Any] = {
        "listing": listing,
        "make": posted if isinstance(posted, MakeToken) else MakeToken(request.actor),
        "roles": [(str(Role(role).label), [say_right(one) for one in rights_of(role)]) for role in ROLES],
    }
    return render(request, "api/tokens.html", context)


def say_right(name: str) -> str:
    return say(RIGHTS[name].words)


@never_cache
@page("desk.open")
def mine(request: SignedInRequest) -> HttpResponse:
    """The tokens of one's own programs: draw a secret, revoke."""
    own = ApiToken.objects.filter(person=request.user).select_related("organisation")
    if request.method == "POST":
        form = posted_of(request, {DrawSecret: own, RevokeToken: own})
        return form_action(
            request, form, again=lambda form: _mine(request, form), done=lambda made: _drawn(request, form, made)
        )
    return _mine(request)


def _drawn(request: SignedInRequest, form: ActionForm, made: Any) -> HttpResponse:
    if not isinstance(form, DrawSecret):
        return redirect("api:mine")
    return _mine(request, secret=str(made), of=form.target)


def _mine(
    request: SignedInRequest, posted: ActionForm | None = None, *, secret: str = "", of: ApiToken | None = None
) -> HttpResponse:
    own = list(ApiToken.objects.filter(person=request.user).select_related("organisation"))
    rows = [(token, forms, rights_in_words(token)) for token, forms in row_forms(request.actor, own, OWN_FORMS, posted)]
    context = {"rows": rows, "secret": secret, "of": of, "address": f"{site_address()}/api/v1/"}
    return render(request, "api/mine.html", context)


@page("desk.open")
@require_GET
def description(request: SignedInRequest) -> HttpResponse:
    """What the interface offers, made of its own description; nothing is loaded from elsewhere."""
    context = {"groups": endpoints(described()), "address": f"{site_address()}/api/v1/"}
    return render(request, "api/description.html", context)


@page("desk.open")
@require_GET
def openapi(request: SignedInRequest) -> HttpResponse:
    """The description in OpenAPI, for programs that write clients."""
    return JsonResponse(described(), json_dumps_params={"ensure_ascii": False, "indent": 1})
