"""The school's sign-in by CAS, protocol 3: who somebody is there, by a service ticket that its server has proven.

``python-cas`` (the extra ``cas``) makes the addresses and asks. django-cas-ng, which stands on it, is not used: its backend opens
whatever account bears the name that CAS tells, makes users, and takes the service's address from the Host header; none of this can
be had with linking by who is signed in. CAS knows no state, so ours travels in the service's address: a ticket counts for the
very sign-in of this browser, and nobody's browser can be made to take or to link somebody else's ticket.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.internal.flows.login import complete_login
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import Provider
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gradphoto.apps.access.cas_answers import CasPerson, UnusableAnswer, read_answer
from gradphoto.apps.access.school_identity import PROVIDER, count_as_fresh, count_as_second_factor, identity_of
from gradphoto.apps.core.addresses import site_address

if TYPE_CHECKING:
    from cas import CASClientV3

CONNECT_S, READ_S, WHOLE_S = 5.0, 8.0, 12.0
"""Seconds that the server may take to be reached, to send the next bytes, and in all."""
MOST_BYTES = 256 * 1024
_TICKET = re.compile(r"ST-[\x21-\x7e]{1,500}")


class CasProvider(Provider):
    """CAS as allauth knows the school's sign-in: a name under which identities are kept."""

    id = PROVIDER
    name = PROVIDER
    uses_apps = False

    def extract_uid(self, data: CasPerson) -> str:
        return identity_of(f"cas {settings.SCHOOL_SIGN_IN['server']}", data.user)

    def extract_extra_data(self, data: CasPerson) -> dict[str, Any]:
        return {}  # what the school tells of a person is not kept


def address_of(request: HttpRequest, process: str, following: str) -> str:
    """Where the browser is sent; ``following`` is an address of ours or empty."""
    state = {"process": process, "data": None} | ({"next": following} if following else {})
    name = statekit.stash_state(request, provider_id=PROVIDER, state=state)
    return str(_client(name).get_login_url())


def come_back(request: HttpRequest) -> HttpResponse:
    """The answer to a browser that the school sends back with a ticket. Raises ``UnusableAnswer``, ``RequestException``."""
    name, ticket = request.GET.get("state", ""), request.GET.get("ticket", "")
    state = statekit.unstash_state(request, state_id=name, provider_id=PROVIDER)
    if state is None:
        raise UnusableAnswer("no sign-in of this browser")
    if not _TICKET.fullmatch(ticket):
        raise UnusableAnswer("no service ticket")
    person = read_answer(_client(name).get_verification_response(ticket))
    if any(
        f"{key}={one}" in settings.SCHOOL_SIGN_IN["second_factor"]
        for key, all_ in person.attributes.items()
        for one in all_
    ):
        count_as_second_factor(request)
    if settings.SCHOOL_SIGN_IN["renew"] or person.attributes.get("isFromNewLogin") == ["true"]:
        count_as_fresh(request)
    login: SocialLogin = get_adapter().get_provider(request, PROVIDER).sociallogin_from_response(request, person)
    login.claims = {**{key: all_[0] for key, all_ in person.attributes.items() if len(all_) == 1}, "user": person.user}
    login.state = state
    answer: HttpResponse = complete_login(request, login)
    return answer


def sign_out_address() -> str:
    """The server's own sign-out, which leads back to ours."""
    return str(_client("").get_logout_url(site_address(reverse("account_login"))))


def service_of(state: str) -> str:
    """Our address for one sign-in, as the site is set up: never made of the request."""
    return f"{site_address(reverse('openid_connect_callback', args=[PROVIDER]))}?{urlencode({'state': state})}"


def _client(state: str) -> CASClientV3:
    from cas import CASClientV3

    renew = bool(settings.SCHOOL_SIGN_IN["renew"])
    session = _BoundedSession()
    if renew:  # the library asks for it on the way there alone, where a browser could leave it out
        session.params = {"renew": "true"}
    server = settings.SCHOOL_SIGN_IN["server"]
    return CASClientV3(service_url=service_of(state), server_url=server, renew=renew, session=session)


class _BoundedSession(requests.Session):
    """One question with limits of time and size; the server's certificate is checked, and nobody leads elsewhere."""

    def request(self, method: Any, url: Any, **asked: Any) -> requests.Response:  # type: ignore[override]
        until = time.monotonic() + WHOLE_S
        limits = {"timeout": (CONNECT_S, READ_S), "allow_redirects": False, "stream": True, "verify": True}
        with super().request(method, url, **{**asked, **limits}) as answer:
            if answer.status_code != 200:
                raise UnusableAnswer(f"status {answer.status_code}")
            body = b""
            while piece := answer.raw.read1(16 * 1024, decode_content=True):
                body += piece
                if len(body) > MOST_BYTES:
                    raise UnusableAnswer("too long")
                if time.monotonic() > until:
                    raise requests.Timeout("The whole answer took too long.")
            answer._content, answer._content_consumed = body, True
            return answer
