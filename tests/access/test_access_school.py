"""Sign-in by the school, against a provider that is a process of its own: linked by who is signed in, proven, never made."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse

from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role, User
from verification.graduate_world import staff
from world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def address():
    script = Path(__file__).with_name("openid_provider.py")
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.terminate()
    process.wait()
    process.stdout.close()


@pytest.fixture
def provider(address, settings):
    """The site as an operator has set it up, and a function that says who signs in at the provider."""
    settings.SCHOOL_SIGN_IN = {
        "protocol": "oidc", "server": address, "name": "学校统一身份认证", "match": "username", "claim": "preferred_username", "second_factor": [],
    }  # fmt: skip
    app = {
        "provider_id": "school", "name": "school", "client_id": "gradphoto", "secret": "client-secret",
        "settings": {"server_url": address},
    }  # fmt: skip
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}

    def person(**said):
        urllib.request.urlopen(f"{address}/person", json.dumps(said).encode())

    person(sub="1", preferred_username="registrar")
    return person


@pytest.fixture
def world():
    return build_world()


def lead(browser, name="account_school", **form):
    """To the provider and back, as a browser goes; the address the provider sends back to."""
    begun = browser.post(reverse(name), form)
    assert begun.status_code == 302, begun.content
    if not begun.headers["Location"].startswith("http://127.0.0.1"):
        return begun.headers["Location"]
    there = requests.get(begun.headers["Location"], allow_redirects=False, timeout=10)
    return there.headers["Location"].removeprefix("http://testserver")


def come_back(browser, back):
    return browser.get(back, follow=True)


def text(answer):
    return answer.content.decode()


def link(world, role=Role.REGISTRAR):
    browser = staff(world, role)
    return come_back(browser, lead(browser, "account_school_link"))


def test_it_is_offered_only_where_an_operator_set_it_up(world):
    assert "学校统一身份认证" not in text(Client().get(reverse("account_login")))
    assert Client().post(reverse("account_school")).status_code == 404
    assert Client().get("/accounts/school/callback/?code=1&state=2").status_code == 404


def test_who_linked_it_signs_in_by_it_and_roles_stay(world, provider):
    assert "已关联" in text(link(world))
    account = SocialAccount.objects.get()
    assert (account.user_id, account.extra_data, len(account.uid)) == (world.people[Role.REGISTRAR].pk, {}, 64)
    browser = Client()
    page = browser.get(reverse("account_login"))
    assert "学校统一身份认证" in text(page)
    answer = come_back(browser, lead(browser, next="/roster/"))
    assert answer.redirect_chain[-1][0].endswith("/roster/")
    assert answer.context["user"].username == "registrar"
    assert User.objects.get(username="registrar").roles == {Role.REGISTRAR}
    for action in ("access.link_school", "access.signed_in"):
        assert AuditEntry.objects.filter(action=action).exists(), action
    browser.post(reverse("account_logout"))
    assert browser.get("/roster/").status_code == 302


def test_an_unlinked_identity_opens_nothing_and_makes_nobody(world, provider):
    """Not even with the very user name and a verified mail address of an account."""
    User.objects.filter(username="registrar").update(email="r@example.edu")
    before = User.objects.count()
    provider(sub="9", preferred_username="registrar", email="r@example.edu", email_verified=True)
    browser = Client()
    answer = come_back(browser, lead(browser))
    assert "还没有关联" in text(answer)
    assert not answer.context["user"].is_authenticated
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    ("match", "said", "fits"),
    [
        ("username", {"preferred_username": "REGISTRAR"}, True),
        ("username", {"preferred_username": "counsellor"}, False),
        ("username", {}, False),
        ("email", {"email": "r@example.edu", "email_verified": True}, True),
        ("email", {"email": "r@example.edu", "email_verified": False}, False),
        ("email", {"email": "r@example.edu"}, False),
        ("email", {"email": "r@example.edu", "email_verified": "true"}, False),
        ("email", {"email": "", "email_verified": True}, False),
        ("email", {"email": "r@example.edu", "details": {"email": "x@example.edu", "email_verified": True}}, False),
        ("email", {"email_verified": True, "details": {"email": "r@example.edu"}}, False),
        ("email", {"details": {"email": "r@example.edu", "email_verified": True}}, True),
        ("none", {}, True),
    ],
)
def test_only_an_identity_that_fits_is_linked(world, provider, settings, match, said, fits):
    User.objects.filter(username="registrar").update(email="r@example.edu")
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "match": match}
    provider(sub="1", **said)
    answer = text(link(world))
    assert ("已关联，今后" in answer, "没有关联" in answer) == (fits, not fits)
    assert SocialAccount.objects.exists() is fits


def test_one_identity_is_one_account(world, provider, settings):
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "match": "none"}
    link(world)
    assert "已关联到另一账号" in text(link(world, Role.COUNSELLOR))
    assert SocialAccount.objects.get().user_id == world.people[Role.REGISTRAR].pk
    provider(sub="2")
    link(world)
    assert SocialAccount.objects.count() == 1, "a new one takes the place of the earlier one"
    staff(world, Role.REGISTRAR).post(reverse("account_school_unlink"))
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    "said",
    [
        {"nonce": "another"}, {"nonce": ""}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1},
        {"signed_by_other": True}, {"issuer": "https://evil.example"}, {"aud": ["gradphoto", "x"]},
        {"algorithm": "HS256"}, {"amr": 5}, {"sub": ""}, {"details": {"sub": "2"}}, {"error": "access_denied"}, {"error": "server_error"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_proven_opens_nothing(world, provider, said):
    link(world)
    provider(**{"sub": "1", "preferred_username": "registrar", **said})
    browser = Client()
    answer = come_back(browser, lead(browser))
    assert not answer.context["user"].is_authenticated
    assert "没有完成" in text(answer)


def test_a_state_is_one_browsers_and_used_once(world, provider):
    link(world)
    mine, other = Client(), Client()
    back = lead(mine)
    assert not come_back(other, back).context["user"].is_authenticated
    for changed in (back.replace("state=", "state=x"), back.split("&state=")[0], "/accounts/school/callback/"):
        assert not come_back(mine, changed).context["user"].is_authenticated
    fresh = lead(mine)
    assert come_back(mine, fresh).context["user"].is_authenticated
    mine.post(reverse("account_logout"))
    assert not come_back(mine, fresh).context["user"].is_authenticated


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "http:evil.example", "/\\evil.example"]
)
def test_it_leads_nowhere_else(world, provider, elsewhere):
    link(world)
    browser = Client()
    answer = come_back(browser, lead(browser, next=elsewhere))
    assert all("evil" not in where for where, _ in answer.redirect_chain)
    begun = Client().post(
        f"{reverse('account_school')}?scope=all&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example"
    )
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == ["http://testserver/accounts/school/callback/"]
    assert Client().get(reverse("account_school")).status_code == 405, "no link begins it"


def test_a_closed_account_stays_closed_and_a_stranger_links_nothing(world, provider):
    link(world)
    User.objects.filter(username="registrar").update(is_active=False)
    browser = Client()
    answer = come_back(browser, lead(browser))
    assert "账号已停用" in text(answer)
    assert not answer.context["user"].is_authenticated
    assert Client().post(reverse("account_school_link")).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("counting", "amr", "asked"), [([], ["mfa"], True), (["mfa"], ["pwd", "mfa"], False), (["mfa"], ["pwd"], True)]
)
def test_the_second_factor_is_asked_unless_the_schools_counts(world, provider, settings, counting, amr, asked):
    link(world)
    Authenticator.objects.create(user=world.people[Role.REGISTRAR], type=Authenticator.Type.TOTP, data={"secret": "x"})
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "second_factor": counting}
    provider(sub="1", preferred_username="registrar", amr=amr)
    browser = Client()
    answer = come_back(browser, lead(browser))
    assert answer.context["user"].is_authenticated is not asked
    assert ("second-factor" in answer.redirect_chain[-1][0]) is asked


def test_a_school_that_is_away_is_told(world, provider, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    answer = Client().post(reverse("account_school"), follow=True)
    assert "暂时连不上" in text(answer)
