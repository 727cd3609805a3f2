"""The invited person's pages, without sign-in: the link or code of an invitation, then the new password."""

from __future__ import annotations

import base64

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from gradphoto.apps.access.devices import staff_client
from gradphoto.apps.access.models import EntryPoint
from gradphoto.apps.access.passwords import WeakPassword
from gradphoto.apps.access.throttling import mark_succeeded, record_attempt
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import decrypt, encrypt
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs import invitations
from gradphoto.apps.orgs.models import Invitation
from gradphoto.apps.pages.fields import RefusedValue
from gradphoto.apps.pages.forms import sent_form
from gradphoto.apps.people.forms import EnterKey, NewPassword
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_KEY = "invitation_key"
_LONGEST_KEY = 60


@never_cache
def link(request: HttpRequest, key: str) -> HttpResponse:
    """The link of a slip or mail: the key leaves the address bar at once; nothing is used up by opening it."""
    if len(key) <= _LONGEST_KEY:
        _keep(request, key)
    return redirect("account_invitation")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Type the code of a slip, or come by its link; then set the password."""
    entry = sent_form(request, EnterKey, auto_id="id_%s")
    if entry.is_valid():
        _keep(request, entry.cleaned_data["key"])
        return redirect("account_invitation")
    key = _kept(request)
    if not key:
        return render(request, "people/invitation_code.html", {"form": entry}, status=422 if entry.is_bound else 200)
    try:
        invitation = _found(request, key)
    except Refusal as error:
        request.session.pop(_KEY, None)
        context = {"error": error, "form": EnterKey(auto_id="id_%s")}
        return render(request, "people/invitation_code.html", context, status=error.status)
    form = sent_form(request, NewPassword, auto_id="id_%s")
    if form.is_valid():
        try:
            invitations.accept_invitation(Actor.of(invitation.user), invitation, password=form.cleaned_data["new"])
        except WeakPassword as error:
            form.add_error("new", RefusedValue(error))
        else:
            request.session.pop(_KEY, None)
            messages.success(request, say(Wording("密码已设置，请登录。", "Your password is set: sign in.")))
            return redirect(f"{reverse('account_login')}?{urlencode({'name': invitation.user.username})}")
    context = {"form": form, "person": invitation.user, "until": invitation.expires_at}
    return render(request, "people/invitation.html", context, status=422 if form.is_bound else 200)


def _keep(request: HttpRequest, key: str) -> None:
    """In the session, sealed: the database holds no key that opens."""
    request.session[_KEY] = base64.b64encode(encrypt(key.encode(), _KEY)).decode()


def _kept(request: HttpRequest) -> str:
    """The key of this browser; nothing where the key it was sealed with is gone: the link is opened once more."""
    if _KEY not in request.session:
        return ""
    try:
        return decrypt(base64.b64decode(request.session[_KEY]), _KEY).decode()
    except GradPhotoError:
        request.session.pop(_KEY, None)
        return ""


def _found(request: HttpRequest, key: str) -> Invitation:
    attempt = record_attempt(EntryPoint.STAFF, subject=f"invitation|{key[:5]}", client=staff_client(request))
    found = invitations.live_invitation(key)
    if found is None:
        raise invitations.over()
    mark_succeeded(attempt)
    return found
