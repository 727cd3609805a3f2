"""Accounts begin by invitation, and a lost password is answered by one: slips as PDF, mails, once, for a while."""

import re
from datetime import timedelta

import pypdfium2
import pytest
import time_machine
import zxingcpp
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone

from gradphoto.apps.access.passwords import change_password
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs import invitations
from gradphoto.apps.orgs.actions import rescue, set_user_active, withdraw_role
from gradphoto.apps.orgs.models import Invitation, InvitationWay, Membership, Role, SecondFactorRule, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
CHOSEN = {"new": "Winter-Regen-Kiefer", "again": "Winter-Regen-Kiefer"}


@pytest.fixture
def admin(world):
    person = User.objects.create(
        username="school-admin", display_name="学校管理员", password="!", last_login=timezone.now()
    )
    Membership.objects.create(user=person, organisation=world.school, role=Role.ADMINISTRATOR)
    client = Client()
    client.force_login(person, BACKEND)
    return client


@pytest.fixture
def teacher(world):
    person = User.objects.create(username="wang", display_name="王老师", email="wang@example.edu")
    person.set_unusable_password()
    person.save()
    Membership.objects.create(user=person, organisation=world.department, role=Role.COLLEGE_OFFICER)
    return User.objects.get(pk=person.pk)


def text(answer):
    return answer.content.decode()


def printed(answer):
    """The text of a PDF and what its QR codes hold."""
    document = pypdfium2.PdfDocument(answer.content)
    words = "".join(page.get_textpage().get_text_range() for page in document)
    codes = [code.text for page in document for code in zxingcpp.read_barcodes(page.render(scale=2).to_pil())]
    return words, codes


def path_of(address):
    return re.sub(r"^https?://[^/]+", "", address)


def test_a_slip_lets_the_person_set_the_password_once(admin, teacher):
    answer = admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"})
    assert answer["Content-Type"] == "application/pdf"
    words, (link,) = printed(answer)
    assert all(said in words for said in ("王老师", "wang", "计算机学院"))
    typed = re.search(r"(?:[2-9A-Z]{5} ){3}[2-9A-Z]{5}", words)[0]
    assert link.endswith(typed.replace(" ", "") + "/")
    person = Client()
    assert person.get(path_of(link)).url == "/accounts/invitation/", "the key leaves the address bar"
    page = text(person.get("/accounts/invitation/"))
    assert all(said in page for said in ("王老师", "wang"))
    assert "两次输入不一致" in text(person.post("/accounts/invitation/", CHOSEN | {"again": "x"}))
    assert person.post("/accounts/invitation/", {"new": "wang", "again": "wang"}).status_code == 422
    assert person.post("/accounts/invitation/", CHOSEN).url == "/accounts/login/?name=wang"
    assert 'value="wang"' in text(person.get("/accounts/login/?name=wang"))
    signed = person.post("/accounts/login/", {"login": "wang", "password": CHOSEN["new"]})
    assert (signed.status_code, person.get("/").status_code) == (302, 200)
    thief = Client()
    thief.get(path_of(link))
    assert "已使用" in text(thief.get("/accounts/invitation/"))
    assert "无效、已使用或已过期" in text(thief.post("/accounts/invitation/", {"key": typed}, follow=True))
    stored = str(list(Invitation.objects.values())) + str(list(AuditEntry.objects.values()))
    assert typed.replace(" ", "") not in stored
    assert CHOSEN["new"] not in stored
    names = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"orgs.invite", "orgs.accept_invitation", "access.signed_in"} <= names


def test_the_code_of_a_slip_may_be_typed_as_people_type(admin, teacher):
    words, _ = printed(admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"}))
    typed = re.search(r"(?:[2-9A-Z]{5} ){3}[2-9A-Z]{5}", words)[0]
    person = Client()
    page = text(person.post("/accounts/invitation/", {"key": f" {typed.lower()} "}, follow=True))
    assert "王老师" in page


def test_an_invitation_expires_and_a_newer_one_replaces_it(admin, teacher):
    _, (first,) = printed(admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"}))
    _, (second,) = printed(admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"}))
    assert "无效" in text(Client().get(path_of(first), follow=True))
    assert "王老师" in text(Client().get(path_of(second), follow=True))
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        assert "无效" in text(Client().get(path_of(second), follow=True))


def test_a_forgotten_password_is_answered_by_mail_and_every_old_session_ends(admin, teacher):
    teacher.set_password("the old one, forgotten")
    teacher.save()
    old = Client()
    old.force_login(teacher, BACKEND)
    assert old.get("/").status_code == 200
    assert admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "mail"}).url == "/people/"
    (sent,) = mail.outbox
    assert (sent.to, "wang" in sent.body) == (["wang@example.edu"], True)
    link = re.search(r"https?://\S+/accounts/invitation/\w+/", sent.body)[0]
    person = Client()
    person.get(path_of(link))
    assert person.post("/accounts/invitation/", CHOSEN).status_code == 302
    assert old.get("/").status_code == 302
    assert Client().post("/accounts/login/", {"login": "wang", "password": CHOSEN["new"]}).status_code == 302


def test_a_whole_upload_of_people_is_invited_in_one_go(admin, world):
    made = [
        User.objects.create(username=f"t{n}", display_name=f"老师{n}", email="" if n else "t0@example.edu")
        for n in range(9)
    ]
    for person in made:
        Membership.objects.create(user=person, organisation=world.department, role=Role.COUNSELLOR)
    refused = admin.post("/people/", {"form": "invite", "person": [person.pk for person in made], "way": "mail"})
    assert (refused.status_code, "8 人没有邮箱" in text(refused)) == (422, True)
    assert not Invitation.objects.exists(), "nobody or all"
    words, codes = printed(
        admin.post("/people/", {"form": "invite", "person": [person.pk for person in made], "way": "slip"})
    )
    assert len(set(codes)) == 9
    assert all(person.display_name in words for person in made)
    User.objects.filter(pk=made[0].pk).update(last_login=timezone.now())
    _, codes = printed(admin.post("/people/", {"form": "invite", "all_new": "1", "way": "slip"}))
    new = User.objects.filter(memberships__organisation__path__startswith=world.school.path, last_login=None).distinct()
    assert len(codes) == new.count()


def test_people_of_other_schools_are_not_invited(admin, world):
    stranger = world.strangers[Role.COUNSELLOR]
    assert admin.post("/people/", {"form": "invite", "person": stranger.pk, "way": "slip"}).status_code == 422
    colleague = Client()
    colleague.force_login(world.people[Role.REGISTRAR], BACKEND)
    answer = colleague.post("/people/", {"form": "invite", "person": world.people[Role.COUNSELLOR].pk, "way": "slip"})
    assert answer.status_code == 403
    assert not Invitation.objects.exists()


def test_a_closed_account_ends_at_once_with_its_invitation(admin, teacher, world):
    invited = invitations.invite(world.actor(Role.ADMINISTRATOR), world.school, user=teacher, way=InvitationWay.SLIP)
    theirs = Client()
    theirs.force_login(teacher, BACKEND)
    admin.post(f"/people/{teacher.pk}/", {"form": "set_user_active", "reason": "离职"})
    assert theirs.get("/").status_code == 302
    assert invitations.live_invitation(invited.key) is None
    assert admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"}).status_code == 422


def test_the_administrator_says_which_roles_need_a_second_factor(admin, world):
    SecondFactorRule.objects.create(organisation=world.national, role=Role.AUDITOR)
    form = {"row": world.school.pk, "role": ["registrar", "head_office"]}
    assert admin.post("/people/second-factor/", form).status_code == 302
    page = text(admin.get(f"/people/second-factor/?organisation={world.school.pk}"))
    assert re.findall(r'value="(\w+)"\s+checked( disabled)?', page) == [
        ("auditor", " disabled"), ("registrar", ""), ("head_office", ""),
    ]  # fmt: skip
    assert User.objects.get(pk=world.people[Role.REGISTRAR].pk).second_factor_is_compulsory
    assert admin.post("/people/second-factor/", form | {"row": world.national.pk}).status_code == 404
    admin.post("/people/second-factor/", {"row": world.school.pk})
    assert not User.objects.get(pk=world.people[Role.REGISTRAR].pk).second_factor_is_compulsory
    detail = list(AuditEntry.objects.filter(action="orgs.require_second_factor").values_list("detail", flat=True))
    assert detail[0]["added"] == ["head_office", "registrar"]


def test_who_lost_every_factor_is_helped_by_the_administrator_with_a_reason(admin, teacher):
    Authenticator.objects.create(user=teacher, type=Authenticator.Type.TOTP, data={"secret": "x"})
    theirs = Client()
    theirs.force_login(teacher, BACKEND)
    address = f"/people/{teacher.pk}/"
    assert admin.post(address, {"form": "remove_second_factor", "reason": " "}).status_code == 422
    assert admin.post(address, {"form": "remove_second_factor", "reason": "手机丢失，已当面核实"}).status_code == 302
    assert not Authenticator.objects.filter(user=teacher).exists()
    assert theirs.get("/").status_code == 302
    entry = AuditEntry.objects.get(action="orgs.remove_second_factor")
    assert entry.detail["reason"] == "手机丢失，已当面核实"


def test_a_new_password_ends_the_slip_that_still_lies_about(admin, teacher):
    """Whoever finds an unused slip later must not come in by it: changed by the person, or given by the machine."""
    _, (link,) = printed(admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"}))
    change_password(Actor.of(teacher), teacher, password="Herbst-Regen-Kiefer", kept=None)
    finder = Client()
    finder.get(path_of(link))
    assert finder.get("/accounts/invitation/").status_code == 409
    boss = User.objects.get(username="school-admin")
    Invitation.objects.create(user=boss, key_index="x", way="slip", made_by="user:1", expires_at=teacher.date_joined)
    rescue(Actor.system("setup"), None, username=boss.username, password="Herbst-Nebel-Kiefer")
    assert not Invitation.objects.filter(ended_at=None, used_at=None).exists()


def test_the_database_holds_no_key_of_an_invitation_while_the_page_is_open(admin, teacher):
    _, (link,) = printed(admin.post("/people/", {"form": "invite", "person": teacher.pk, "way": "slip"}))
    key = link.rstrip("/").rpartition("/")[2]
    person = Client()
    person.get(path_of(link))
    assert person.get("/accounts/invitation/").status_code == 200
    assert all(key not in str(row.get_decoded()) for row in Session.objects.all())


def test_the_last_administrator_of_the_root_stays_although_a_college_has_one(world):
    User.objects.filter(memberships__role=Role.ADMINISTRATOR).update(is_active=False)
    root = User.objects.create(username="root")
    held = Membership.objects.create(user=root, organisation=world.national, role=Role.ADMINISTRATOR)
    Membership.objects.create(user=root, organisation=world.school, role=Role.ADMINISTRATOR)
    college = User.objects.create(username="college-admin")
    Membership.objects.create(user=college, organisation=world.department, role=Role.ADMINISTRATOR)
    with pytest.raises(Refusal, match=r".") as caught:
        withdraw_role(Actor.of(root), held)
    assert caught.value.code == "orgs.last_administrator"
    with pytest.raises(Refusal) as caught:
        set_user_active(Actor.of(root), world.national, user=root, active=False, reason="x")
    assert caught.value.code == "orgs.last_administrator"
    own = Membership.objects.get(user=root, organisation=world.school)
    withdraw_role(Actor.of(root), own)
    set_user_active(Actor.of(root), world.department, user=college, active=False, reason="left")
