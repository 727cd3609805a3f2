"""``gradphoto restore``: a snapshot into an empty place, proven."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from gradphoto.cli.snapshots import Manifest, newest, open_keys, problem
from gradphoto.engine.packet.durable import write_durably
from gradphoto.site.environment import DATA, DATABASE, KEYS, KEYS_DIR
from gradphoto.site.starting import start_django


def restore(source: Path, keys_file: Path | None, passphrase: str | None, *, verify: bool) -> bool:
    """Fill the empty data directory (and database) of the settings from the newest snapshot, or the one that is named.

    Returns whether everything was proven. Nothing is written before the snapshot is known to be whole.
    """
    snapshot = source if (source / "manifest.json").is_file() else newest(source)
    manifest = Manifest.read(snapshot)
    store = snapshot.parent.parent / "blobs"
    digests = _check(snapshot, manifest, store)
    data = DATA.read().resolve()
    _require_empty(data)
    _require_engine(manifest)
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    _restore_keys(data, keys_file, passphrase)
    shutil.copytree(snapshot / "files", data, dirs_exist_ok=True)
    if manifest.engine == "sqlite3":
        _copy(snapshot / manifest.database_file, data / "gradphoto.sqlite3")
    _open_site()
    from gradphoto.cli.backing_up import fingerprints

    if fingerprints() != manifest.key_fingerprints:
        raise problem("other_keys", "这些密钥不是备份时的密钥，数据无法读取。", "These are not the keys of the backup: they do not open its data.",
                      "请用 --keys 给出与备份一起保存的密钥文件，清空目标目录后重试。",
                      "Give the key file of that backup with --keys, empty the target and try again.")  # fmt: skip
    if manifest.engine == "dump":
        _restore_database(snapshot / manifest.database_file)
    _restore_blobs(store, digests)
    click.secho(f"已恢复 restored: {snapshot.name} → {data}", fg="green")
    return prove(manifest) if verify else True


def _check(snapshot: Path, manifest: Manifest, store: Path) -> list[str]:
    """The snapshot's files are those of its manifest, and every blob it needs is there with the right size."""
    database = snapshot / manifest.database_file
    with database.open("rb") as stream:
        same = hashlib.file_digest(stream, "sha256").hexdigest() == manifest.database_sha256
    listed = (snapshot / "blobs.txt").read_bytes()
    if not same or hashlib.sha256(listed).hexdigest() != manifest.blobs_sha256:
        raise problem("altered", f"备份 {snapshot.name} 已损坏或被改动。", f"The backup {snapshot.name} is damaged or was altered.",
                      "请使用另一份备份。", "Use another snapshot.")  # fmt: skip
    digests = [one for one in listed.decode().split() if one not in set(manifest.missing)]
    absent = [one for one in digests if not (store / one[:2] / one[2:4] / one).is_file()]
    if absent:
        raise problem("blobs_missing", f"备份中缺少 {len(absent)} 个文件。", f"{len(absent)} files are not in the backup.",
                      "请补齐 blobs 文件夹，或使用另一份备份。", "Complete its blobs folder, or use another snapshot.")  # fmt: skip
    return digests


def _require_empty(data: Path) -> None:
    if data.exists() and any(data.iterdir()):
        raise problem("not_empty", f"{data} 不是空目录，未作改动。", f"{data} is not empty; nothing was done.",
                      "请用 GRADPHOTO_DATA 指定一个空目录。", "Name an empty one with GRADPHOTO_DATA.")  # fmt: skip


def _require_engine(manifest: Manifest) -> None:
    wanted = "dump" if DATABASE.read() else "sqlite3"
    if manifest.engine != wanted:
        raise problem("other_engine", "备份所用的数据库种类与当前设置不同。", "The backup is of another kind of database than the settings name.",
                      "SQLite 备份恢复时不设 GRADPHOTO_DATABASE，PostgreSQL 备份须设置它。",
                      "Unset GRADPHOTO_DATABASE for a backup of SQLite; set it for one of PostgreSQL.")  # fmt: skip


def _restore_keys(data: Path, keys_file: Path | None, passphrase: str | None) -> None:
    """The ring becomes ``keys.json`` unless the settings name another place for it, which then must hold the right one."""
    if keys_file is None or passphrase is None:
        return
    ring, files = open_keys(keys_file.read_bytes(), passphrase)
    if not KEYS.read() and not KEYS_DIR.read():
        write_durably(data / "keys.json", ring.encode(), private=True)
    for name, content in files.items():
        write_durably(data / Path(name).name, content, private=True)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as stream:
        write_durably(target, iter(lambda: stream.read(1 << 20), b""), private=True)


def _open_site() -> None:
    start_django()


def _restore_database(dump: Path) -> None:
    from django.db import connection

    from gradphoto.cli.database_copies import restore_postgresql

    if connection.introspection.table_names():
        raise problem("not_empty", "数据库不是空的，未作改动。", "The database is not empty; nothing was done.",
                      "请新建一个空数据库。", "Create an empty one.")  # fmt: skip
    restore_postgresql(dump)


def _restore_blobs(store: Path, digests: list[str]) -> None:
    from django.core.files import File
    from django.core.files.storage import storages

    from gradphoto.apps.core.blobs import name_of

    for digest in digests:
        if not storages["blobs"].exists(name_of(digest)):
            with (store / name_of(digest)).open("rb") as stream:
                storages["blobs"].save(name_of(digest), File(stream))


def prove(manifest: Manifest) -> bool:
    """Every audit chain, every row count, every file, and that the keys open the ID numbers. Prints; returns whether all is well."""
    from gradphoto.apps.core import audit_proof, checkpoints
    from gradphoto.cli.database_copies import counts_now

    counts = counts_now()
    rows = {name: (want, counts.get(name)) for name, want in manifest.counts.items() if counts.get(name) != want}
    reports = audit_proof.verify(folder=checkpoints.folder() if checkpoints.folder().is_dir() else None)
    heads = {str(report.chain): report.entries for report in reports}
    cut = [chain for chain, (entries, _) in manifest.chains.items() if heads.get(chain) != entries]
    damaged = list(_damaged(set(manifest.missing)))
    remade, differ = remake_some()
    findings: tuple[tuple[str, bool, str, object], ...] = (
        ("行数 rows", not rows, f"{sum(manifest.counts.values())}", rows),
        ("审计链 audit chains", all(one.whole for one in reports) and not cut, f"{len(reports)}", cut),
        ("文件 files", not damaged, f"{manifest.blobs - len(manifest.missing)}", damaged[:5]),
        ("密钥 keys", opens_numbers(), "", []),
        ("重制照片 portraits made again", not differ, f"{remade}", differ),
    )
    for title, well, number, trouble in findings:
        click.secho(
            f"  {'✓' if well else '✗'} {title} {number}{'' if well else f' {trouble}'}", fg=None if well else "red"
        )
    if manifest.missing:
        click.secho(f"  备份时已缺失 missing already when it was made: {len(manifest.missing)}", fg="yellow")
    return all(well for _, well, _, _ in findings)


def _damaged(missing: set[str]) -> Iterator[str]:
    """Files that are not whole: photographs by their SHA-256, encrypted files by the seal of every piece."""
    from gradphoto.apps.core import blobs
    from gradphoto.apps.core.models import Blob
    from gradphoto.engine.errors import GradPhotoError

    for blob in Blob.objects.filter(removed_at=None).exclude(pk__in=missing).order_by("pk").iterator(chunk_size=500):
        try:
            blobs.open_proven(blob).close()
        except (GradPhotoError, OSError):
            yield blob.name


def remake_some(most: int = 6) -> tuple[int, list[str]]:
    """Make a few portraits again from their sources: how many came out the same, and why others did not.

    Those of an earlier pipeline are left out: only the program of that time makes them again.
    """
    from gradphoto.apps.core import blobs
    from gradphoto.apps.delivery.models import Portrait
    from gradphoto.engine.errors import GradPhotoError
    from gradphoto.engine.portrait.pipeline import PIPELINE_VERSION
    from gradphoto.engine.portrait.remake import read_provenance, remake
    from gradphoto.engine.standards.profiles import load_profile

    made, differ = 0, []
    present = Portrait.objects.filter(pipeline_version=PIPELINE_VERSION).select_related("frame__blob", "blob")
    for portrait in present.order_by("?")[:most]:
        try:
            source = blobs.read(portrait.frame.blob)
            again = remake(source, read_provenance(portrait.provenance), load_profile(portrait.profile))
            if hashlib.sha256(again).hexdigest() != portrait.blob.name:
                differ.append(f"{portrait.pk}")
            made += 1
        except GradPhotoError as error:
            differ.append(f"{portrait.pk}: {error.code}")
    return made, differ


def opens_numbers() -> bool:
    """Whether the keys open what is encrypted: the first and the last row of every encrypted column; true where there is none."""
    from django.apps import apps

    from gradphoto.apps.core.encryption import EncryptedTextField
    from gradphoto.engine.errors import GradPhotoError

    for model in apps.get_models():
        for column in (one for one in model._meta.get_fields() if isinstance(one, EncryptedTextField)):
            rows = model._default_manager.order_by("pk")
            for row in filter(None, (rows.first(), rows.last())):
                try:
                    if (value := getattr(row, column.name)) is not None:
                        value.decrypt()
                except GradPhotoError:
                    return False
    return True
