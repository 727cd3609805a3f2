"""A delivery package can be checked by anyone; whatever is done to it afterwards is found."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from gradphoto.engine.packet import (
    PackageError,
    PackageItem,
    PackageMeta,
    SummaryRow,
    load_or_create_key,
    read_summary,
    verify_package,
    write_package,
    write_summary,
)
from gradphoto.engine.packet.keys import public_pem

pytestmark = pytest.mark.engine
META = PackageMeta(
    "2026届", "示范大学", "江城学习中心", "spring", "2026-001", datetime(2026, 4, 1, 12, 0, 0, tzinfo=UTC)
)
KEY = Ed25519PrivateKey.generate()


def jpeg(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 64), (shade, 197, 255)).save(out, "JPEG")
    return out.getvalue()


ITEMS = [PackageItem(n, jpeg(n * 20), {"source_sha256": f"{n:064x}"}) for n in (1, 2, 3)]
ROWS = [
    SummaryRow(
        n,
        f"测试{n}",
        f"2022{n:06d}",
        "女",
        f"99010120040305{n:03d}X",
        "英语",
        "本科",
        "普通高校",
        "02",
        "示范大学",
        "99901",
    )
    for n in (1, 2, 3)
]


def make(items=ITEMS, rows=ROWS, key=KEY) -> bytes:
    out = io.BytesIO()
    write_package(out, items, rows, META, key)
    return out.getvalue()


def rewrite(data: bytes, change) -> bytes:
    """The same zip with its files changed by ``change(dict)``."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def codes(data: bytes, **kwargs) -> set[str]:
    return {problem.code for problem in verify_package(io.BytesIO(data), **kwargs).problems}


def test_a_good_package_is_whole_and_names_its_photos_by_shooting_number():
    data = make()
    report = verify_package(io.BytesIO(data))
    assert report.ok
    assert report.photo_count == 3
    assert not report.trusted, "a signature alone says nothing of whose it is"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {"photos/00001.JPG", "汇总表.xlsx", "manifest.json", "manifest.sig"} <= set(archive.namelist())
        assert archive.read("photos/00002.JPG") == ITEMS[1].jpeg


def test_the_same_input_gives_the_same_photos_and_manifest():
    first, second = (zipfile.ZipFile(io.BytesIO(make())) for _ in range(2))
    assert first.read("photos/00001.JPG") == second.read("photos/00001.JPG")
    assert first.getinfo("manifest.json").date_time == (2026, 4, 1, 12, 0, 0)


def test_r52_the_table_has_eleven_columns_and_keeps_numbers_as_text():
    rows = read_summary(write_summary(ROWS, "江城学习中心"))
    assert rows == ROWS


def test_r152_each_row_one_photo_and_each_photo_one_row():
    for items, rows in ((ITEMS[:2], ROWS), (ITEMS, ROWS[:2]), ([*ITEMS, ITEMS[0]], ROWS), (ITEMS, [*ROWS, ROWS[0]])):
        with pytest.raises(PackageError) as caught:
            make(items, rows)
        assert caught.value.code == "packet.not_one_to_one"


def test_one_changed_byte_is_found():
    def flip(files):
        photo = bytearray(files["photos/00001.JPG"])
        photo[-5] ^= 1
        files["photos/00001.JPG"] = bytes(photo)

    assert codes(rewrite(make(), flip)) == {"packet.altered_file"}


def test_swapped_photos_are_found():
    def swap(files):
        files["photos/00001.JPG"], files["photos/00002.JPG"] = files["photos/00002.JPG"], files["photos/00001.JPG"]

    assert codes(rewrite(make(), swap)) == {"packet.altered_file"}


def test_missing_and_extra_files_are_found():
    assert codes(rewrite(make(), lambda files: files.pop("photos/00003.JPG"))) == {"packet.missing_file"}
    assert codes(rewrite(make(), lambda files: files.update({"photos/00009.JPG": b"x"}))) == {"packet.extra_file"}


def test_an_edited_table_is_found():
    def edit(files):
        files["汇总表.xlsx"] = write_summary(ROWS[:2], "江城学习中心")

    assert "packet.altered_file" in codes(rewrite(make(), edit))


def test_an_edited_manifest_breaks_the_signature():
    def edit(files):
        files["manifest.json"] = files["manifest.json"].replace(b"spring", b"autumn")

    assert codes(rewrite(make(), edit)) == {"packet.signature"}


def test_trust_is_a_matter_of_the_key_at_hand(tmp_path):
    ours = tmp_path / "ours.pem"
    ours.write_bytes(public_pem(KEY.public_key()))
    assert verify_package(io.BytesIO(make()), ours).trusted
    foreign = make(key=Ed25519PrivateKey.generate())
    assert codes(foreign) == set()
    assert codes(foreign, trusted_key=ours) == {"packet.foreign_key"}


@pytest.mark.parametrize("name", ["../evil.JPG", "/etc/evil", "a\\..\\b", "C:evil"])
def test_unsafe_paths_are_refused(name):
    assert codes(rewrite(make(), lambda files: files.update({name: b"x"}))) == {"packet.unsafe_name"}


def test_a_zip_bomb_is_refused_unread():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("photos/00001.JPG", b"\0" * 50_000_000)
    assert codes(out.getvalue()) == {"packet.bomb"}


def test_what_is_no_package_is_a_problem_and_no_crash():
    assert codes(b"hello") == {"packet.not_a_package"}
    assert codes(make()[:400]) == {"packet.not_a_package"}


def test_the_signing_key_is_made_once_and_private(tmp_path):
    path = tmp_path / "keys" / "signing.pem"
    first = load_or_create_key(path)
    assert public_pem(load_or_create_key(path).public_key()) == public_pem(first.public_key())
    assert path.stat().st_mode & 0o077 == 0
