"""A database of the released version, with data in it, is brought to the newest and read (issue 12, section 7).

The released state is recorded by ``scripts/record_release`` (docs/contributing.md): the last migration of each app, the
rows of every table, the keys that the ID numbers are encrypted with.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from serving import environment
from test_site_backup import database

from forked import forge

HERE = Path(__file__).parent
RELEASED = HERE / "released"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def test_a_database_of_the_release_is_brought_to_the_newest_and_loses_nothing(kind, tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    shutil.copyfile(RELEASED / "keys.json", data / "keys.json")
    (data / "keys.json").chmod(0o600)
    with database(kind) as created:
        given = created("released")
        done = forge().run([], environment(data, **given), script=HERE / "upgrade_released.py")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
    rows = {table: len(one["rows"]) for table, one in json.loads((RELEASED / "rows.json").read_text()).items()}
    lost = {
        table: count for table, count in rows.items() if table in found["counts"] and found["counts"][table] < count
    }
    assert lost == {}
    assert found["vendor"] == kind
    assert found["registered"] == [1, "测试乙", "2026届图像采集"]
    assert len(found["id_number"]) == 18
    assert found["cases"] == ["confirmed", "open"]
    assert found["check_ins"] == ["confirmed"] * 4
    assert found["frames"] == ["accepted"] * 4
    assert found["make_up"] == [["applied", "教务处"]]
    assert found["ledger_stands"], "the triggers stand again after the migration"
    assert (found["missing_triggers"], found["earlier_triggers"], found["totals"]) == ([], [], [])
    assert found["audit_faults"] == []


def test_a_released_migration_is_never_taken_away():
    """What was released is in every later state: a change is a migration of its own."""
    for app, name in json.loads((RELEASED / "migrations.json").read_text()).items():
        assert (HERE.parents[1] / "src" / "gradphoto" / "apps" / app / "migrations" / f"{name}.py").is_file(), app
