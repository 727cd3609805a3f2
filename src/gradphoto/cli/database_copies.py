"""Copies of the database as one moment saw it: SQLite's own backup, or pg_dump from a shared snapshot."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from gradphoto.cli.snapshots import problem


@dataclass(frozen=True, slots=True)
class Contents:
    """What stands in the copy: names and sizes of its files, rows by table, the heads of the audit chains."""

    blobs: list[tuple[str, int]]
    counts: dict[str, int]
    chains: dict[str, list[Any]]


def copy_database(folder: Path) -> tuple[Path, Contents]:
    """Write the copy into the folder and say what it holds. The site may go on serving meanwhile."""
    if connection.vendor == "postgresql":
        return _dump_postgresql(folder / "database.dump")
    return _back_up_sqlite(folder / "database.sqlite3")


def _back_up_sqlite(target: Path) -> tuple[Path, Contents]:
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy, pages=2000, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a companion
        if (found := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise problem("damaged", f"数据库已损坏：{found}", f"The database is damaged: {found}",
                          "请从上一份备份恢复。", "Restore the last good backup.")  # fmt: skip
        contents = Contents(
            copy.execute("SELECT name, size_bytes FROM core_blob WHERE removed_at IS NULL ORDER BY 1").fetchall(),
            {table: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in _tables()},  # noqa: S608
            {str(chain): [count, digest] for chain, count, digest in copy.execute("SELECT chain, count, digest FROM core_audithead")},
        )  # fmt: skip
    return target, contents


def _dump_postgresql(target: Path) -> tuple[Path, Contents]:
    """pg_dump and our own questions look at the same exported snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        cursor.execute("SELECT name, size_bytes FROM core_blob WHERE removed_at IS NULL ORDER BY 1")
        blobs = cursor.fetchall()
        counts = {}
        for table in _tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - the models' own names
            counts[table] = cursor.fetchone()[0]
        cursor.execute("SELECT chain, count, digest FROM core_audithead")
        chains = {str(chain): [count, digest] for chain, count, digest in cursor.fetchall()}
        run_tool(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}"
        )
    return target, Contents(blobs, counts, chains)


def restore_postgresql(dump: Path) -> None:
    """Into an empty database, in one transaction."""
    run_tool("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(dump))


def run_tool(name: str, *arguments: str) -> None:
    """One of PostgreSQL's programs on this installation's database; the password goes by the environment, seen by nobody."""
    program = shutil.which(name)
    if program is None:
        raise problem("no_tool", f"找不到 {name}。", f"{name} is not found.",
                      "请安装 postgresql-client，版本不低于服务器。", "Install postgresql-client, no older than the server.")  # fmt: skip
    database = settings.DATABASES["default"]
    named = {"host": "HOST", "port": "PORT", "username": "USER"}
    options = [f"--{option}={database[key]}" for option, key in named.items() if database[key]]
    environment = {**os.environ, **({"PGPASSWORD": database["PASSWORD"]} if database["PASSWORD"] else {})}
    done = subprocess.run(  # noqa: S603 - found on the path
        [program, *options, f"--dbname={database['NAME']}", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise problem("tool_failed", f"{name} 失败：{last}", f"{name} failed: {last}",
                      "请按提示处理后重试。", "Mend what it says and try again.")  # fmt: skip


def counts_now() -> dict[str, int]:
    """Rows by table in the database that is open."""
    return dict(_counted())


def _counted() -> Iterator[tuple[str, int]]:
    with connection.cursor() as cursor:
        for table in _tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - the models' own names
            yield table, cursor.fetchone()[0]


def _tables() -> list[str]:
    return sorted(model._meta.db_table for model in apps.get_models() if model._meta.managed and not model._meta.proxy)
