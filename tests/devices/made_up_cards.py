"""Made-up people's cards in the test region 990101, with right check digits."""

from __future__ import annotations

from datetime import date

from gradphoto.engine.devices.sam_v.records import CardKind, CardRecord, Sex

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def with_check_digit(first_17: str) -> str:
    """GB 11643-1999, ISO 7064 MOD 11-2."""
    return first_17 + "10X98765432"[sum(int(d) * w for d, w in zip(first_17, _WEIGHTS, strict=True)) % 11]


def resident(sequence: int = 1, name: str = "张小明", **changes: object) -> CardRecord:
    fields: dict[str, object] = {
        "kind": CardKind.RESIDENT,
        "name": name,
        "id_number": with_check_digit(f"99010120040229{sequence:03d}"),
        "birth_date": date(2004, 2, 29),
        "sex": Sex.MALE if sequence % 2 else Sex.FEMALE,
        "valid_from": date(2020, 9, 1),
        "valid_to": date(2030, 9, 1),
        "ethnic": "01",
        "address": "测试省测试市测试区甲路1号",
        "issuer": "测试市公安局",
    }
    return CardRecord(**(fields | changes))


def permit() -> CardRecord:
    return resident(
        2,
        "陈大文",
        kind=CardKind.HMT_PERMIT,
        ethnic="",
        pass_number="H12345678",
        renewals="01",
        address="测试区乙路2号",
    )


def foreigner_2017() -> CardRecord:
    return resident(
        3,
        "李安娜",
        kind=CardKind.FOREIGNER_2017,
        id_number="TST990104022900",
        english_name="ANNA MARIA VON TESTHAUSEN",
        nationality="TST",
        card_version="01",
        issuer="9901",
        ethnic="",
        address="",
    )


def foreigner_2023() -> CardRecord:
    return resident(
        4,
        "王安",
        kind=CardKind.FOREIGNER_2023,
        id_number=with_check_digit("91099019990101001"),
        # The 35th character is the space: it stands at the seam of the two places of the name.
        english_name="MAXIMILIAN ALEXANDER JOHANN GEORGE VON DER TES",
        nationality="TST",
        renewals="02",
        old_number_link="123",
        issuer="",
        ethnic="",
        address="",
    )
