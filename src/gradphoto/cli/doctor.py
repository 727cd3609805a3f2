"""``gradphoto doctor``: is this installation well? One line a finding, each with its remedy."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import click

from gradphoto.engine.environment import read_all, unknown
from gradphoto.engine.errors import GradPhotoError

_LEAST_FREE_BYTES = 2_000_000_000
_MOST_SKEW_S = 5.0
_MOST_WAIT_S = 600.0
_LEAST_DAYS_LEFT = 14


class Verdict(StrEnum):
    WELL = "well"
    NOTE = "note"
    ILL = "ill"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what was seen or should be done."""

    subject: str
    verdict: Verdict
    said: str


def well(subject: str, said: str = "") -> Finding:
    return Finding(subject, Verdict.WELL, said)


def note(subject: str, said: str) -> Finding:
    return Finding(subject, Verdict.NOTE, said)


def ill(subject: str, said: str) -> Finding:
    return Finding(subject, Verdict.ILL, said)


def examine() -> Iterator[Finding]:
    """Everything in order; what a broken part makes impossible to look at is itself a finding."""
    yield from _settings()
    looks: tuple[tuple[str, Callable[[], Iterator[Finding]]], ...] = (
        ("数据目录 data directory", _data_directory),
        ("数据库 database", _database),
        ("存储 storage", _storage),
        ("消息队列 broker", _broker),
        ("后台任务 workers", _workers),
        ("备份 backup", _backup),
        ("审计链 audit chains", _audit),
        ("统计数 totals", _totals),
        ("密钥 keys", _keys),
        ("模型 models", _models),
        ("字体 fonts", _fonts),
        ("网站地址 site address", _site_address),
    )
    for subject, look in looks:
        try:
            yield from look()
        except GradPhotoError as error:
            yield ill(subject, f"{error.message.zh} {error.message.en}")
        except Exception as error:
            yield ill(subject, f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}")


def report(*, as_json: bool) -> bool:
    """Print the findings; returns whether nothing is ill."""
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            sign, colour = {"well": ("✓", None), "note": ("!", "yellow"), "ill": ("✗", "red")}[finding.verdict]
            click.secho(f"{sign} {finding.subject}  {finding.said}".rstrip(), fg=colour)
    if as_json:
        click.echo(
            json.dumps(
                [{"subject": f.subject, "verdict": f.verdict, "said": f.said} for f in findings], ensure_ascii=False
            )
        )
    return all(finding.verdict != Verdict.ILL for finding in findings)


def _settings() -> Iterator[Finding]:
    read_all()  # a wrong one ends here, by its name
    for name in unknown():
        yield note("设置 settings", f"没有这项设置 no such setting: {name}")
    yield well("设置 settings")


def _data_directory() -> Iterator[Finding]:
    from django.conf import settings

    folder: Path = settings.DATA_DIR
    probe = folder / f".doctor-{os.getpid()}"
    probe.write_bytes(b"x")
    probe.unlink()
    free = shutil.disk_usage(folder).free
    said = f"{folder}  {free / 1e9:.1f} GB 可用 free"
    yield well("数据目录 data directory", said) if free > _LEAST_FREE_BYTES else ill("数据目录 data directory", said)
    open_to_others = [one.name for one in (folder, folder / "keys.json", folder / "gradphoto.sqlite3") if _is_open(one)]
    if open_to_others:
        yield note(
            "数据目录 data directory", f"其他账户可读 readable by others: {', '.join(open_to_others)}  (chmod go= )"
        )


def _is_open(path: Path) -> bool:
    return os.name == "posix" and path.exists() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _database() -> Iterator[Finding]:
    from django.db import connection
    from django.db.models.functions import Now

    from gradphoto.apps.core.models import Blob, Job
    from gradphoto.apps.core.probes import pending_migrations

    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    took_ms = 1000 * (time.monotonic() - began)
    yield well("数据库 database", f"{connection.vendor}  {took_ms:.0f} ms")
    if waiting := pending_migrations():
        yield ill("迁移 migrations", f"{len(waiting)} 待执行 pending: gradphoto migrate")
        return
    yield well("迁移 migrations")
    its_time = Job.objects.order_by().annotate(now=Now()).values_list("now", flat=True).first()
    if its_time is not None:
        skew = abs((datetime.now(UTC) - its_time).total_seconds())
        yield (
            well("时钟 clocks")
            if skew < _MOST_SKEW_S
            else ill("时钟 clocks", f"与数据库相差 off from the database's: {skew:.0f} s")
        )
    yield well("文件 files", f"{Blob.objects.count()}")


def _storage() -> Iterator[Finding]:
    from django.core.files.base import ContentFile
    from django.core.files.storage import storages

    storage, name = storages["blobs"], f"doctor/{os.getpid()}-{time.time_ns()}"
    storage.save(name, ContentFile(b"doctor"))
    with storage.open(name) as stream:
        same = stream.read() == b"doctor"
    storage.delete(name)
    subject = "存储 storage"
    yield (
        well(subject, type(storage).__name__)
        if same
        else ill(subject, "写入与读出不符 what was written reads otherwise")
    )


def _broker() -> Iterator[Finding]:
    from gradphoto.site.celery import app

    with app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0)
        yield well("消息队列 broker", broker.transport_cls if isinstance(broker.transport_cls, str) else "")


def _workers() -> Iterator[Finding]:
    from gradphoto.apps.core import heartbeats

    workers, backlog = heartbeats.alive(), heartbeats.backlog()
    left_alone = [queue for queue, takers in heartbeats.takers(workers).items() if not takers]
    subject = "后台任务 workers"
    said = f"{len(workers)} 运行中 running · {backlog.depth} 等待 waiting · {backlog.failed_today} 今日失败 failed within a day"
    if not workers:
        yield note(subject, f"{said}  没有运行中的后台程序 none is running: gradphoto worker")
    elif left_alone:
        names = ",".join(left_alone)
        yield ill(subject, f"{said}  无人处理的队列 nobody takes the queue: {names}: gradphoto worker --queues {names}")
    elif backlog.oldest_s > _MOST_WAIT_S:
        yield ill(subject, f"{said}  最久已等 the oldest waits {backlog.oldest_s / 60:.0f} min")
    else:
        yield well(subject, said)


def _backup() -> Iterator[Finding]:
    from gradphoto.apps.desk.operator import last_backup

    last, subject = last_backup(), "备份 backup"
    if last is None:
        yield note(subject, "从未备份 never: gradphoto backup DEST --keys FILE")
    elif last.missing:
        yield ill(subject, f"{last.made_at:%Y-%m-%d %H:%M}  存储中缺失 missing in the store: {last.missing}")
    else:
        yield (note if last.is_old else well)(subject, f"{last.made_at:%Y-%m-%d %H:%M}")


def _audit() -> Iterator[Finding]:
    from gradphoto.apps.core import audit_proof, checkpoints

    reports = audit_proof.verify(folder=checkpoints.folder() if checkpoints.folder().is_dir() else None)
    broken = [one for one in reports if not one.whole]
    subject = "审计链 audit chains"
    yield (
        ill(subject, f"{[one.chain for one in broken]} 不完整 not whole")
        if broken
        else well(subject, f"{len(reports)}")
    )


def _totals() -> Iterator[Finding]:
    from gradphoto.apps.roster.totals.recount import differences

    found, subject = differences(), "统计数 totals"
    yield (
        ill(subject, f"{len(found)} 个与逐人清点不符 differ from counting everybody: gradphoto totals --mend")
        if found
        else well(subject)
    )


def _keys() -> Iterator[Finding]:
    from gradphoto.cli.restoring import opens_numbers

    subject = "密钥 keys"
    yield (
        well(subject)
        if opens_numbers()
        else ill(subject, "打不开证件号码：不是这份数据的密钥 they do not open the ID numbers of this data")
    )


def _models() -> Iterator[Finding]:
    from gradphoto.engine.portrait.models import default_cache_dir, manifest

    folder = default_cache_dir()
    absent = [one.file for one in manifest() if not (folder / one.file).is_file()]
    subject = "模型 models"
    yield ill(subject, f"{', '.join(absent)}: gradphoto models install") if absent else well(subject, str(folder))


def _fonts() -> Iterator[Finding]:
    """The font of papers, and Bootstrap's files with it, are those of their makers."""
    from gradphoto.engine.carried_files import changed_files, font_file

    subject = "字体、样式 fonts, styles"
    wrong = changed_files()
    if wrong:
        words = f"缺失或被改动 missing or changed: {', '.join(wrong)} → pip install --force-reinstall (docs/dependencies.md)"
        yield ill(subject, words)
    else:
        yield well(subject, font_file().name)


def _site_address() -> Iterator[Finding]:
    from django.conf import settings

    from gradphoto.site.environment import SITE_URL, TRUSTED_PROXIES

    subject = "网站地址 site address"
    if not SITE_URL.read():
        yield note(subject, f"未设置 GRADPHOTO_SITE_URL is not set: {settings.SITE_URL}")
        return
    parts = urlsplit(settings.SITE_URL)
    if parts.scheme != "https":
        yield note(subject, f"{settings.SITE_URL}  没有 HTTPS no HTTPS")
        return
    if not TRUSTED_PROXIES.read():
        yield note(subject, "未设置 GRADPHOTO_TRUSTED_PROXIES is not set: 经反向代理时必须设置 needed behind a proxy")
    yield _certificate(parts.hostname or "", parts.port or 443)


def _certificate(host: str, port: int) -> Finding:
    subject = "证书 certificate"
    try:
        context = ssl.create_default_context()
        plain = socket.create_connection((host, port), 5)
        with plain, context.wrap_socket(plain, server_hostname=host) as wire:
            said = wire.getpeercert()
    except ssl.SSLCertVerificationError as error:
        return ill(subject, f"{host}: {error.verify_message}")
    except OSError as error:
        return note(subject, f"{host}:{port} 无法连接 cannot be reached: {error}")
    days = (ssl.cert_time_to_seconds(str((said or {})["notAfter"])) - time.time()) / 86400
    return (well if days > _LEAST_DAYS_LEFT else ill)(subject, f"{host} {days:.0f} 天 days left")
