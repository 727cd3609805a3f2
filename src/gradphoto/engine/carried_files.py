"""Files of others that packages only carry, known by their SHA-256, so that no account of a registry can change them.

The digests are those of the files as their makers give them out: Bootstrap's from npm (``bootstrap@5.3.8``), the font from
Debian's ``fonts-noto-cjk`` (docs/dependencies.md).
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

DIGESTS = {
    ("bootstrap", "css/bootstrap.min.css"): "d85327d99c7a3ee1f9b5d0500d1370acea3ad2db39c163c2f51f232baedbdede",
    ("bootstrap", "js/bootstrap.bundle.min.js"): "e4fd49181388c48ec5040bd3fe66f57c29c8e67fcd8502b3354b96ec7ab47cc7",
    (
        "noto_cjk_sans_otc",
        "NotoSansCJK-Regular.ttc",
    ): "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a",
}
"""(package, path in it) -> SHA-256."""
DEBIAN_FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


def folder_of(package: str) -> Path | None:
    """Where an installed package lies; None for one that is not installed."""
    found = find_spec(package)
    places = found.submodule_search_locations if found is not None else None
    return Path(next(iter(places))) if places else None


def font_file() -> Path:
    """The collection file of the font that every paper is set in: the package's, else Debian's."""
    folder = folder_of("noto_cjk_sans_otc")
    return folder / "NotoSansCJK-Regular.ttc" if folder is not None else DEBIAN_FONT


def changed_files() -> list[str]:
    """Carried files that are missing or are not their makers' own."""
    wrong = []
    for (package, name), digest in DIGESTS.items():
        folder = folder_of(package)
        path = font_file() if name.endswith(".ttc") else (folder or Path()) / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            wrong.append(f"{package}/{name}")
    return wrong
