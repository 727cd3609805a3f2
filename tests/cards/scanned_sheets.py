"""Made-up cards, made-up hands that fill them, and made-up scanners that spoil them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pypdfium2
from PIL import Image

from gradphoto.engine.cards import Card, CardData, CardForm, MakeUp, standard_form
from gradphoto.engine.cards.layout import (
    BUBBLE_HEIGHT_MM,
    BUBBLE_WIDTH_MM,
    PAGE_WIDTH_MM,
    Bubble,
    card_layout,
)
from gradphoto.engine.cards.printing import marks_of, print_cards
from gradphoto.engine.standards.identity import check_digit

FORM = standard_form()
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗单解仇区朴查曾任"
GIVEN = "伟芳娜敏静磊军洋勇艳杰涛明超秀兰霞平刚桂英华玉萍红"
RARE = "镕喆堃祎玥犇𠮷䶮"
LONG_NAMES = ("阿卜杜拉·买买提", "古丽娜尔·艾合买提江", "扎西次仁卓玛", "乌云其其格", "阿里·木沙")


def made_up_id(rng: np.random.Generator) -> str:
    first = (
        f"990101{rng.integers(1985, 2006)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}{rng.integers(1, 999):03d}"
    )
    return first + check_digit(first)


def made_up_data(rng: np.random.Generator) -> CardData:
    """Everything that a card may have to say: rare characters, long names, letters, old and other documents, make-up."""
    kind = rng.random()
    if kind < 0.15:
        name = str(rng.choice(LONG_NAMES))
    else:
        given = GIVEN if kind < 0.75 else GIVEN + RARE * 3
        name = rng.choice(list(SURNAMES)) + "".join(rng.choice(list(given), size=rng.integers(1, 4)))
    number = "".join(rng.choice(list("0123456789"), size=rng.integers(6, 16)))
    if rng.random() < 0.25:
        place = rng.integers(0, len(number))
        number = number[:place] + str(rng.choice(list("ABXZ成函"))) + number[place + 1 :]
    identity = made_up_id(rng)
    other = rng.random()
    if other < 0.05:
        identity = identity[:6] + identity[8:17]
    elif other < 0.1:
        identity = f"军字第{rng.integers(10**6, 10**7)}号"
    make_up = MakeUp("湖南省岳阳市学院路湖南理工学院", f"{rng.integers(10**5, 10**6)}", "信息学院教学秘书")
    return CardData(
        "湖南理工学院", f"{rng.integers(10001, 15000)}",
        f"{rng.integers(1, 99):02d}" if rng.random() < 0.5 else f"{rng.integers(1, 999):03d}",
        str(rng.choice(FORM.degree_categories)), str(rng.choice(FORM.school_kinds)), name, number, identity,
        make_up if rng.random() < 0.2 else None,
    )  # fmt: skip


def drawn(pdf: bytes, dpi: int) -> list[np.ndarray]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.render(scale=dpi / 72, rev_byteorder=True).to_numpy()[..., :3].copy() for page in document]


def printed(cards: Sequence[Card], dpi: int, form: CardForm = FORM) -> list[np.ndarray]:
    return drawn(print_cards(cards, form), dpi)


@dataclass(frozen=True)
class Hand:
    """A person with a pencil: darkness 0 to 1, share of the bubble covered, how far beside it (mm)."""

    darkness: float = 0.6
    spread: float = 0.08
    cover: float = 1.0
    astray_mm: float = 0.25
    writes: bool = True


def fill_by_hand(page: np.ndarray, data: CardData, rng: np.random.Generator, hand: Hand = Hand(), *,
                 left_out: Sequence[Bubble] = ()) -> np.ndarray:  # fmt: skip
    """A printed blank page with this person's marks and writing on it."""
    page = page.copy()
    layout = card_layout()
    for bubble in marks_of(data, FORM):
        if bubble not in left_out:
            pencil(page, bubble, rng, hand)
    if hand.writes:
        written = {(b.field, b.column) for b in marks_of(data, FORM)}
        for key in written & layout.heads.keys():
            write(page, layout.heads[key], rng)
        if not data.zone_codes:
            write(page, layout.texts["name"], rng)
    return page


def pencil(page: np.ndarray, bubble: Bubble, rng: np.random.Generator, hand: Hand) -> None:
    scale = page.shape[1] / PAGE_WIDTH_MM
    x, y = np.array([bubble.x, bubble.y]) + rng.normal(0, hand.astray_mm / 2, 2).clip(-hand.astray_mm, hand.astray_mm)
    width, height = BUBBLE_WIDTH_MM * rng.uniform(0.85, 1.1) * hand.cover, BUBBLE_HEIGHT_MM * rng.uniform(0.85, 1.1)
    left, right = round((x - width / 2) * scale), round((x + width / 2) * scale)
    top, bottom = round((y - height / 2) * scale), round((y + height / 2) * scale)
    dark = np.clip(rng.normal(hand.darkness, hand.spread / 2), 0.7 * hand.darkness, 1.0)
    grain = rng.normal(dark, 0.12 * dark, (bottom - top, right - left)).clip(0, 1)
    patch = page[top:bottom, left:right].astype(np.float64)
    page[top:bottom, left:right] = (patch * (1 - grain[..., None])).astype(np.uint8)


def write(page: np.ndarray, box, rng: np.random.Generator) -> None:
    """A scribble where a character would be."""
    scale = page.shape[1] / PAGE_WIDTH_MM
    inner = np.array([box.x + 1.2, box.y + 1.2]), np.array([min(box.width, 40) - 2.4, box.height - 2.4])
    points = ((inner[0] + rng.random((5, 2)) * inner[1]) * scale).astype(np.int32)
    points[0], points[-1] = inner[0] * scale, (inner[0] + inner[1]) * scale
    cv2.polylines(page, [points.reshape(-1, 1, 2)], False, (30, 30, 30), max(1, round(0.35 * scale)), cv2.LINE_AA)


@dataclass(frozen=True)
class Scanner:
    """What happens to a page on its way; every number is a largest value, drawn anew for each page."""

    turn_degrees: float = 0.0
    upside_down: bool = False
    quarter_turns: int = 0
    scale: float = 1.0
    perspective: float = 0.0
    noise: float = 0.0
    light: float = 0.0
    jpeg: int = 0
    blur: float = 0.0
    stray: int = 0
    grey: bool = False


def scanned(page: np.ndarray, scanner: Scanner, rng: np.random.Generator) -> np.ndarray:
    image = page.copy()
    height, width = image.shape[:2]
    for _ in range(scanner.stray):
        stray_stroke(image, rng)
    border = round(0.06 * width)
    image = cv2.copyMakeBorder(image, border, border, border, border, cv2.BORDER_CONSTANT, value=(250, 250, 250))
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-1, 1, (4, 2)).astype(np.float32) * scanner.perspective * width
    angle = rng.uniform(-1, 1) * scanner.turn_degrees
    factor = 1 - rng.random() * (1 - scanner.scale)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, factor)
    moved = cv2.transform(moved.reshape(-1, 1, 2), turn).reshape(-1, 2).astype(np.float32)
    image = cv2.warpPerspective(
        image, cv2.getPerspectiveTransform(corners, moved), (width, height), flags=cv2.INTER_AREA,
        borderValue=(245, 245, 245),
    )  # fmt: skip
    if scanner.upside_down:
        image = image[::-1, ::-1]
    image = np.rot90(image, scanner.quarter_turns)
    values = image.astype(np.float32)
    if scanner.blur:
        values = cv2.GaussianBlur(values, (0, 0), scanner.blur)
    if scanner.light:
        values *= _shade(values.shape, scanner.light, rng)[..., None]
    if scanner.noise:
        values += rng.normal(0, scanner.noise, values.shape)
    result = values.clip(0, 255).astype(np.uint8)
    if scanner.grey:
        result = cv2.cvtColor(result, cv2.COLOR_RGB2GRAY)
    if scanner.jpeg:
        out = io.BytesIO()
        Image.fromarray(result).save(out, "JPEG", quality=scanner.jpeg)
        result = np.asarray(Image.open(out))
    return np.ascontiguousarray(result)


def _shade(shape: tuple[int, ...], depth: float, rng: np.random.Generator) -> np.ndarray:
    ys, xs = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j].astype(np.float32)
    direction = rng.uniform(0, 2 * np.pi)
    ramp = (np.cos(direction) * xs + np.sin(direction) * ys + 1.5) / 3
    return 1 - depth * ramp


def stray_stroke(image: np.ndarray, rng: np.random.Generator, dark: int = 60) -> None:
    """A short line of a pen somewhere on the page."""
    height, width = image.shape[:2]
    start = rng.random(2) * (width, height)
    end = start + rng.normal(0, 0.04 * width, 2)
    thick = max(1, round(0.3 * width / PAGE_WIDTH_MM))
    cv2.line(image, start.astype(int).tolist(), end.astype(int).tolist(), (dark, dark, dark), thick, cv2.LINE_AA)


def renumbered(cards: Sequence[CardData], prefix: str) -> list[Card]:
    return [Card(f"{prefix}-{number:04d}", data) for number, data in enumerate(cards, 1)]


__all__ = ["FORM", "Hand", "Scanner", "drawn", "fill_by_hand", "made_up_data", "made_up_id", "pencil", "printed",
           "renumbered", "replace", "scanned", "stray_stroke", "write"]  # fmt: skip
