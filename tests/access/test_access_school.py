"""Sign-in by the school, by each protocol against a server that is a process of its own: what holds for both."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import reverse
from school_world import come_back, is_in, lead, link, text, try_in

from gradphoto.apps.access.school import link_school
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.actions import rescue
from gradphoto.apps.orgs.models import Role, User
from gradphoto.apps.orgs.second_factors import remove_second_factor
from verification.graduate_world import staff

pytestmark = pytest.mark.django_db


def test_it_is_offered_only_where_an_operator_set_it_up(world):
    assert "学校统一身份认证" not in text(Client().get(reverse("account_login")))
    assert Client().post(reverse("account_school")).status_code == 404
    assert Client().get("/accounts/school/callback/?code=1&state=2").status_code == 404


def test_who_linked_it_signs_in_by_it_and_roles_stay(world, school):
    assert "已关联，今后" in text(link(world))
    account = SocialAccount.objects.get()
    assert (account.user_id, account.extra_data, len(account.uid)) == (world.people[Role.REGISTRAR].pk, {}, 64)
    browser = Client()
    assert "学校统一身份认证" in text(browser.get(reverse("account_login")))
    answer = come_back(browser, lead(browser, next="/roster/"))
    assert answer.redirect_chain[-1][0].endswith("/roster/")
    assert answer.context["user"].username == "registrar"
    assert User.objects.get(username="registrar").roles == {Role.REGISTRAR}
    for action in ("access.link_school", "access.signed_in"):
        assert AuditEntry.objects.filter(action=action).exists(), action
    assert browser.post(reverse("account_logout")).headers["Location"].startswith("/"), "only the session here ends"
    assert browser.get("/roster/").status_code == 302


def test_an_unlinked_identity_opens_nothing_and_makes_nobody(world, school):
    """Not even with the very user name and a verified mail address of an account, nor with roles in what is told."""
    User.objects.filter(username="registrar").update(email="r@example.edu")
    before = User.objects.count()
    school.is_of("registrar", email="r@example.edu", email_verified=True, is_superuser=True, roles="administrator")
    answer = try_in()
    assert "还没有关联" in text(answer)
    assert not is_in(answer)
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)
    assert AuditEntry.objects.filter(action="access.school_unlinked").exists()


def test_one_identity_is_one_account(world, school, settings):
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "match": "none"}
    link(world)
    assert "已关联到另一账号" in text(link(world, Role.COUNSELLOR))
    linked = SocialAccount.objects.get()
    assert linked.user_id == world.people[Role.REGISTRAR].pk
    counsellor = world.people[Role.COUNSELLOR]
    with pytest.raises(Refusal) as refused:  # as when both come back at the same moment
        link_school(Actor.of(counsellor), counsellor, uid=linked.uid)
    assert refused.value.code == "access.school_taken"
    school.is_of("second")
    link(world)
    assert SocialAccount.objects.count() == 1, "a new one takes the place of the earlier one"
    staff(world, Role.REGISTRAR).post(reverse("account_school_unlink"))
    assert not SocialAccount.objects.exists()


def test_linking_is_told_to_the_person(world, school, django_capture_on_commit_callbacks):
    User.objects.filter(username="registrar").update(email="r@example.edu", notices_by_mail=True)
    with django_capture_on_commit_callbacks(execute=True):
        link(world)
        staff(world, Role.REGISTRAR).post(reverse("account_school_unlink"))
    assert [bool(re.search(told, one.body)) for told, one in zip(("关联了", "取消了"), mail.outbox, strict=True)] == [
        True
    ] * 2


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
def test_it_leads_nowhere_else(world, school, elsewhere):
    link(world)
    answer = try_in(next=elsewhere)
    assert is_in(answer)
    assert all("evil" not in where for where, _ in answer.redirect_chain)


def test_nobody_is_led_into_it_by_a_link_or_another_page(school):
    assert Client().get(reverse("account_school")).status_code == 405
    assert Client().post("/accounts/school/callback/").status_code == 405, "no sign-out is taken from the server"
    careful = Client(enforce_csrf_checks=True)
    for name in ("account_school", "account_school_link", "account_school_unlink"):
        assert careful.post(reverse(name)).status_code == 403, name


def test_a_closed_account_stays_closed_and_a_stranger_links_nothing(world, school):
    link(world)
    User.objects.filter(username="registrar").update(is_active=False)
    answer = try_in()
    assert "账号已停用" in text(answer)
    assert not is_in(answer)
    assert Client().post(reverse("account_school_link")).headers["Location"].startswith("/accounts/login/")


def test_who_began_to_link_and_left_links_nothing(world, school):
    """The next person at the same browser gets none of it."""
    browser = staff(world, Role.REGISTRAR)
    back = lead(browser, "account_school_link")
    browser.post(reverse("account_logout"))
    browser.force_login(world.people[Role.COUNSELLOR], "django.contrib.auth.backends.ModelBackend")
    come_back(browser, back)
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize(
    ("counts", "factor", "asked"), [(False, "mfa", True), (True, "mfa", False), (True, "sms", True)]
)
def test_the_second_factor_is_asked_unless_the_schools_counts(world, school, settings, counts, factor, asked):
    link(world)
    Authenticator.objects.create(user=world.people[Role.REGISTRAR], type=Authenticator.Type.TOTP, data={"secret": "x"})
    settings.SCHOOL_SIGN_IN = {**settings.SCHOOL_SIGN_IN, "second_factor": [school.counting] if counts else []}
    school.is_of("registrar", factor=factor)
    answer = try_in()
    assert is_in(answer) is not asked
    assert ("second-factor" in answer.redirect_chain[-1][0]) is asked


@pytest.mark.parametrize("fresh", [False, True])
def test_an_open_session_at_the_school_is_no_fresh_proof(world, school, fresh):
    """On a computer that many use, the school's session stands open: a sensitive step asks who it is."""
    link(world)
    school.is_of("registrar", fresh=fresh)
    browser = Client()
    assert is_in(come_back(browser, lead(browser)))
    begun = browser.post(reverse("account_school_link"))
    assert begun.headers["Location"].startswith("/accounts/reauthenticate/") is not fresh


def test_whoever_resets_an_account_ends_the_link(world, school):
    """Lost phone or stolen session: a stranger's identity that was linked meanwhile opens nothing afterwards."""
    link(world)
    registrar, boss = world.people[Role.REGISTRAR], world.people[Role.ADMINISTRATOR]
    remove_second_factor(Actor.of(boss), world.school, user=registrar, reason="手机丢失，已当面核实")
    assert not SocialAccount.objects.exists()
    SocialAccount.objects.create(user=boss, provider="school", uid="f" * 64)
    rescue(Actor.system("setup"), None, username=boss.username, password="a new one for today 7")
    assert not SocialAccount.objects.exists()
