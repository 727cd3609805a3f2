"""Sign-in by the school's CAS, against a server that is a process of its own: the same linking, proven by a ticket used once."""

import sys
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from cas_server import BOMB, SPACE
from django.test import Client
from django.urls import reverse
from school_world import come_back, is_in, lead, link, text, try_in

from gradphoto.apps.access import school_cas
from gradphoto.apps.access.cas_answers import CasPerson, UnusableAnswer, read_answer
from gradphoto.apps.orgs.models import Role
from gradphoto.engine.errors import GradPhotoError
from gradphoto.site.school_sign_in import school_sign_in
from patience import PROCESS_S
from verification.graduate_world import staff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("setting", "said", "fits"),
    [
        ({}, {"user": "REGISTRAR"}, True),
        ({}, {"user": "counsellor"}, False),
        ({}, {"user": "1", "attributes": {"user": "registrar"}}, False),
        ({"claim": "uid"}, {"user": "1", "attributes": {"uid": "registrar"}}, True),
        ({"claim": "uid"}, {"user": "registrar"}, False),
        ({"claim": "uid"}, {"user": "1", "attributes": {"uid": ["registrar", "other"]}}, False),
        ({"match": "none"}, {"user": "1"}, True),
    ],
)
def test_only_an_identity_that_fits_is_linked(world, cas, settings, setting, said, fits):
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, **setting}
    cas.says(**said)
    answer = text(link(world))
    assert ("已关联，今后" in answer, "没有关联" in answer) == (fits, not fits)
    assert SocialAccount.objects.exists() is fits


def test_one_identity_is_one_account_of_one_server(world, cas, settings):
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "match": "none"}
    link(world)
    assert "已关联到另一账号" in text(link(world, Role.COUNSELLOR))
    assert SocialAccount.objects.get().user_id == world.people[Role.REGISTRAR].pk
    SocialAccount.objects.update(uid="f" * 64)  # as another server's person of that name
    assert not is_in(try_in())


def _success(inside):
    return f"<cas:serviceResponse {SPACE}><cas:authenticationSuccess>{inside}</cas:authenticationSuccess></cas:serviceResponse>"


@pytest.mark.parametrize(
    "said",
    [
        {"life_s": -1}, {"ticket": "PT-1"}, {"ticket": "x"}, {"ticket": "ST-" + "x" * 600}, {"body": BOMB},
        {"body": _success("<cas:user>registrar</cas:user>"), "status": 500}, {"body": ""}, {"body": "yes\nregistrar\n"},
        {"body": "<x" * 1000}, {"body": _success("<cas:user>registrar</cas:user>") + " " * 300_000},
        {"redirect": "/person"},
    ],
    ids=lambda said: str(said)[:40],
)  # fmt: skip
def test_what_is_not_proven_opens_nothing(world, cas, said):
    link(world)
    cas.says(user="registrar", **said)
    answer = try_in()
    assert not is_in(answer)
    assert "没有完成" in text(answer)


@pytest.mark.parametrize("said", [{"wait_s": 0.6}, {"drips": True}], ids=str)
def test_a_slow_server_is_not_waited_for(world, cas, monkeypatch, said):
    link(world)
    monkeypatch.setattr(school_cas, "READ_S", 0.3)
    monkeypatch.setattr(school_cas, "WHOLE_S", 0.3)
    cas.says(user="registrar", **said)
    answer = try_in()
    assert not is_in(answer)
    assert "没有完成" in text(answer)


def test_a_server_that_is_away_is_told(world, cas, settings):
    link(world)
    browser = Client()
    back = lead(browser)
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "server": "http://127.0.0.1:9/cas/"}
    assert "没有完成" in text(come_back(browser, back))


def test_a_ticket_is_one_sign_ins_of_one_browser_and_used_once(world, cas):
    link(world)
    mine, other = Client(), Client()
    back = lead(mine)
    assert not is_in(come_back(other, back)), "another browser's"
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    theirs = lead(other)
    assert not is_in(come_back(other, theirs.split("&ticket=")[0] + f"&ticket={ticket}")), "wrong service"
    for changed in (back.replace("state=", "state=x"), f"/accounts/school/callback/?ticket={ticket}"):
        assert not is_in(come_back(mine, changed))
    fresh = lead(mine)
    assert is_in(come_back(mine, fresh))
    mine.post(reverse("account_logout"))
    asked = len(requests.get(f"{cas.address}/asked", timeout=PROCESS_S).json())
    assert not is_in(come_back(mine, fresh))
    assert len(requests.get(f"{cas.address}/asked", timeout=PROCESS_S).json()) == asked, "the server is not even asked"


def test_nobody_is_made_to_link_a_strangers_ticket(world, cas):
    """A link with the attacker's own ticket, opened by somebody who is signed in here, with or without a link begun."""
    cas.says(user="evil")
    attackers = parse_qs(urlsplit(lead(Client())).query)["ticket"][0]
    victim = staff(world, Role.REGISTRAR)
    come_back(victim, f"/accounts/school/callback/?ticket={attackers}")
    begun = lead(victim, "account_school_link")
    come_back(victim, begun.split("&ticket=")[0] + f"&ticket={attackers}")
    assert not SocialAccount.objects.exists()


def test_the_service_is_the_site_as_it_is_set_up(world, cas, settings):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://photo.example.edu", ["*"]
    begun = Client().post(
        f"{reverse('account_school')}?service=https%3A%2F%2Fevil.example&renew=1", headers={"host": "evil.example"}
    )
    asked = parse_qs(urlsplit(begun.headers["Location"]).query)
    assert set(asked) == {"service"}
    assert asked["service"][0].startswith("https://photo.example.edu/accounts/school/callback/?state=")
    assert Client().get(reverse("account_school")).status_code == 405, "no link begins it"
    assert Client().post("/accounts/school/callback/").status_code == 405, "no sign-out is taken from the server"


def test_a_password_asked_anew_is_proven_too(world, cas, settings):
    """The browser strips ``renew`` on its way; the ticket of a session that was open already does not count."""
    link(world)
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "renew": True}
    cas.says(user="registrar", single=True)
    assert is_in(try_in())
    browser = Client()
    begun = browser.post(reverse("account_school")).headers["Location"]
    assert begun.endswith("&renew=true")
    there = requests.get(begun.removesuffix("&renew=true"), allow_redirects=False, timeout=PROCESS_S)
    assert not is_in(come_back(browser, there.headers["Location"].removeprefix("http://testserver")))
    assert "renew=true" in requests.get(f"{cas.address}/asked", timeout=PROCESS_S).json()[-1]


@pytest.mark.parametrize(
    ("counting", "said", "asked"),
    [
        ([], "mfa-webauthn", True),
        (["authnContextClass=mfa-webauthn"], ["password", "mfa-webauthn"], False),
        (["authnContextClass=mfa-webauthn"], "mfa-simple", True),
        (["other=mfa-webauthn"], "mfa-webauthn", True),
    ],
)
def test_the_second_factor_is_asked_unless_the_schools_counts(world, cas, settings, counting, said, asked):
    link(world)
    Authenticator.objects.create(user=world.people[Role.REGISTRAR], type=Authenticator.Type.TOTP, data={"secret": "x"})
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "second_factor": counting}
    cas.says(user="registrar", attributes={"authnContextClass": said})
    answer = try_in()
    assert is_in(answer) is not asked
    assert ("second-factor" in answer.redirect_chain[-1][0]) is asked


def test_signing_out_there_too_is_the_operators_choice(world, cas, settings):
    link(world)
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "sign_out": True}
    browser = Client()
    come_back(browser, lead(browser))
    left = browser.post(reverse("account_logout"))
    assert left.headers["Location"] == f"{cas.address}/cas/logout?service=http%3A%2F%2Ftestserver%2Faccounts%2Flogin%2F"
    assert browser.get("/roster/").status_code == 302
    by_password = staff(world, Role.REGISTRAR)
    assert by_password.post(reverse("account_logout")).headers["Location"].startswith("/")


_NAME = "<cas:user>zhang</cas:user>"


@pytest.mark.parametrize(
    ("inside", "read"),
    [
        (_NAME, ("zhang", {})),
        ("<cas:user>\n zh<!-- x -->ang\n</cas:user>", ("zhang", {})),
        (f"{_NAME}<cas:attributes><cas:a>admin<cas:b>x</cas:b></cas:a><cas:c>1</cas:c></cas:attributes>", ("zhang", {"c": ["1"]})),
        (f"{_NAME}<cas:attributes><cas:a>1</cas:a><cas:a>2</cas:a><cas:user>admin</cas:user></cas:attributes>",
         ("zhang", {"a": ["1", "2"], "user": ["admin"]})),
        (f"<cas:attributes><cas:user>admin</cas:user></cas:attributes>{_NAME}", ("zhang", {"user": ["admin"]})),
        (f"{_NAME}<cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket>", ("zhang", {})),
        (f"{_NAME}{_NAME}", None), ("", None), ("<cas:user> </cas:user>", None), ("<user>zhang</user>", None),
        ("<cas:user>zhang<cas:b>x</cas:b></cas:user>", None), ("<cas:user>zh&#10;ang</cas:user>", None),
        ("<cas:user>&undefined;</cas:user>", None), ("<cas:user>zhang", None), (f"<cas:user>{'x' * 251}</cas:user>", None),
        (f"{_NAME}<cas:proxies><cas:proxy>https://x.example</cas:proxy></cas:proxies>", None), (_NAME + "<a>" * 9 + "</a>" * 9, None),
    ],
)  # fmt: skip
def test_an_answer_is_read_strictly(inside, read):
    if read:
        assert read_answer(_success(inside).encode()) == CasPerson(*read)
    else:
        with pytest.raises(UnusableAnswer):
            read_answer(_success(inside).encode())


@pytest.mark.parametrize(
    "whole",
    [
        _success(_NAME).replace("yale", "evil"),
        _success(_NAME).replace("serviceResponse", "proxyResponse"),
        f"<cas:serviceResponse {SPACE}>{_NAME}</cas:serviceResponse>",
        _success(_NAME).replace(
            "</cas:serviceResponse>", "<cas:authenticationFailure code='X'/></cas:serviceResponse>"
        ),
        f"<!DOCTYPE x SYSTEM 'file:///etc/passwd'>{_success(_NAME)}",
        f"<?xml version='1.0' encoding='gb2312'?>{_success(_NAME)}",
        f"<?xml version='1.0' encoding='nothing'?>{_success(_NAME)}",
    ],
)
def test_what_is_no_answer_is_no_person(whole):
    with pytest.raises(UnusableAnswer):
        read_answer(whole.encode())


@pytest.mark.parametrize("code", ["INVALID_TICKET", "张三 was here", ""])
def test_a_refusal_is_told_by_its_code_alone(code):
    with pytest.raises(UnusableAnswer) as refused:
        read_answer(
            f"<cas:serviceResponse {SPACE}><cas:authenticationFailure code='{code}'>x</cas:authenticationFailure></cas:serviceResponse>".encode()
        )
    assert str(refused.value) == ("refused: INVALID_TICKET" if code == "INVALID_TICKET" else "refused: unknown")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"GRADPHOTO_CAS_SERVER": "http://cas.example.edu/cas"}, "https://"),
        ({"GRADPHOTO_CAS_SERVER": "https://u@cas.example.edu/cas"}, "user name"),
        ({"GRADPHOTO_CAS_SERVER": "https://cas.example.edu/cas?x=1"}, "user name"),
        ({"GRADPHOTO_CAS_SERVER": "https://cas.example.edu", "GRADPHOTO_OIDC_SERVER": "https://a.example"}, "not both"),
        ({"GRADPHOTO_OIDC_SERVER": "http://127.evil.example"}, "https://"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(given, told):
    with pytest.raises(GradPhotoError) as refused:
        school_sign_in(given)
    assert refused.value.code == "settings.wrong_value"
    assert next(iter(given)) in refused.value.message.en
    assert told in refused.value.message.en


def test_without_the_extra_the_setting_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cas", None)
    with pytest.raises(GradPhotoError) as refused:
        school_sign_in({"GRADPHOTO_CAS_SERVER": "https://cas.example.edu/cas"})
    assert "GRADPHOTO_CAS_SERVER" in refused.value.message.en
    assert "pip install 'gradphoto[cas]'" in refused.value.message.zh
    assert school_sign_in({}) == {}, "nothing else needs it"


def test_a_whole_setting_is_read():
    found = school_sign_in({
        "GRADPHOTO_CAS_SERVER": "https://cas.example.edu/cas", "GRADPHOTO_CAS_RENEW": "1", "GRADPHOTO_CAS_SIGN_OUT": "yes",
        "GRADPHOTO_CAS_SECOND_FACTOR": "authnContextClass=mfa-webauthn, x=y", "GRADPHOTO_CAS_ATTRIBUTE": "uid",
    })  # fmt: skip
    assert found == {
        "protocol": "cas", "server": "https://cas.example.edu/cas/", "name": "学校统一身份认证", "match": "username", "claim": "uid",
        "second_factor": ["authnContextClass=mfa-webauthn", "x=y"], "renew": True, "sign_out": True,
    }  # fmt: skip
