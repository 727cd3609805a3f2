"""The pinned dependencies against a checkout of the advisory database (issue 11: in ``make check``)."""

import runpy
from pathlib import Path

import pytest

SCRIPT = runpy.run_path(str(Path(__file__).resolve().parents[2] / "scripts" / "advisories"))
ADVISORY = """
id: PYSEC-1
modified: 2026-10-02T10:00:00Z
aliases: [CVE-1]
{more}
affected:
- package: {{ecosystem: PyPI, name: Some_Package}}
  ranges:
  - type: ECOSYSTEM
    events: [{{introduced: "5.0"}}, {{fixed: 5.0.8}}, {{introduced: "4.2"}}, {{fixed: 4.2.15}}]
  - type: ECOSYSTEM
    events: [{{introduced: "0"}}, {{last_affected: "1.1"}}]
  versions: ["3.0rc1"]
"""


@pytest.fixture
def checkout(tmp_path):
    folder = tmp_path / "vulns" / "some-package"
    folder.mkdir(parents=True)
    (folder / "PYSEC-1.yaml").write_text(ADVISORY.format(more=""))
    (folder / "PYSEC-2.yaml").write_text(ADVISORY.format(more="withdrawn: 2026-10-03T10:00:00Z").replace("[{{", "["))
    return tmp_path


@pytest.mark.parametrize(
    ("version", "status"),
    [("0.1", 1), ("1.1", 1), ("1.2", 0), ("3.0rc1", 1), ("4.2.14", 1), ("4.2.15", 0), ("5.0.7", 1), ("5.0.8", 0)],
)
def test_a_pinned_version_within_an_advisory_is_named(checkout, tmp_path, capsys, version, status):
    lock = tmp_path / "runtime.txt"
    lock.write_text(f"some.package=={version} ; python_version > '3' \\\n    --hash=sha256:00\nother==1.0\n")
    assert SCRIPT["main"](checkout, [lock]) == status
    said = capsys.readouterr().out
    assert (f"some-package {version}: PYSEC-1 CVE-1" in said) == bool(status)
    assert "2 packages" in said
    assert "2026-10-02" in said


def test_another_folder_is_refused(tmp_path):
    assert SCRIPT["main"](tmp_path, []) == 2
