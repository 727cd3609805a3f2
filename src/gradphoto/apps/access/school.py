"""Sign-in by the school's own (OpenID Connect): people who were invited link it once, signed in here; roles stay ours.

allauth carries the flow (discovery, code, PKCE, state). Added here: the ID token's signature is always proven by the provider's
keys, a nonce ties it to this very sign-in, and an identity is the issuer's and the subject's together. Nobody is made by a
sign-in, and no mail address links anybody: an identity opens the account whose person linked it while signed in here.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from gradphoto.apps.access.devices import hand_over
from gradphoto.apps.access.staff_sessions import by_self
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.reauthentication import require_recent_proof
from gradphoto.apps.core.wording import say
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

PROVIDER = "school"
_COUNTS = "school_second_factor"
_UNUSABLE = (RequestException, OAuth2Error, LookupError, ValueError, TypeError, AttributeError)
"""What reading an answer of another shape than OpenID Connect's may raise."""

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


# the way there and back ------------------------------------------------------------------------------------------------


@never_cache
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """To the school's sign-in; by POST, so that no link on another page begins it."""
    return _lead(request, AuthProcess.LOGIN, str(request.POST.get("next", "")))


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
    from gradphoto.apps.access.views import person_of

    user = person_of(request)
    unlink_school(Actor.of(user), user)
    return _back(request, "unlinked_now", "account_mine")


@never_cache
@require_GET
def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The school sends the person back."""
    _require_offered(provider_id)
    try:
        view = OAuth2CallbackView.adapter_view(SchoolProvider(request, PROVIDER))
        return hand_over(request, view(request))
    except _UNUSABLE as error:
        log.warning("school.answer_unusable", extra={"error": type(error).__name__})
        return _back(request, "failed")


def _require_offered(provider_id: str = PROVIDER) -> None:
    if provider_id != PROVIDER or not is_offered():
        raise Http404


def _lead(request: HttpRequest, process: str, following: str) -> HttpResponse:
    _require_offered()
    request.GET = request.GET.__class__("")  # no parameter of an address changes what is asked of the school
    provider = get_adapter().get_provider(request, provider=PROVIDER)
    wanted = following if _is_own(request, following) else ""
    try:
        answer: HttpResponse = provider.redirect(request, process, next_url=wanted or None, auth_params={})
    except _UNUSABLE as error:
        log.warning("school.away", extra={"error": type(error).__name__})
        return _back(request, "away")
    target = answer.headers.get("Location", "")
    (state,) = parse_qs(urlsplit(target).query).get("state", [""])
    if not state:
        return _back(request, "away")
    return HttpResponseRedirect(f"{target}&{urlencode({'nonce': nonce_of(state)})}")


def _is_own(request: HttpRequest, address: str) -> bool:
    from allauth.account.adapter import get_adapter as account_adapter

    return bool(account_adapter(request).is_safe_url(address))


def nonce_of(state: str) -> str:
    """The nonce of a sign-in, made of its state: that is random, this session's, and used once."""
    return hmac.new(settings.SECRET_KEY.encode(), b"school nonce\0" + state.encode(), hashlib.sha256).hexdigest()


def _back(request: HttpRequest, said: str, to: str = "") -> HttpResponse:
    good = said in ("linked", "unlinked_now")
    (messages.success if good else messages.error)(request, say(_SAID[said]))
    return redirect(to or ("account_mine" if request.user.is_authenticated else "account_login"))


class SchoolProvider(OpenIDConnectOAuth2Adapter):
    """allauth's flow with a proven ID token."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """Who signed in there, by the proven ID token. Raises ``OAuth2Error``."""
        config = self.openid_config
        said = jwtkit.verify_and_decode(
            credential=kwargs["response"]["id_token"], keys_url=config["jwks_uri"], issuer=config["issuer"],
            audience=app.client_id, lookup_kid=jwtkit.lookup_kid_jwk, verify_signature=True,
        )  # fmt: skip
        if not hmac.compare_digest(str(said.get("nonce", "")), nonce_of(request.GET.get("state", ""))):
            raise OAuth2Error("The nonce is not of this sign-in.")
        if not str(said.get("sub") or "").strip():
            raise OAuth2Error("The token names nobody.")
        if config["issuer"].rstrip("/") != settings.SCHOOL_SIGN_IN["server"].rstrip("/"):
            raise OAuth2Error("Another issuer than the one that was set up.")
        if isinstance(said["aud"], list) and len(said["aud"]) > 1 and said.get("azp") != app.client_id:
            raise OAuth2Error("The token was made for another program.")
        claims = dict(said)
        if settings.SCHOOL_SIGN_IN["match"] != "none" and "userinfo_endpoint" in config:
            more = self._fetch_user_info(token.token)
            if str(more.get("sub", "")) != str(said["sub"]):
                raise OAuth2Error("The details are another person's.")
            # A mail address and that it is verified are one statement: never one from here and the other from there.
            mail = said if "email" in said else more
            claims = {**more, **said, "email_verified": mail.get("email_verified")}
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, {"id_token": claims})
        # The issuer is part of who somebody is; and what the school tells of a person is not kept.
        login.account.uid = identity_of(said["iss"], str(said["sub"]))
        login.account.extra_data = {}
        login.email_addresses = []
        login.claims = claims
        counting = set(settings.SCHOOL_SIGN_IN["second_factor"])
        setattr(request, _COUNTS, bool(counting.intersection(map(str, said.get("amr") or ()))))
        return login


def identity_of(issuer: str, subject: str) -> str:
    """64 hex digits that are one person's at one issuer."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).hexdigest()


class SocialAdapter(DefaultSocialAccountAdapter):
    """Nobody is made, nobody is linked by a mail address, and every refusal is a sentence."""

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
        from gradphoto.apps.access.views import person_of

        if not request.user.is_authenticated:
            raise ImmediateHttpResponse(_back(request, "failed"))
        user = person_of(request)
        if sociallogin.is_existing and sociallogin.user.pk != user.pk:
            raise ImmediateHttpResponse(_back(request, "taken"))
        if not fits(sociallogin.claims, user):
            audit.record(Actor.of(user), "access.school_other_person", user, {})
            raise ImmediateHttpResponse(_back(request, "other_person"))
        link_school(Actor.of(user), user, uid=sociallogin.account.uid)
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
    """The person's school identity opens the own account; an earlier one no more."""
    SocialAccount.objects.filter(user_id=user.pk, provider=PROVIDER).delete()
    SocialAccount.objects.create(user_id=user.pk, provider=PROVIDER, uid=uid, extra_data={})


@action("access.unlink_school", permission=by_self)
def unlink_school(actor: Actor, user: Any) -> None:
    """The school's sign-in opens the account no more."""
    gone, _ = SocialAccount.objects.filter(user_id=user.pk, provider=PROVIDER).delete()
    audit.note(was_linked=bool(gone))


class SecondFactorStage(AuthenticateStage):
    """Our second factor is asked after the school's sign-in, too, unless that was one by the operator's setting."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not was_second_factor(request) and bool(super()._should_handle(request))


def was_second_factor(request: HttpRequest) -> bool:
    """Whether this very request comes back from a school's sign-in with a factor that counts."""
    return bool(getattr(request, _COUNTS, False))
