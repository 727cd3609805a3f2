"""Print sheets with cut lines and contact sheets, as PDF/A: the portrait files as they are, at their true size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gradphoto.engine.documents import typeset
from gradphoto.engine.documents.typeset import template_text
from gradphoto.engine.portrait.errors import photo_error
from gradphoto.engine.portrait.verdict import Outcome
from gradphoto.engine.standards.profiles import PhotoProfile
from gradphoto.engine.wording import Wording

_MM_PER_INCH = 25.4
_CAPTION_MM, _GAP_MM, _MARGIN_MM = 5.0, 2.0, 4.0


@dataclass(frozen=True, slots=True)
class Paper:
    """Width and height in mm; it may be turned."""

    code: str
    title: Wording
    width_mm: float
    height_mm: float


PAPERS = {
    paper.code: paper
    for paper in (
        Paper("5inch", Wording("5寸", "5 inch"), 89.0, 127.0),
        Paper("6inch", Wording("6寸", "6 inch"), 102.0, 152.0),
        Paper("a4", Wording("A4", "A4"), 210.0, 297.0),
    )
}
"""What photographs are printed on in Chinese shops, and A4."""


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One person's portrait file with what stands under it; ``outcome`` colours the frame on a contact sheet."""

    name: str
    number: str
    jpeg: bytes
    outcome: Outcome = Outcome.PASS


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """How many fit on a sheet, and whether it is turned."""

    columns: int
    rows: int
    turned: bool
    photo_width_mm: float
    photo_height_mm: float

    @property
    def count(self) -> int:
        return self.columns * self.rows


def layout_for(paper: Paper, profile: PhotoProfile) -> SheetLayout:
    """The way of laying the profile's true size on the paper that holds the most; raises ``portrait.sheet_too_small``."""
    width, height = (side / profile.dpi * _MM_PER_INCH for side in (profile.width_px, profile.height_px))
    ways = []
    for turned in (False, True):
        across, down = (paper.height_mm, paper.width_mm) if turned else (paper.width_mm, paper.height_mm)
        columns = int((across - 2 * _MARGIN_MM + _GAP_MM) // (width + _GAP_MM))
        rows = int((down - 2 * _MARGIN_MM + _GAP_MM) // (height + _CAPTION_MM + _GAP_MM))
        ways.append(SheetLayout(columns, rows, turned, width, height))
    best = max(ways, key=lambda way: (way.count, not way.turned))
    if best.count == 0:
        raise photo_error(
            "sheet_too_small",
            f"{paper.title.zh} 纸放不下一张照片。",
            f"Not one photograph fits on {paper.title.en} paper.",
            Wording("请换大一号的纸。", "Choose a larger paper."),
        )
    return best


def print_sheets(
    items: Sequence[SheetItem], profile: PhotoProfile, paper: Paper, *, copies: int, title: str, dated: datetime
) -> bytes:
    """PDF pages of ``paper`` with ``copies`` of each portrait at its true size, cut lines, name and number under each.

    ``copies`` 0 fills a sheet with one person. Raises ``portrait.sheet_empty``, ``portrait.sheet_too_small`` and
    ``documents.glyph_missing``.
    """
    _require(items)
    layout = layout_for(paper, profile)
    wanted = [index for index in range(len(items)) for _ in range(copies or layout.count)]
    across, down = (
        (paper.height_mm, paper.width_mm) if layout.turned else (paper.width_mm, paper.height_mm)
    )  # fmt: skip
    return typeset(
        template_text(__package__ or "", "print_sheet.typ"),
        {
            "width": across, "height": down, "margin": _MARGIN_MM, "gap": _GAP_MM, "caption": _CAPTION_MM,
            "columns": layout.columns, "rows": layout.rows,
            "photo_width": layout.photo_width_mm, "photo_height": layout.photo_height_mm,
            "items": [_plain(index, item) for index, item in enumerate(items)], "cells": wanted,
        },
        title=title, dated=dated, files=_files(items),
    )  # fmt: skip


def contact_sheets(items: Sequence[SheetItem], *, columns: int, title: str, dated: datetime) -> bytes:
    """A4 pages with all portraits small, name and number under each, the frame coloured by outcome."""
    _require(items)
    return typeset(
        template_text(__package__ or "", "contact_sheet.typ"),
        {"columns": columns, "items": [_plain(index, item) for index, item in enumerate(items)]},
        title=title, dated=dated, files=_files(items),
    )  # fmt: skip


def _require(items: Sequence[SheetItem]) -> None:
    if not items:
        raise photo_error(
            "sheet_empty",
            "没有可排版的照片。",
            "There are no portraits to lay out.",
            Wording("请先生成照片。", "Make portraits first."),
        )


def _plain(index: int, item: SheetItem) -> dict[str, str]:
    return {"file": f"{index}.jpg", "name": item.name, "number": item.number, "outcome": item.outcome.value}


def _files(items: Sequence[SheetItem]) -> dict[str, bytes]:
    return {f"{index}.jpg": item.jpeg for index, item in enumerate(items)}
