"""What a token may be given: each right stands on permissions of the one table, and a role without them cannot give it."""

from __future__ import annotations

from dataclasses import dataclass

from gradphoto.apps.orgs.kinds import Role
from gradphoto.apps.orgs.permissions import APART, roles_of
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Right:
    """``permissions``: whoever holds one of these in a unit may be given the right there."""

    permissions: tuple[str, ...]
    words: Wording


RIGHTS: dict[str, Right] = {
    "campaigns.read": Right(("campaigns.read",), Wording("查看采集批次", "See campaigns")),
    "roster.push": Right(("roster.list",), Wording("推送名册，查看读取结果", "Push a roster, see what was read")),
    "roster.decide": Right(
        ("roster.list",), Wording("采纳名册中的新增和变化", "Take over people and changes of a roster")
    ),
    "candidates.read": Right(("roster.read",), Wording("查看毕业生及所处阶段", "See graduates and their stage")),
    "photographs.read": Right(("delivery.browse",), Wording("取毕业生照片", "Fetch photographs")),
    "verification.read": Right(("verification.read",), Wording("查看校对情况", "See verification")),
    "registration.read": Right(("registration.read",), Wording("查看注册结果", "See registration results")),
    "registration.export": Right(("registration.export",), Wording("导出注册台账", "Export the registration ledger")),
    "numbers.whole": Right(
        ("roster.whole_numbers", "registration.export"), Wording("取完整证件号码", "Get whole ID numbers")
    ),
}

ROLES = tuple(
    role for role in Role if role not in APART and any(role in roles_of(*one.permissions) for one in RIGHTS.values())
)
"""Roles that a program can be let in with: none that gives roles, none without a right."""


def rights_of(role: str) -> tuple[str, ...]:
    """The rights that a role can give to a program."""
    return tuple(name for name, one in RIGHTS.items() if role in roles_of(*one.permissions))
