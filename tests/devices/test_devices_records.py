"""The four text records of facts 3.3."""

from __future__ import annotations

import dataclasses
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_cards import foreigner_2017, foreigner_2023, permit, resident

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.records import (
    LAYOUTS,
    MARK_OFFSET,
    TEXT_BYTES,
    CardKind,
    CardRecord,
    Sex,
    build_answer,
    build_record,
    parse_answer,
    parse_record,
)

pytestmark = pytest.mark.engine

CARDS = [resident(), permit(), foreigner_2017(), foreigner_2023()]


def _put(record: bytes, offset: int, text: str) -> bytes:
    raw = text.encode("utf-16-le")
    return record[:offset] + raw + record[offset + len(raw) :]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_each_layout_fills_256_bytes_and_marks_at_248(layout) -> None:
    assert sum(place.length for place in layout.places) == TEXT_BYTES
    marks = [place.offset for place in layout.places if place.name == "mark"]
    assert marks == ([] if layout.mark == " " else [MARK_OFFSET])


@pytest.mark.parametrize("card", CARDS, ids=[card.kind for card in CARDS])
def test_each_layout_round_trips(card: CardRecord) -> None:
    record = build_record(card)
    assert len(record) == TEXT_BYTES
    assert parse_record(record) == card


@pytest.mark.parametrize(
    ("card", "offset", "text"),
    [
        (resident(), 0, "张小明"),
        (resident(), 36, "20040229"),
        (resident(), 122, resident().id_number),
        (resident(), 188, "2020090120300901"),
        (permit(), 220, "H12345678"),
        (permit(), 248, "J"),
        (foreigner_2017(), 122, "TST990104022900"),
        (foreigner_2017(), 158, "李安娜"),
        (foreigner_2017(), 248, "I"),
        (foreigner_2023(), 52, "MAXIMILIAN ALEXANDER JOHANN GEORGE "),
        (foreigner_2023(), 220, "VON DER TES"),
        (foreigner_2023(), 242, "TST"),
        (foreigner_2023(), 248, "Y"),
    ],
)
def test_fields_stand_where_the_standard_puts_them(card: CardRecord, offset: int, text: str) -> None:
    raw = text.encode("utf-16-le")
    assert build_record(card)[offset : offset + len(raw)] == raw


def test_long_term_card_has_no_end() -> None:
    card = resident(valid_to=None, long_term=True)
    record = build_record(card)
    assert record[204:208].decode("utf-16-le") == "长期"
    assert parse_record(record) == card


def test_blank_end_is_not_long_term() -> None:
    card = parse_record(_put(build_record(resident()), 204, " " * 8))
    assert card.valid_to is None
    assert not card.long_term


def test_nul_padding_is_padding() -> None:
    record = _put(build_record(resident(name="张三")), 4, "\0" * 13)
    assert parse_record(record).name == "张三"


def test_space_inside_a_name_is_the_cards_own() -> None:
    assert parse_record(build_record(resident(name="张 三"))).name == "张 三"


def test_rare_characters_beyond_the_basic_plane_survive() -> None:
    assert parse_record(build_record(resident(name="张𬭎"))).name == "张𬭎"


def test_unknown_mark_is_refused_not_guessed() -> None:
    with pytest.raises(ReaderError) as caught:
        parse_record(_put(build_record(permit()), MARK_OFFSET, "Q"))
    assert caught.value.code == "reader.record_kind"


@pytest.mark.parametrize(("offset", "field"), [(36, "birth_date"), (188, "valid_from"), (204, "valid_to")])
@pytest.mark.parametrize("text", ["20040230", "        ", "2004 229"])
def test_a_date_that_is_none_marks_its_field_and_the_card_is_read(offset: int, field: str, text: str) -> None:
    card = parse_record(_put(build_record(resident()), offset, text))
    assert card.name == "张小明"
    assert getattr(card, field) is None
    assert card.unread == (() if field == "valid_to" and not text.strip() else (field,))


def test_half_a_character_at_the_end_of_the_address_is_dropped_and_told() -> None:
    record = bytearray(build_record(resident(address="测" * 35)))
    record[52 + 68 : 52 + 70] = b"\x00\xd8"  # the first unit of a pair whose second found no room
    card = parse_record(bytes(record))
    assert card.address == "测" * 34
    assert card.unread == ("address",)
    assert (card.name, card.birth_date) == ("张小明", date(2004, 2, 29))


def test_a_sex_that_is_no_code_is_unknown_and_told() -> None:
    card = parse_record(_put(build_record(resident()), 30, "x"))
    assert (card.sex, card.unread) == (Sex.UNKNOWN, ("sex",))


DAMAGES = {
    "half": lambda raw: raw[:-2] + b"\x40\xd8", "spaces": lambda raw: b" \0" * (len(raw) // 2), "nuls": lambda raw: bytes(len(raw)),
    "erased": lambda raw: b"\xff" * len(raw), "controls": lambda raw: b"\x01\0" + raw[2:], "lone": lambda raw: b"\0\xdc" + raw[2:],
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("card", CARDS, ids=[card.kind for card in CARDS])
def test_each_field_of_each_kind_damaged_costs_that_field_alone(card: CardRecord, damage: str) -> None:
    whole = build_record(card)
    read = parse_record(whole)
    for place in LAYOUTS[card.kind].places:
        if place.name in ("-", "mark", "id_number"):
            continue
        end = place.offset + place.length
        found = parse_record(whole[: place.offset] + DAMAGES[damage](whole[place.offset : end]) + whole[end:])
        assert set(found.unread) <= {place.name}
        for one in fields(CardRecord):
            if one.name not in (place.name, "unread", "long_term"):
                assert getattr(found, one.name) == getattr(read, one.name), (place, one.name)
        if damage in ("half", "controls", "lone"):
            assert found.unread == (place.name,)
        elif place.name in ("birth_date", "valid_from", "sex"):
            assert found.unread == (place.name,), "blank is not read"
        assert found.shown_name.strip("\ufffd") or place.name == "name"


@pytest.mark.parametrize("damage", ["half", "blank"])
def test_a_number_that_cannot_be_read_refuses_the_card_without_telling_it(damage: str) -> None:
    record = bytearray(build_record(resident()))
    record[122:158] = (b"\x00\xd8" if damage == "half" else b" \x00") + b" \x00" * 17
    with pytest.raises(ReaderError) as caught:
        parse_record(bytes(record))
    assert caught.value.code == "reader.record_field"
    assert "990101" not in str(caught.value)


@pytest.mark.parametrize("make", [foreigner_2017, foreigner_2023])
def test_a_foreigners_card_without_a_chinese_name_shows_its_english_one(make) -> None:
    card = parse_record(build_record(dataclasses.replace(make(), name="")))
    assert card.shown_name == make().english_name
    assert card.unread == ()
    assert parse_record(build_record(make())).shown_name == make().name


def test_name_longer_than_its_place_is_not_cut() -> None:
    with pytest.raises(ReaderError) as caught:
        build_record(resident(name="长" * 16))
    assert caught.value.code == "reader.record_field_too_long"


def test_nothing_that_names_a_person_is_printed() -> None:
    card = resident()
    for secret in (card.name, card.id_number, card.address, "2004"):
        assert secret not in repr(card)


@pytest.mark.parametrize("finger", [None, bytes(1024), bytes(512), b""])
def test_answer_carries_text_photo_and_perhaps_fingerprints(finger: bytes | None) -> None:
    data = build_answer(resident(), finger=finger)
    assert 11 + len(data) == (1295 if finger is None else 1297 + len(finger))
    assert parse_answer(data) == resident()


@pytest.mark.parametrize("cut", [0, 3, 260, 1283])
def test_incomplete_answer_is_refused(cut: int) -> None:
    with pytest.raises(ReaderError) as caught:
        parse_answer(build_answer(resident())[:cut])
    assert caught.value.code == "reader.record_length"


days = st.dates(date(1900, 1, 1), date(2199, 12, 31))
letters = st.text(st.sampled_from("ABCDEFGHIJ 甲乙丙丁·"), max_size=11).map(str.strip)


@given(
    name=letters,
    address=letters,
    issuer=letters,
    birth=days,
    start=days,
    end=st.none() | days,
    sex=st.sampled_from(Sex),
)
def test_any_resident_card_round_trips(name, address, issuer, birth, start, end, sex) -> None:
    card = CardRecord(
        CardKind.RESIDENT,
        name=name,
        id_number="990101200402290011",
        birth_date=birth,
        sex=sex,
        valid_from=start,
        valid_to=end,
        long_term=end is None,
        address=address,
        issuer=issuer,
        unread=() if name else ("name",),
    )
    assert parse_record(build_record(card)) == card


@given(english=st.text(st.sampled_from("AB C"), max_size=46).map(str.strip))
def test_english_name_in_two_places_is_one_text(english: str) -> None:
    card = replace(foreigner_2023(), english_name=english)
    assert parse_record(build_record(card)).english_name == english


@given(card=st.sampled_from(CARDS), place=st.integers(0, TEXT_BYTES - 4), junk=st.binary(min_size=1, max_size=4))
def test_damaged_record_gives_a_card_or_a_typed_refusal(card: CardRecord, place: int, junk: bytes) -> None:
    good = build_record(card)
    damaged = good[:place] + junk + good[place + len(junk) :]
    try:
        parse_record(damaged)
        code = "reader.record_read"
    except ReaderError as error:
        code = error.code
    assert code.startswith("reader.record_")
