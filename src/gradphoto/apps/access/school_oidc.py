"""The school's sign-in by OpenID Connect: who somebody is there, proven.

allauth carries the flow (discovery, code, PKCE, state). Added here: the ID token's signature is always proven by the provider's
keys, a nonce ties it to this very sign-in, and an identity is the issuer's and the subject's together.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gradphoto.apps.access.school_identity import (
    PROVIDER,
    count_as_fresh,
    count_as_second_factor,
    identity_of,
    is_recent,
)


def address_of(request: HttpRequest, process: str, following: str) -> str:
    """Where the browser is sent; ``following`` is an address of ours or empty. Raises ``OAuth2Error``, ``RequestException``."""
    provider = get_adapter().get_provider(request, provider=PROVIDER)
    answer: HttpResponse = provider.redirect(request, process, next_url=following or None, auth_params={})
    target = answer.headers.get("Location", "")
    (state,) = parse_qs(urlsplit(target).query).get("state", [""])
    if not state:
        raise OAuth2Error("The way there was not made.")
    return f"{target}&{urlencode({'nonce': nonce_of(state)})}"


def come_back(request: HttpRequest) -> HttpResponse:
    """The answer to a browser that the school sends back. Raises ``OAuth2Error``, ``RequestException``."""
    view = OAuth2CallbackView.adapter_view(SchoolProvider(request, PROVIDER))
    answer: HttpResponse = view(request)
    return answer


def nonce_of(state: str) -> str:
    """The nonce of a sign-in, made of its state: that is random, this session's, and used once."""
    return hmac.new(settings.SECRET_KEY.encode(), b"school nonce\0" + state.encode(), hashlib.sha256).hexdigest()


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
        if set(settings.SCHOOL_SIGN_IN["second_factor"]).intersection(map(str, said.get("amr") or ())):
            count_as_second_factor(request)
        if is_recent(said.get("auth_time")):
            count_as_fresh(request)
        return login
