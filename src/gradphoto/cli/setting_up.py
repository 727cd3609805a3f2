"""The first organisation and the first administrator: everything after them is done on pages."""

from __future__ import annotations

import secrets

import click

_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""Without signs that look alike: a password is read off the screen once."""


def set_up(name: str, kind: str, code: str, username: str, display_name: str) -> None:
    """Make the root of the tree and its administrator, and show the password once."""
    from gradphoto.cli.server import prepare

    prepare()
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.orgs import actions
    from gradphoto.apps.orgs.models import OrganisationKind

    password = _made_up_password()
    root = actions.set_up(
        Actor.system("setup"), None, kind=OrganisationKind(kind), name=name, code=code, username=username,
        display_name=display_name, password=password,
    )  # fmt: skip
    click.secho(f"{root.name}：已就绪 ready", fg="green")
    _show(username, password)
    click.echo("  gradphoto serve")


def new_password(username: str) -> None:
    """For an administrator who lost theirs: nobody else could give them one."""
    from gradphoto.cli.server import prepare

    prepare()
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.orgs import actions

    password = _made_up_password()
    actions.rescue(Actor.system("setup"), None, username=username, password=password)
    _show(username, password)


def _show(username: str, password: str) -> None:
    click.echo(
        f"  用户名 user      {username}\n  密码 password   {password}   （仅显示一次，首次登录时必须修改 shown once; the first sign-in changes it）"
    )


def _made_up_password() -> str:
    """Four groups of five signs, about 115 bits."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(4))
