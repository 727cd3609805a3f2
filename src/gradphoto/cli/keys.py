"""``gradphoto keys``: what secrets there are, and how one is replaced while everything goes on."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

import click

from gradphoto.cli.installation import open_installation
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.keyring import KEY_BYTES, Key, Purpose
from gradphoto.engine.wording import Wording

ROTATABLE = (Purpose.FIELD, *(one for one in Purpose if one is not Purpose.FIELD))
_RETIRABLE = (Purpose.SESSION, Purpose.BOX, Purpose.BLIND_INDEX)


@click.group()
def keys() -> None:
    """The keys of the installation."""


@keys.command("show")
def show() -> None:
    """Purpose, fingerprint and standing of every key; never the key itself."""
    open_installation()
    from gradphoto.apps.core.encryption import keyring

    click.echo(f"{keyring().source.place}")
    for purpose in Purpose:
        for at, key in enumerate(keyring().every(purpose)):
            click.echo(f"{purpose:<12} {key.fingerprint}  {'现用 current' if at == 0 else '仍可打开 opens still'}")


@keys.command("new")
def new() -> None:
    """Print one new key in base64, for a secret store that this program does not write to."""
    click.echo(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())


@keys.command("rotate")
@click.argument("purpose", type=click.Choice([str(one) for one in ROTATABLE]), default=str(Purpose.FIELD))
def rotate(purpose: str) -> None:
    """Replace a key. Everything goes on meanwhile; killed half-way, run it again and it goes on where it stopped.

    field: every encrypted value is sealed anew, then the earlier key is taken off the ring. blind_index: every index of an
    ID number is counted anew; the earlier key finds printed codes until they are gone. session: people stay signed in.
    audit, signing, box: earlier keys stay, to prove and open what is there.
    """
    open_installation()
    from gradphoto.apps.core import audit as trail
    from gradphoto.apps.core import key_rotation
    from gradphoto.apps.core.actors import Actor

    wanted = Purpose(purpose)
    key = key_rotation.begin(wanted)
    trail.record(Actor.system("operator"), "core.rotate_key", None, {purpose: key.fingerprint})
    click.echo(f"{purpose} {key.fingerprint}")
    if wanted is Purpose.FIELD:
        changed = key_rotation.seal_anew(lambda place, done, total: click.echo(f"  {place} {done}/{total}"))
        gone = key_rotation.finish()
        click.echo(
            f"  重新加密 sealed anew {changed}；停用 retired {', '.join(one.fingerprint for one in gone) or '—'}"
        )
    elif wanted is Purpose.BLIND_INDEX:
        _index_anew(key)
    else:
        click.echo("  请重启各服务进程 restart the servers and workers")


def _index_anew(key: Key) -> None:
    from gradphoto.apps.core import index_rotation
    from gradphoto.apps.core.encryption import keyring

    changed = index_rotation.index_anew(key, lambda place, rows: click.echo(f"  {place} {rows}"))
    gone = index_rotation.retire_borne_by_none()
    click.echo(f"  重新计算 counted anew {changed}；停用 retired {', '.join(one.fingerprint for one in gone) or '—'}")
    for earlier in keyring().every(Purpose.BLIND_INDEX)[1:]:
        _tell_borne(earlier)


def _tell_borne(key: Key) -> bool:
    """What only this key of blind indexes finds; whether there is anything."""
    from gradphoto.apps.core.index_rotation import still_under

    borne = still_under(key)
    if borne:
        click.echo(f"  {key.fingerprint} 仍用于查找 still finds: {', '.join(f'{at} {n}' for at, n in borne.items())}")
    return bool(borne)


@keys.command("retire")
@click.argument("purpose", type=click.Choice([str(one) for one in _RETIRABLE]))
@click.argument("fingerprint")
@click.option("--yes", is_flag=True, help="Do not ask what is found by this key only.")
def retire(purpose: str, fingerprint: str, yes: bool) -> None:
    """Take an earlier key off the ring: of sessions (who signed in under it signs in anew), of the box (a packet sealed
    to it opens no more), of blind indexes (a code printed under it opens nothing; print it anew)."""
    open_installation()
    from gradphoto.apps.core import key_register
    from gradphoto.apps.core.encryption import keyring

    ring = keyring()
    found = next((key for key in ring.every(Purpose(purpose))[1:] if key.fingerprint == fingerprint), None)
    if found is None:
        raise GradPhotoError(
            "keys.not_earlier",
            Wording(f"没有可停用的旧密钥 {fingerprint}。", f"There is no earlier key {fingerprint} to retire."),
            Wording("请用 gradphoto keys show 查看。", "See gradphoto keys show."),
        )
    if found.purpose is Purpose.BLIND_INDEX and _tell_borne(found) and not yes:
        click.confirm("这些将再也查不到，确定停用 These will be found no more; retire it", abort=True)
    key_register.retire(found)
    ring.retire(found.purpose, fingerprint)
    click.echo(f"{purpose} {fingerprint}")


@keys.command("public")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def public(folder: Path) -> None:
    """Write the public halves into FOLDER: for receivers of packages, kits and packets."""
    open_installation()
    from django.conf import settings

    from gradphoto.site.keys import publish_public_keys

    publish_public_keys(settings.KEYRING, folder)
    click.echo(str(folder))
