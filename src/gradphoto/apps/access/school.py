"""Sign-in by the school's own: people who were invited link it once, signed in here; roles stay ours.

One mechanism, two protocols: ``school_oidc`` (OpenID Connect) and ``school_cas`` (CAS) say who somebody is at the school; what
an identity opens, who links it, second factor, session and trail are here and the same for both. Nobody is made by a sign-in, and
no mail address links anybody: an identity opens the account whose person linked it while signed in here.
"""

from __future__ import annotations

import logging
from types import ModuleType
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from gradphoto.apps.access import school_cas, school_oidc
from gradphoto.apps.access.devices import hand_over
from gradphoto.apps.access.notices import notify
from gradphoto.apps.access.school_identity import PROVIDER, forget, was_second_factor
from gradphoto.apps.access.staff_sessions import by_self, person_of
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.reauthentication import require_recent_proof
from gradphoto.apps.core.sent_forms import sent_form
from gradphoto.apps.core.wording import say
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

_UNUSABLE = (RequestException, OAuth2Error, LookupError, ValueError, TypeError, AttributeError)
"""What reading an answer of another shape than the protocol's may raise."""

_SAID: dict[str, Wording] = {
    "unlinked": Wording(
        "这个学校账号还没有关联。请先用用户名和密码（或邀请）登录，再在“我的账号”里关联一次。",
        "This school account is linked to nobody. Sign in with name and password (or your invitation) first, then link it on “My account”.",
    ),
    "closed": Wording("账号已停用，请联系管理员。", "The account is closed: ask your administrator."),
    "failed": Wording(
        "学校统一身份认证没有完成，请重试；若仍不行，请用用户名和密码登录。",
        "Signing in by the school was not completed. Try again, or use name and password.",
    ),
    "away": Wording(
        "暂时连不上学校统一身份认证，请用用户名和密码登录。",
        "The school's sign-in cannot be reached now: use name and password.",
    ),
    "other_person": Wording(
        "这个学校账号与您在本系统的账号不符，没有关联。请核对用户名或邮箱，或联系管理员。",
        "This school account does not fit your account here; it was not linked. Check user name or mail, or ask your administrator.",
    ),
    "taken": Wording("这个学校账号已关联到另一账号。", "This school account is linked to another account already."),
    "linked": Wording("已关联，今后可以用学校统一身份认证登录。", "Linked: from now on you can sign in by the school."),
    "unlinked_now": Wording("已取消关联。", "No longer linked."),
}  # fmt: skip


def is_offered() -> bool:
    """Whether an operator has set the school's sign-in up."""
    return bool(settings.SCHOOL_SIGN_IN)


def account_of(user: Any) -> SocialAccount | None:
    """The school identity that a person has linked."""
    return SocialAccount.objects.filter(user_id=user.pk, provider=PROVIDER).first()


def sign_out_address(request: HttpRequest) -> str:
    """Where signing out leads on to, so that the school's session ends, too; empty unless an operator wants it and the
    school opened this session."""
    if not settings.SCHOOL_SIGN_IN.get("sign_out"):
        return ""
    steps = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    by_school = any(one.get("method") == "socialaccount" for one in steps)
    return str(_protocol().sign_out_address()) if by_school else ""


# the way there and back ------------------------------------------------------------------------------------------------


class _Following(forms.Form):
    """Where the person was going."""

    next = forms.CharField(required=False)


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """To the school's sign-in; by POST, so that no link on another page begins it."""
    form = sent_form(request, _Following)
    return _lead(request, AuthProcess.LOGIN, form.cleaned_data["next"] if form.is_valid() else "")


@never_cache
@login_required
@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """To the school's sign-in, to link it with one's own account; wants a fresh proof."""
    require_recent_proof()
    return _lead(request, AuthProcess.CONNECT, "")


@never_cache
@login_required
@require_POST
def unlink(request: HttpRequest) -> HttpResponse:
    """The school's sign-in opens this account no more."""
    user = person_of(request)
    unlink_school(Actor.of(user), user)
    return _back(request, "unlinked_now", "account_mine")


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The school sends the person back."""
    _require_offered(provider_id)
    try:
        return hand_over(request, _protocol().come_back(request))
    except _UNUSABLE as error:
        log.warning("school.answer_unusable", extra={"error": type(error).__name__})
        return _back(request, "failed")


def _require_offered(provider_id: str = PROVIDER) -> None:
    if provider_id != PROVIDER or not is_offered():
        raise Http404


def _lead(request: HttpRequest, process: str, following: str) -> HttpResponse:
    _require_offered()
    request.GET = request.GET.__class__("")  # no parameter of an address changes what is asked of the school
    wanted = following if _is_own(request, following) else ""
    try:
        return HttpResponseRedirect(_protocol().address_of(request, process, wanted))
    except _UNUSABLE as error:
        log.warning("school.away", extra={"error": type(error).__name__})
        return _back(request, "away")


def _protocol() -> ModuleType:
    return school_cas if settings.SCHOOL_SIGN_IN["protocol"] == "cas" else school_oidc


def _is_own(request: HttpRequest, address: str) -> bool:
    return bool(account_adapter(request).is_safe_url(address))


def _back(request: HttpRequest, said: str, to: str = "") -> HttpResponse:
    good = said in ("linked", "unlinked_now")
    (messages.success if good else messages.error)(request, say(_SAID[said]))
    return redirect(to or ("account_mine" if request.user.is_authenticated else "account_login"))


class SocialAdapter(DefaultSocialAccountAdapter):
    """Nobody is made, nobody is linked by a mail address, and every refusal is a sentence."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Any:
        if provider == PROVIDER and settings.SCHOOL_SIGN_IN.get("protocol") == "cas":
            return school_cas.CasProvider(request)
        return super().get_provider(request, provider, client_id)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        return False

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("account_mine")

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:
        log.info("school.refused", extra={"error": str(kwargs.get("error", ""))})
        raise ImmediateHttpResponse(_back(request, "failed"))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """An identity that is linked opens its account; linking wants who is signed in, and that the two fit."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            self._link(request, sociallogin)
        if not sociallogin.is_existing:
            audit.record(Actor.system("sign-in"), "access.school_unlinked", None, {})
            raise ImmediateHttpResponse(_back(request, "unlinked"))
        if not sociallogin.user.is_active:
            audit.record(Actor.system("sign-in"), "access.sign_in_failed", sociallogin.user, {"known": True})
            raise ImmediateHttpResponse(_back(request, "closed"))

    def _link(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not request.user.is_authenticated:
            raise ImmediateHttpResponse(_back(request, "failed"))
        user = person_of(request)
        if sociallogin.is_existing and sociallogin.user.pk != user.pk:
            raise ImmediateHttpResponse(_back(request, "taken"))
        if not fits(sociallogin.claims, user):
            audit.record(Actor.of(user), "access.school_other_person", user, {})
            raise ImmediateHttpResponse(_back(request, "other_person"))
        try:
            link_school(Actor.of(user), user, uid=sociallogin.account.uid)
        except Refusal:  # somebody else linked it a moment ago
            raise ImmediateHttpResponse(_back(request, "taken")) from None
        raise ImmediateHttpResponse(_back(request, "linked"))


def fits(claims: dict[str, Any], user: Any) -> bool:
    """Whether what the school says of a person fits the account: by user name, by a mail address that it has verified."""
    rule = settings.SCHOOL_SIGN_IN["match"]
    if rule == "username":
        said = str(claims.get(settings.SCHOOL_SIGN_IN["claim"], ""))
        return bool(said) and said.casefold() == user.get_username().casefold()
    if rule == "email":
        said = str(claims.get("email", ""))
        return claims.get("email_verified") is True and bool(said) and said.casefold() == user.email.casefold()
    return True


@action("access.link_school", permission=by_self)
def link_school(actor: Actor, user: Any, *, uid: str) -> None:
    """The person's school identity opens the own account; an earlier one no more. Raises ``access.school_taken``."""
    forget(user)
    try:
        with transaction.atomic():
            SocialAccount.objects.create(user_id=user.pk, provider=PROVIDER, uid=uid, extra_data={})
    except IntegrityError as error:
        raise refuse(
            "access.school_taken", _SAID["taken"].zh, _SAID["taken"].en,
            "请核对登录学校的是不是您本人的账号，或联系管理员。",
            "Check that you signed in there as yourself, or ask your administrator.",
        ) from error  # fmt: skip
    notify(user, Wording("关联了学校统一身份认证", "the school's sign-in was linked"))


@action("access.unlink_school", permission=by_self)
def unlink_school(actor: Actor, user: Any) -> None:
    """The school's sign-in opens the account no more."""
    gone = forget(user)
    audit.note(was_linked=bool(gone))
    if gone:
        notify(user, Wording("取消了学校统一身份认证的关联", "the link with the school's sign-in was ended"))


class SecondFactorStage(AuthenticateStage):
    """Our second factor is asked after the school's sign-in, too, unless that was one by the operator's setting."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not was_second_factor(request) and bool(super()._should_handle(request))
