"""What an entered ID number says of its holder: 18 characters of GB 11643-1999, foreigners' permits of 2017 included.

The one door through which this app reads numbers; passports and other papers are corrected through the school.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from gradphoto.apps.core.errors import invalid

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# GB/T 2260: the two digits a province's region codes begin with; 81-83 are the residence permits of 2018.
_PROVINCES = frozenset(
    str(code)
    for block in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(block[0], block[1] + 1)
)


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A readable number: as it is stored, and the birth date and sex it states, where it states them."""

    text: str
    born: date | None
    sex: str | None


def read_id_number(text: str, regions: Collection[str]) -> IdNumber:
    """Read a number; ``regions`` are the codes a rule set allows for demonstration. Raises ``InvalidInput``."""
    number = "".join(text.split()).upper()
    if len(number) != 18 or not number[:17].isascii() or not number[:17].isdigit() or number[17] not in _CHECK:
        raise invalid(
            "verification.id_number_form",
            "证件号码应为 18 位，末位可为 X。",
            "An ID number has 18 characters; the last may be X.",
            "请对照身份证重新填写。",
            "Copy it from the ID card.",
        )
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        born = None
    expected = _CHECK[sum(int(c) * w for c, w in zip(number, _WEIGHTS, strict=False)) % 11]
    if born is None or number[17] != expected:
        raise invalid(
            "verification.id_number_check",
            "证件号码校验不通过，可能有录入错误。",
            "The ID number fails its check; a digit may be wrong.",
            "请对照身份证逐位核对。",
            "Compare it with the ID card digit by digit.",
        )
    known = number[:2] in _PROVINCES or (number[0] == "9" and number[1:3] in _PROVINCES)
    if not known and number[:6] not in regions:
        raise invalid(
            "verification.id_number_region",
            "证件号码前六位不是行政区划代码。",
            "The ID number does not begin with a region code.",
            "请对照身份证逐位核对。",
            "Compare it with the ID card digit by digit.",
        )
    return IdNumber(number, born, "male" if int(number[16]) % 2 else "female")
