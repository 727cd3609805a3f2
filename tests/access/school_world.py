"""Signing in by the school in tests: a server that is a process of its own, and a browser that goes there and back."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from django.test import Client
from django.urls import reverse

from gradphoto.apps.orgs.models import Role
from gradphoto.site.school_sign_in import school_sign_in
from patience import PROCESS_S
from verification.graduate_world import staff

SITE = "http://testserver"
SCRIPTS = {"oidc": "openid_provider.py", "cas": "cas_server.py"}


@contextmanager
def running(protocol: str) -> Iterator[str]:
    """The protocol's server as a process; its address."""
    script = Path(__file__).with_name(SCRIPTS[protocol])
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def set_up(settings, protocol: str, address: str) -> None:
    """The site as an operator has set it up for the server."""
    settings.SITE_URL = SITE
    if protocol == "cas":
        settings.SCHOOL_SIGN_IN = school_sign_in({"GRADPHOTO_CAS_SERVER": f"{address}/cas"})
        return
    settings.SCHOOL_SIGN_IN = school_sign_in({"GRADPHOTO_OIDC_SERVER": address})
    app = {
        "provider_id": "school", "name": "school", "client_id": "gradphoto", "secret": "client-secret",
        "settings": {"server_url": address},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


@dataclass
class School:
    """One protocol's server and how it says the same things about a person."""

    protocol: str
    address: str

    def says(self, **said) -> None:
        """Whatever the server shall say and do, in its own words."""
        urllib.request.urlopen(f"{self.address}/person", json.dumps(said).encode())

    def is_of(self, name: str, *, factor: str = "", fresh: bool = False, **more) -> None:
        """Somebody called ``name`` signs in there, by a second ``factor``, and just now or in an open session."""
        if self.protocol == "cas":
            attributes = {"isFromNewLogin": str(fresh).lower()} | ({"factor": factor} if factor else {}) | more
            self.says(user=name, attributes=attributes)
        else:
            clock = {"signed_in_s_ago": 1 if fresh else 90_000}
            self.says(
                sub=f"s-{name}", preferred_username=name, amr=["pwd", *([factor] if factor else [])], **clock, **more
            )

    @property
    def counting(self) -> str:
        """The setting by which the factor ``mfa`` counts."""
        return "factor=mfa" if self.protocol == "cas" else "mfa"


def lead(browser, name="account_school", **form):
    """To the server and back, as a browser goes; the address the server sends back to."""
    begun = browser.post(reverse(name), form)
    assert begun.status_code == 302, begun.content
    if not begun.headers["Location"].startswith("http://127.0.0.1"):
        return begun.headers["Location"]
    there = requests.get(begun.headers["Location"], allow_redirects=False, timeout=PROCESS_S)
    return there.headers["Location"].removeprefix(SITE)


def come_back(browser, back):
    return browser.get(back, follow=True)


def text(answer):
    return answer.content.decode()


def link(world, role=Role.REGISTRAR):
    browser = staff(world, role)
    return come_back(browser, lead(browser, "account_school_link"))


def try_in(**form):
    """What a browser that nobody is signed in with is answered."""
    browser = Client()
    return come_back(browser, lead(browser, **form))


def is_in(answer):
    return answer.context["user"].is_authenticated
