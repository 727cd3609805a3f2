"""``gradphoto backup``: one moment of the whole installation, while it serves."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import click
from django.conf import settings
from django.core.files.storage import storages

from gradphoto import __version__
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.desk.operator import LAST_BACKUP
from gradphoto.cli.database_copies import copy_database
from gradphoto.cli.snapshots import Manifest, is_kept, is_secret, problem, seal_keys
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.keyring import encoded
from gradphoto.engine.packet.durable import sync_folder, write_durably
from gradphoto.site.keys import key_source

_CHUNK = 1 << 20


def free_stamp(place: Path, now: datetime) -> str:
    """The name of a snapshot begun ``now``: its second (UTC), or the next one that no snapshot has."""
    while (place / (stamp := now.strftime("%Y%m%dT%H%M%SZ"))).exists():
        now += timedelta(seconds=1)
    return stamp


def back_up(destination: Path, keys_file: Path | None, passphrase: str | None, keep: int | None) -> bool:
    """Write a snapshot; returns whether every file it needs was there. A kill leaves the earlier ones as they are."""
    if keys_file is not None and keys_file.resolve().is_relative_to(destination.resolve()):
        raise problem("keys_beside", "密钥不能与备份放在一起。", "Keys do not go beside the backup.",
                      "请把 --keys 指向另一处。", "Name another place with --keys.")  # fmt: skip
    place = destination / "snapshots"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in place.glob(".*.part"):
        shutil.rmtree(left)
    stamp = free_stamp(place, datetime.now(UTC))
    building = place / f".{stamp}.part"
    building.mkdir(mode=0o700)
    manifest = _write(building, destination / "blobs", stamp)
    write_durably(building / "manifest.json", manifest.as_json(), private=True)
    os.replace(building, place / stamp)
    sync_folder(place)
    noted = {"made_at": datetime.now(UTC).isoformat(), "missing": len(manifest.missing)}
    write_durably(settings.DATA_DIR / LAST_BACKUP, json.dumps(noted).encode())
    _tell(place / stamp, manifest)
    if keys_file is not None and passphrase:
        write_keys(keys_file, passphrase)
    else:
        click.secho(
            "未备份密钥：没有密钥就读不出证件号码 without --keys the keys are not backed up", fg="yellow", err=True
        )
    if keep:
        forget_old(destination, keep)
    return not manifest.missing


def _write(building: Path, store: Path, stamp: str) -> Manifest:
    _copy_files(
        building / "files"
    )  # first: a checkpoint of the trail must not know more than the database that follows
    copied, contents = copy_database(building)
    with contextlib.suppress(OSError):  # a stick that another account has mounted keeps no rights of files
        copied.chmod(0o600)
    missing = [digest for digest, _ in contents.blobs if not _keep_blob(store, digest)]
    listed = "".join(f"{digest}\n" for digest, _ in contents.blobs).encode()
    write_durably(building / "blobs.txt", listed, private=True)
    return Manifest(
        made_at=stamp, version=__version__, engine=copied.suffix.lstrip("."), database_file=copied.name,
        database_sha256=_sha256(copied), blobs=len(contents.blobs), blobs_bytes=sum(size for _, size in contents.blobs),
        blobs_sha256=hashlib.sha256(listed).hexdigest(), missing=missing, counts=contents.counts, chains=contents.chains,
        key_fingerprints=fingerprints(),
    )  # fmt: skip


def fingerprints() -> list[str]:
    """By which keys the data can be read: a restore with others is refused."""
    from gradphoto.engine.keyring import Purpose

    ring = settings.KEYRING
    return sorted(
        key.fingerprint
        for purpose in (Purpose.FIELD, Purpose.BLIND_INDEX, Purpose.AUDIT)
        for key in ring.every(purpose)
    )


def _keep_blob(store: Path, name: str) -> bool:
    """Copy a file once, as it lies in the store (what is encrypted there stays so), and prove what was copied.

    Returns whether it was there and whole. A file that is in the backup already was proven when it came.
    """
    target = store / blobs.name_of(name)
    if target.is_file():
        return True
    try:
        blob = Blob.objects.get(pk=name)
        with storages["blobs"].open(blobs.name_of(name)) as stream:
            write_durably(target, _chunks(stream), private=True)
        blobs.open_proven(blob).close()
    except (GradPhotoError, OSError, Blob.DoesNotExist):
        target.unlink(missing_ok=True)
        return False
    return True


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while data := stream.read(_CHUNK):
        yield data


def _copy_files(target: Path) -> None:
    """What the data directory holds beside database, photographs and keys: outbox, checkpoints, public keys."""
    target.mkdir(mode=0o700)
    for one in sorted(settings.DATA_DIR.iterdir()):
        if not is_kept(one):
            continue
        if one.is_dir():
            shutil.copytree(
                one, target / one.name, ignore=lambda folder, names: [n for n in names if is_secret(Path(n))]
            )
        else:
            shutil.copy2(one, target / one.name)


def write_keys(file: Path, passphrase: str) -> None:
    """Key ring and private key files, sealed."""
    ring = encoded(key_source(settings.DATA_DIR).read())
    files = {
        one.name: one.read_bytes() for one in settings.DATA_DIR.iterdir() if is_secret(one) and one.name != "keys.json"
    }
    write_durably(file, seal_keys(ring, files, passphrase), private=True)
    click.echo(f"密钥 keys: {file}   （口令另存 keep the passphrase elsewhere）")


def forget_old(destination: Path, keep: int) -> None:
    """Remove all but the newest snapshots, and the files that none of them names."""
    place = destination / "snapshots"
    whole = sorted(one.parent for one in place.glob("*/manifest.json"))
    for old in whole[:-keep]:
        shutil.rmtree(old)
    named = {line for kept in whole[-keep:] for line in (kept / "blobs.txt").read_text(encoding="utf-8").split()}
    for file in (destination / "blobs").rglob("*"):
        if file.is_file() and file.name not in named:
            file.unlink()


def _tell(snapshot: Path, manifest: Manifest) -> None:
    click.secho(f"{snapshot}", fg="green")
    click.echo(
        f"  数据库 database {sum(manifest.counts.values())} 行 rows · 文件 files {manifest.blobs} "
        f"({manifest.blobs_bytes / 1e6:.1f} MB) · 审计链 chains {len(manifest.chains)}"
    )
    if manifest.missing:
        click.secho(f"  存储中缺失或损坏 missing or damaged in the store: {len(manifest.missing)}", fg="red", err=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
