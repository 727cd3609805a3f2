"""Setting a page: a Typst template and plain data in, PDF/A out.

PDF/A-2b refuses a character that no font draws. Characters of the data are therefore framed before (``fonts``): one rare
name must not stop the papers of a whole college, nor come out as an empty box.
"""

from __future__ import annotations

import functools
import io
import json
import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path

import segno
import typst

from gradphoto.engine.documents.fonts import FRAME_RULE, typst_fonts, with_frames
from gradphoto.engine.documents.marking import mark_rule
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_UNDRAWN = re.compile(r'the text `"(?P<text>.*?)"` could not be displayed', re.DOTALL)


class DocumentError(GradPhotoError):
    """A document that cannot be set."""


def typeset(
    template: str,
    data: Mapping[str, object],
    *,
    title: str,
    dated: datetime,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Set ``template`` and return the PDF.

    ``template`` is Typst source. It may ``#import "house.typ": *`` and finds ``data`` as ``#let data = json("data.json")``,
    ``title`` and ``dated`` (ISO 8601) in it; ``files`` (name -> bytes, e.g. ``qr.svg``, ``1.jpg``) lie beside it. ``dated``
    is the date of the paper, aware of its zone: the same data give the same bytes.

    Characters of ``data`` that no font draws are framed (``fonts.telling`` says which). Raises :class:`DocumentError`:
    ``documents.glyph_missing`` for one in the template itself, ``documents.template`` otherwise.
    """
    with tempfile.TemporaryDirectory(prefix="gradphoto-paper-") as folder:
        root = Path(folder)
        for name, content in (files or {}).items():
            (root / name).write_bytes(content)
        (root / "house.typ").write_text(_house(), encoding="utf-8")
        (root / "data.json").write_text(
            json.dumps(with_frames({**data, "title": title, "dated": dated.isoformat()}), ensure_ascii=False),
            encoding="utf-8",
        )
        source = root / "paper.typ"
        source.write_text(FRAME_RULE + mark_rule() + template, encoding="utf-8")
        try:
            made = typst.compile(
                source, root=root, font_paths=typst_fonts(), ignore_system_fonts=True, format="pdf",
                pdf_standards="a-2b", timestamp=int(dated.timestamp()),
            )  # fmt: skip
        except typst.TypstError as error:
            raise _explain(error) from error
    return bytes(made)


def template_text(package: str, name: str) -> str:
    """The Typst source ``name`` that lies in the Python package ``package``."""
    return resources.files(package).joinpath(name).read_text(encoding="utf-8")


def qr_svg(text: str) -> bytes:
    """A QR code (error correction M) as SVG with a quiet zone of one module; scale it in the template."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="svg", border=1, xmldecl=False)
    return out.getvalue()


@functools.cache
def _house() -> str:
    return template_text(__package__ or "", "house.typ")


def _explain(error: typst.TypstError) -> DocumentError:
    undrawn = _UNDRAWN.search(error.message)
    if undrawn is None:
        return DocumentError(
            "documents.template",
            Wording(f"文件排版失败：{error.message}", f"The document could not be set: {error.message}"),
            Wording("请把这条信息告知系统管理员。", "Show this message to your administrator."),
        )
    text = undrawn["text"]
    return DocumentError(
        "documents.glyph_missing",
        Wording(f"字库中没有这个字：{text}", f"The font has no glyph for: {text}"),
        Wording(
            "请核对该字是否为乱码或自造字；确为生僻字时请联系系统管理员更换字库。",
            "See whether it is a garbled or private-use character; if it is a real rare one, ask for another font.",
        ),
    )
