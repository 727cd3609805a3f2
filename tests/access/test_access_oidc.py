"""Sign-in by the school's OpenID Connect, against a provider that is a process of its own: what a token must prove."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from school_world import come_back, is_in, lead, link, text, try_in

from gradphoto.apps.orgs.models import User

pytestmark = pytest.mark.django_db


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
def test_only_an_identity_that_fits_is_linked(world, oidc, settings, match, said, fits):
    User.objects.filter(username="registrar").update(email="r@example.edu")
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "match": match}
    oidc.says(sub="1", **said)
    answer = text(link(world))
    assert ("已关联，今后" in answer, "没有关联" in answer) == (fits, not fits)
    assert SocialAccount.objects.exists() is fits


@pytest.mark.parametrize(
    "said",
    [
        {"nonce": "another"}, {"nonce": ""}, {"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1},
        {"signed_by_other": True}, {"issuer": "https://evil.example"}, {"aud": ["gradphoto", "x"]},
        {"algorithm": "HS256"}, {"amr": 5}, {"sub": ""}, {"details": {"sub": "2"}}, {"error": "access_denied"}, {"error": "server_error"},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_proven_opens_nothing(world, oidc, said):
    link(world)
    oidc.says(**{"sub": "s-registrar", "preferred_username": "registrar", **said})
    answer = try_in()
    assert not is_in(answer)
    assert "没有完成" in text(answer)


def test_a_state_is_one_browsers_and_used_once(world, oidc):
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


def test_a_school_that_is_away_is_told(world, oidc, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    answer = Client().post(reverse("account_school"), follow=True)
    assert "暂时连不上" in text(answer)


def test_no_parameter_of_an_address_changes_what_is_asked(oidc):
    begun = Client().post(
        f"{reverse('account_school')}?scope=all&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example"
    )
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert set(asked["scope"][0].split()) == {"openid", "profile", "email"}
    assert asked["redirect_uri"] == ["http://testserver/accounts/school/callback/"]
