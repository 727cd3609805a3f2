"""Run as a process in an empty folder: lays down the files that README's commands name."""

from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gradphoto.demo.sitters import good_sitters, picture
from gradphoto.engine.packet import PackageItem, PackageMeta, SummaryRow, write_package
from gradphoto.engine.packet.keys import public_pem
from roster_engine.made_up_rosters import cells_of, person, workbook

Path("roster.xlsx").write_bytes(workbook({"名册": cells_of([person(n) for n in range(1, 6)])}))
photographs = Path("photographs")
photographs.mkdir()
for n, name in enumerate(good_sitters()[:2], start=1):
    (photographs / f"IMG_{n:04d}.JPG").write_bytes(picture(name))

key = Ed25519PrivateKey.generate()
Path("sender.pem").write_bytes(public_pem(key.public_key()))
made_at = datetime(2026, 4, 1, 12, tzinfo=UTC)
row = SummaryRow(
    1, "测试", "2022000001", "女", "99010120040305001X", "英语", "本科", "普通高校", "02", "示范大学", "99901"
)
with Path("package.zip").open("wb") as out:
    item = PackageItem(1, picture(good_sitters()[0]), {"source_sha256": f"{1:064x}"})
    write_package(out, [item], [row], PackageMeta("2026届", "示范大学", "学习中心", "spring", "2026-001", made_at), key)
