"""Turning an empty directory into a station: all of it or nothing."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.keyring import Purpose, encoded, new_keys
from gradphoto.engine.packet.box import fingerprint, load_or_create_laptop, raw_public
from gradphoto.engine.packet.durable import write_durably
from gradphoto.engine.packet.envelope import Opener, open_envelope
from gradphoto.engine.packet.envelope_errors import envelope_error
from gradphoto.engine.packet.keys import load_public
from gradphoto.engine.packet.kit import KIT_KIND, Kit
from gradphoto.engine.packet.proving import proven
from gradphoto.engine.wording import Wording


def open_kit(file: Path, data: Path, key: Path | None, passphrase: str | None, trust: Path | None) -> None:
    """Open ``file`` into ``data``. It is built beside its place and renamed: a kill in between leaves nothing."""
    if data.exists() and any(data.iterdir()):
        raise GradPhotoError(
            "capture.station_not_empty",
            Wording("这个数据目录里已有数据。", "This data directory holds data already."),
            Wording("请另选一个空目录，原有数据不会改动。", "Choose an empty directory; what is there is not touched."),
        )
    box, signing = load_or_create_laptop(key) if key else (None, None)
    opener = Opener(box, passphrase)
    trusted = [_centre_key(trust)] if trust else None
    sealed = file.read_bytes()
    proven(sealed, "envelope")
    opened = open_envelope(sealed, kind=KIT_KIND, opener=opener, now=datetime.now(UTC), trusted=trusted)
    kit = Kit.from_bytes(opened.payload)
    building = data.resolve().with_name(f"{data.name}.opening-{secrets.token_hex(4)}")
    building.mkdir(parents=True)
    try:
        alike = _build(building, kit, raw_public(opened.header.sender).hex(), signing)
        if data.exists():
            data.rmdir()
        os.replace(building, data)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    _tell(kit, data, fingerprint(opened.header.sender), checked=trust is not None, alike=alike)


def _centre_key(file: Path) -> Ed25519PublicKey:
    try:
        return load_public(file.read_bytes())
    except ValueError as error:
        raise envelope_error("not_centre_public") from error


def _build(folder: Path, kit: Kit, centre: str, own_key: Ed25519PrivateKey | None) -> bool:
    keys = {
        **new_keys(),
        Purpose.FIELD: [base64.b64decode(kit.keys.seal)],
        Purpose.BLIND_INDEX: [base64.b64decode(kit.keys.blind_index)],
        Purpose.AUDIT: [base64.b64decode(kit.keys.audit)],
        Purpose.SIGNING: [_signing_key(kit, own_key).private_bytes_raw()],
    }
    write_durably(folder / "keys.json", encoded(keys).encode(), private=True)
    write_durably(folder / "judgement.json", json.dumps({kit.campaign.photo_profile: kit.campaign.judgement}).encode())
    os.environ["GRADPHOTO_DATA"] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.station_settings"
    for name in ("GRADPHOTO_DATABASE", "GRADPHOTO_KEYS", "GRADPHOTO_KEYS_FILE", "GRADPHOTO_KEYS_DIR", "GRADPHOTO_LOG"):
        os.environ.pop(name, None)
    from gradphoto.cli.server import prepare

    prepare()
    from django.db import connections

    from gradphoto.apps.stations.opening import judges_alike, load_kit

    load_kit(kit, centre_signing=centre)
    connections.close_all()  # Windows renames no directory in which a file is open
    return judges_alike(kit)


def _signing_key(kit: Kit, own_key: Ed25519PrivateKey | None) -> Ed25519PrivateKey:
    """The key of the kit, or the laptop's own where the kit was made for that."""
    if kit.keys.signing:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(kit.keys.signing))
    if own_key is None:
        raise GradPhotoError(
            "capture.station_needs_its_key",
            Wording("这个采集箱是为本机自己的密钥制作的。", "This kit was made for the laptop's own key."),
            Wording(
                "请加上 --key，指向 gradphoto station key 生成的密钥文件。",
                "Add --key with the file that gradphoto station key made.",
            ),
        )
    return own_key


def _tell(kit: Kit, data: Path, sender: str, *, checked: bool, alike: bool) -> None:
    said = kit.campaign
    click.secho(f"采集站 {kit.station} 已就绪 ready: {said.title}", fg="green", bold=True)
    click.echo(f"  名单 list {len(kit.people)}  场次 sessions {len(kit.sessions)}")
    click.echo(
        f"  序号 numbers {said.number_first:05d}-{said.number_last:05d}  有效至 valid until {kit.expires_at[:16]}"
    )
    if not checked:
        click.secho(f"  请电话核对中心密钥指纹 compare the centre's fingerprint: {sender}", fg="yellow")
    if not alike:
        click.secho(
            "  本机软件的判定阈值与中心不同 this laptop judges by other thresholds than the centre", fg="yellow"
        )
    click.echo(f"  gradphoto station serve --data {data}")
