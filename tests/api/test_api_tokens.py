"""Tokens: who makes them, who draws the secret, what they open, and what ends them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api.api_world import ROOT, Program, let_in, program
from gradphoto.apps.access.models import AccessAttempt
from gradphoto.apps.api.authentication import actor_of
from gradphoto.apps.api.models import ApiToken, TokenState
from gradphoto.apps.api.tokens import draw_secret, make_token, revoke_token
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Membership, Role, User
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.registration.models import LedgerEntry
from verification.graduate_world import staff
from world import add_candidate

pytestmark = pytest.mark.django_db


def held_by(world, role):
    return Membership.objects.get(user=world.people[role])


def test_the_secret_is_shown_once_to_its_person_and_kept_nowhere(world):
    administrator, registrar = staff(world, Role.ADMINISTRATOR), staff(world, Role.REGISTRAR)
    made = administrator.post(reverse("api:tokens"), {
        "form": "make_token", "name": "教务系统", "membership": held_by(world, Role.REGISTRAR).pk,
        "rights": ["candidates.read"], "days": 30,
    })  # fmt: skip
    assert made.status_code == 302
    token = ApiToken.objects.get()
    assert token.key_index == ""
    drawn = registrar.post(reverse("api:mine"), {"form": "draw_secret", "row": token.pk})
    secret = drawn.context["secret"]
    assert secret in drawn.content.decode()
    assert "no-store" in drawn.headers["Cache-Control"]
    assert secret not in registrar.get(reverse("api:mine")).content.decode()
    assert secret not in administrator.get(reverse("api:tokens")).content.decode()
    token.refresh_from_db()
    assert secret not in str(ApiToken.objects.values().get())
    assert secret not in str(list(AuditEntry.objects.values()))
    assert Program(secret).ask("/candidates").status_code == 200


def test_nobody_else_draws_the_secret_and_no_administrator_lets_themselves_in(world):
    administrator = world.actor(Role.ADMINISTRATOR)
    token = make_token(administrator, held_by(world, Role.REGISTRAR), name="x", rights=["candidates.read"], days=1)
    for other in (administrator, world.actor(Role.COUNSELLOR), world.stranger(Role.REGISTRAR)):
        with pytest.raises(PermissionRefusal):
            draw_secret(other, token)
    posted = staff(world, Role.ADMINISTRATOR).post(reverse("api:mine"), {"form": "draw_secret", "row": token.pk})
    assert posted.status_code == 404
    with pytest.raises(PermissionRefusal):
        make_token(administrator, held_by(world, Role.ADMINISTRATOR), name="x", rights=["campaigns.read"], days=1)
    other = User.objects.create(username="second administrator")
    second = Membership.objects.create(user=other, organisation=world.national, role=Role.ADMINISTRATOR)
    with pytest.raises(InvalidInput, match="role_without_rights"):
        make_token(administrator, second, name="x", rights=["campaigns.read"], days=1)


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.COUNSELLOR, Role.AUDITOR])
def test_only_an_administrator_at_or_above_the_unit_makes_one(world, role):
    for actor in (world.actor(role), world.stranger(Role.ADMINISTRATOR)):
        with pytest.raises(PermissionRefusal):
            make_token(actor, held_by(world, Role.COLLEGE_OFFICER), name="x", rights=["candidates.read"], days=1)


def test_no_right_beyond_the_role(world):
    with pytest.raises(InvalidInput, match="right_beyond_role"):
        make_token(
            world.actor(Role.ADMINISTRATOR), held_by(world, Role.COUNSELLOR), name="x", rights=["roster.push"], days=1
        )
    with pytest.raises(InvalidInput, match="days_out_of_range"):
        make_token(
            world.actor(Role.ADMINISTRATOR), held_by(world, Role.REGISTRAR), name="x", rights=["roster.push"], days=4000
        )


def _gone(world, token, registrar):
    Membership.objects.filter(user=registrar).update(organisation=world.strange_school)


def _closed(world, token, registrar):
    User.objects.filter(pk=registrar.pk).update(is_active=False)


def _expired(world, token, registrar):
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))


def _revoked(world, token, registrar):
    revoke_token(world.actor(Role.ADMINISTRATOR), token)


def _archived(world, token, registrar):
    world.school.archived_at = timezone.now()
    world.school.save()


def _redrawn(world, token, registrar):
    draw_secret(world.actor(Role.REGISTRAR), token)


@pytest.mark.parametrize("end", [_gone, _closed, _expired, _revoked, _archived, _redrawn])
def test_a_token_ends_with_what_it_stands_on(world, end):
    token, secret = let_in(world)
    assert Program(secret).ask("/candidates").status_code == 200
    end(world, token, world.people[Role.REGISTRAR])
    answer = Program(secret).ask("/candidates")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["code"] in ("api.token_over", "api.token_wrong")
    assert answer.json()["remedy"]["zh"]


def test_a_token_is_its_person_with_one_role_only(world):
    """Who asks does not approve: a program counts as its person, and holds nothing of the person's other roles."""
    registrar = world.people[Role.REGISTRAR]
    Membership.objects.create(user=registrar, organisation=world.school, role=Role.HEAD_OFFICE)
    Membership.objects.create(user=registrar, organisation=world.strange_school, role=Role.REGISTRAR)
    token = make_token(
        world.actor(Role.ADMINISTRATOR), Membership.objects.get(user=registrar, role=Role.HEAD_OFFICE),
        name="x", rights=["registration.read"], days=1,
    )  # fmt: skip
    actor = actor_of(token, token.membership())
    assert actor.user.roles == {Role.HEAD_OFFICE}
    assert is_same_person(actor, registrar)
    assert is_same_person(Actor.of(registrar), actor.key)
    assert changeable(actor, LedgerEntry, "registration.propose").query.where is not None
    assert not changeable(actor, type(world.school)).filter(pk=world.strange_school.pk).exists()
    assert User.objects.get(pk=registrar.pk).roles == {Role.HEAD_OFFICE, Role.REGISTRAR}


def test_a_right_that_was_not_given_is_refused_and_on_record(world):
    answer = program(world, rights=["campaigns.read"]).ask("/candidates")
    assert (answer.status_code, answer.json()["code"]) == (403, "api.right_missing")
    assert AuditEntry.objects.filter(action="core.refuse", detail__step="api:candidates.read").exists()


def test_wrong_tokens_are_slowed_down_and_right_ones_are_not(world):
    secret = let_in(world)[1]
    answers = [Program("gradphoto_" + "0" * 64).ask("/campaigns") for _ in range(12)]
    assert [one.status_code for one in answers][:10] == [401] * 10
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert Program(secret).ask("/campaigns").status_code == 200
    assert AccessAttempt.objects.filter(entry_point="program").count() == 12


def test_no_cookie_opens_the_interface_and_no_other_scheme(world):
    secret = let_in(world)[1]
    assert staff(world, Role.REGISTRAR).get(f"{ROOT}/campaigns").status_code == 401
    for header in (f"Basic {secret}", secret, "Bearer", "Bearer  ", f"Bearer {secret}x", "Bearer " + "é" * 9):
        assert Client(headers={"Authorization": header}).get(f"{ROOT}/campaigns").status_code in (401, 429), header


def test_so_many_requests_a_minute(world, settings):
    settings.API_REQUESTS_A_MINUTE = 3
    token, secret = let_in(world)
    answers = [Program(secret).ask("/campaigns") for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert answers[-1].json()["code"] == "api.too_many_requests"
    ApiToken.objects.filter(pk=token.pk).update(window_at=timezone.now() - timedelta(minutes=2))
    assert Program(secret).ask("/campaigns").status_code == 200
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert token.state is TokenState.LIVE


def test_what_a_program_does_is_on_record_with_its_token(world):
    add_candidate(world, 1)
    token, secret = let_in(world)
    found = Program(secret).tell("/candidates/look-up", {
        "campaign": world.campaign.pk, "student_numbers": ["2022000001"], "whole_numbers": True,
    })  # fmt: skip
    assert len(found.json()["items"][0]["id_number"]) == 18
    entry = AuditEntry.objects.get(action="api.read_whole_numbers")
    assert entry.detail["token"] == token.pk
    assert entry.actor == f"user:{token.person_id}"
    assert "教务系统" in entry.actor_label


def test_pages_of_the_description_load_nothing_from_elsewhere(world):
    client = staff(world, Role.REGISTRAR)
    page = client.get("/interface/description/").content.decode()
    assert "/api/v1/candidates/{pk}/photograph" in page
    assert "https://" not in page.partition("<main")[2]
    assert client.get("/interface/openapi.json").json()["openapi"].startswith("3.")
