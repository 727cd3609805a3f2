"""Writing a delivery package: ``photos/<shooting number>.JPG``, the summary table, provenance, manifest, signature."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet.keys import key_id, public_pem
from gradphoto.engine.packet.manifest import FileEntry, Manifest, PackageMeta, file_entry
from gradphoto.engine.packet.summary import SummaryRow, doubtful_numbers, number_label, write_summary
from gradphoto.engine.wording import Wording

SUMMARY_NAME = "汇总表.xlsx"
PROVENANCE_NAME = "provenance.json"
MANIFEST_NAME = "manifest.json"
SIGNATURE_NAME = "manifest.sig"
PUBLIC_KEY_NAME = "public_key.pem"


@dataclass(frozen=True, slots=True)
class PackageItem:
    """One photo with the record of how it was made."""

    shooting_number: int
    jpeg: bytes
    provenance: Mapping[str, Any]


class PackageError(GradPhotoError):
    """Photos and table do not belong together; nothing is delivered like this."""


def photo_path(shooting_number: int) -> str:
    """Where a photo stands in the package (R118)."""
    return f"photos/{number_label(shooting_number)}.JPG"


def write_package(
    stream: IO[bytes],
    items: Iterable[PackageItem],
    rows: Sequence[SummaryRow],
    meta: PackageMeta,
    signing_key: Ed25519PrivateKey,
) -> Manifest:
    """Write the zip to ``stream`` and return its manifest. The same input gives the same bytes.

    Photos are taken one by one, so a large package needs no large memory. Raises :class:`PackageError`
    (``packet.not_one_to_one``) unless each row has exactly one photo and each photo one person (R98, R152): somebody
    in two programmes has a row for each of them and one photo.
    """
    files: list[FileEntry] = []
    provenance: dict[str, Any] = {}
    with zipfile.ZipFile(stream, "w") as archive:

        def add(path: str, data: bytes, shooting_number: int | None = None) -> None:
            files.append(file_entry(path, data, shooting_number))
            _write(archive, path, data, meta)

        for item in items:
            label = number_label(item.shooting_number)
            if label in provenance:
                raise _not_one_to_one()
            provenance[label] = dict(item.provenance)
            add(photo_path(item.shooting_number), item.jpeg, item.shooting_number)
        if doubtful_numbers(rows) or {number_label(row.shooting_number) for row in rows} != set(provenance):
            raise _not_one_to_one()
        add(SUMMARY_NAME, write_summary(rows, meta.centre_name))
        add(PROVENANCE_NAME, json.dumps(provenance, ensure_ascii=False, sort_keys=True, indent=1).encode())
        manifest = Manifest(meta, tuple(files), key_id(signing_key.public_key()))
        signed = manifest.to_bytes()
        _write(archive, MANIFEST_NAME, signed, meta)
        _write(archive, SIGNATURE_NAME, signing_key.sign(signed), meta)
        _write(archive, PUBLIC_KEY_NAME, public_pem(signing_key.public_key()), meta)
    return manifest


def _write(archive: zipfile.ZipFile, path: str, data: bytes, meta: PackageMeta) -> None:
    entry = zipfile.ZipInfo(path, date_time=meta.made_at.timetuple()[:6])
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    # JPEG does not shrink; storing it keeps the package quick to write and to read.
    entry.compress_type = zipfile.ZIP_STORED if path.endswith(".JPG") else zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)


def _not_one_to_one() -> PackageError:
    return PackageError(
        "packet.not_one_to_one",
        Wording("照片与汇总表不是一一对应。", "Photos and summary table do not match one to one."),
        Wording("请检查拍摄序号后重新制作。", "Check the shooting numbers and make it again."),
    )
