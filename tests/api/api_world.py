"""A school with a program that is let in, for the tests of the interface."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.test import Client

from gradphoto.apps.api.models import ApiToken
from gradphoto.apps.api.rights import rights_of
from gradphoto.apps.api.tokens import draw_secret, make_token
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.orgs.models import Membership, Role, User
from gradphoto.apps.roster.channel import confirm_channel
from world import World, made_up_id_number

ROOT = "/api/v1"


def let_in(
    world: World,
    role: Role = Role.REGISTRAR,
    *,
    stranger: bool = False,
    rights: Sequence[str] | None = None,
    days: int = 30,
) -> tuple[ApiToken, str]:
    """A token of the role's person with its secret, all rights of the role where none are named."""
    people = world.strangers if stranger else world.people
    held = Membership.objects.get(user=people[role])
    administrator = (world.stranger if stranger else world.actor)(Role.ADMINISTRATOR)
    chosen = rights_of(role) if rights is None else rights
    token = make_token(administrator, held, name="教务系统", rights=list(chosen), days=days)
    return token, draw_secret(Actor.of(User.objects.get(pk=held.user_id)), token)


class Program(Client):
    """A client with a secret, and no cookie."""

    def __init__(self, secret: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {secret}"} if secret else None)

    def ask(self, path: str, **query: Any) -> Any:
        return self.get(f"{ROOT}{path}", query)

    def tell(self, path: str, said: Any, key: str = "") -> Any:
        headers = {"Idempotency-Key": key} if key else None
        return self.post(f"{ROOT}{path}", json.dumps(said), content_type="application/json", headers=headers)


def program(world: World, role: Role = Role.REGISTRAR, **options: Any) -> Program:
    return Program(let_in(world, role, **options)[1])


def confirm(world: World, role: Role = Role.REGISTRAR) -> None:
    """The person has named school and themselves for the campaign (R95)."""
    actor = world.actor(role)
    confirm_channel(actor, world.campaign, school=world.campaign.school.name, teacher=actor.user.display_name)


def row(n: int, **other: str) -> dict[str, str]:
    """The n-th person of a roster as a program sends it."""
    return {
        "student_no": f"2022{n:06d}", "name": f"推送{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "id_number": made_up_id_number(n),
        "department": "计算机学院", "major": "计算机科学与技术", "level": "本科", "season": "spring", **other,
    }  # fmt: skip
