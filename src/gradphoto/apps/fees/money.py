"""Money is whole fen. Here it is read from what people write and written as people read it, 大写 included."""

from __future__ import annotations

import re
import unicodedata

from gradphoto.apps.core.errors import InvalidInput, invalid

MOST_FEN = 999_999_999_99
"""The largest amount that is written: below ten thousand million yuan."""
MOST_READ_FEN = 2**31 - 1
"""The largest amount that is read, over twenty million yuan: what a column of fen holds in PostgreSQL."""

# Commas stand between thousands only: 12,50 is no amount, and surely not 1250 yuan.
_AMOUNT = re.compile(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")


def yuan(fen: int) -> str:
    """``2000`` as ``20.00``, with commas in the thousands."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_yuan(text: str) -> int:
    """Fen of an amount in yuan: ``20``, ``20.5``, ``1,234.50``, ``￥20元``. Raises ``fees.amount`` for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("元").removeprefix("¥").strip()
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise bad_amount()
    whole, part = match.groups()
    fen = int(whole.replace(",", "")) * 100 + int((part or "").ljust(2, "0"))
    if fen > MOST_READ_FEN:
        raise bad_amount()
    return fen


def bad_amount() -> InvalidInput:
    """The refusal of something that is no amount of money."""
    return invalid(
        "fees.amount",
        "金额无法识别。",
        "This is not an amount of money.",
        "请按“元”填写，最多两位小数，例如 20 或 20.50。",
        "Write it in yuan with at most two decimals, e.g. 20 or 20.50.",
    )


def in_words(fen: int) -> str:
    """The amount in the capital numerals of receipts (人民币大写): ``1500`` is ``壹拾伍元整``.

    Rules of 《支付结算办法》 annex 1: 整 after yuan or jiao, 零 once for skipped places. ``ValueError`` outside its range.
    """
    if not 0 <= fen <= MOST_FEN:
        raise ValueError("amount out of range")
    whole, jiao, cent = fen // 100, fen // 10 % 10, fen % 10
    text = f"{_whole_in_words(whole)}元" if whole else ""
    if not jiao and not cent:
        return f"{text or '零元'}整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif whole:
        text += "零"
    return text + (f"{_DIGITS[cent]}分" if cent else "整")


def _whole_in_words(number: int) -> str:
    text, skipped = "", False
    for group in range(2, -1, -1):
        four = number // 10_000**group % 10_000
        if not four:
            skipped = skipped or bool(text)
            continue
        if text and (skipped or four < 1000):
            text += "零"
        text += _four_in_words(four) + _GROUPS[group]
        skipped = False
    return text


def _four_in_words(number: int) -> str:
    text, skipped = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if skipped and text else "") + _DIGITS[digit] + _PLACES[place]
            skipped = False
        else:
            skipped = True
    return text
