"""Zone codes of names (facts 2.4, R109, R111)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.standards.zonecode import (
    NO_CODE,
    NameWay,
    ZoneCodeError,
    character_of,
    encode_name,
    propose_readings,
    zone_code,
)

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(("character", "code"), [("啊", "1601"), ("张", "5337"), ("伟", "4616"), ("齄", "8794")])
def test_the_table_of_gb_2312(character, code):
    assert zone_code(character) == code
    assert character_of(code) == character


@pytest.mark.parametrize("character", list("镕喆堃祎玥犇𠮷·A1"))
def test_r109_what_the_table_does_not_have_is_0000(character):
    assert zone_code(character) == NO_CODE


def test_the_whole_table_goes_there_and_back():
    found = [c for zone in range(1, 95) for place in range(1, 95) if (c := character_of(f"{zone:02d}{place:02d}"))]
    assert len(found) == len(set(found)) == 7445
    assert all(character_of(zone_code(c)) == c for c in found)


@pytest.mark.parametrize("code", ["0000", "0195", "9501", "5590", "1000"])
def test_empty_places_have_no_character(code):
    assert character_of(code) is None


@pytest.mark.parametrize("code", ["", "123", "12345", "12a4", "１６０１"])
def test_a_code_has_four_digits(code):
    with pytest.raises(ZoneCodeError) as refused:
        character_of(code)
    assert refused.value.code == "standards.zone_code"


@given(st.characters())
def test_every_character_has_a_code_of_four_digits(character):
    code = zone_code(character)
    assert len(code) == 4
    assert code.isdigit()
    assert code == NO_CODE or character_of(code) == character


def test_r109_pinyin_beside_the_character_waits_for_a_person():
    codes = encode_name("王喆")
    assert codes.codes == ("4585", NO_CODE)
    (note,) = codes.notes
    assert (note.position, note.character, note.pinyin, note.proposed) == (1, "喆", "zhe", True)
    (note,) = encode_name("王喆", {"喆": "zhe"}).notes
    assert not note.proposed


def test_r109_a_person_may_say_another_reading():
    (note,) = encode_name("王祎", {"祎": "hui"}).notes
    assert (note.pinyin, note.proposed) == ("hui", False)
    assert "yi" in note.alternatives


@pytest.mark.parametrize("reading", ["", "Zhe", "zhe2", "zhezhezhe", "哲"])
def test_r109_a_confirmed_reading_is_pinyin(reading):
    with pytest.raises(ZoneCodeError) as refused:
        encode_name("王喆", {"喆": reading})
    assert refused.value.code == "standards.pinyin"


@pytest.mark.parametrize(
    ("name", "reading"),
    [("单伟", "shan"), ("解伟", "xie"), ("仇伟", "qiu"), ("区伟", "ou"), ("朴伟", "piao"), ("查伟", "zha"), ("曾伟", "zeng"),
     ("任伟", "ren"), ("盖伟", "ge"), ("华伟", "hua"), ("翟伟", "zhai"), ("缪伟", "miao")],
)  # fmt: skip
def test_surnames_are_read_as_surnames(name, reading):
    assert propose_readings(name)[0][0] == reading


@pytest.mark.parametrize(("name", "readings"), [("尉迟伟", ("yu", "chi")), ("万俟伟", ("mo", "qi")), ("单于伟", ("chan", "yu")),
                                                ("澹台伟", ("tan", "tai")), ("长孙伟", ("zhang", "sun"))])  # fmt: skip
def test_surnames_of_two_characters(name, readings):
    assert tuple(r[0] for r in propose_readings(name)[:2]) == readings


@pytest.mark.parametrize("name", ["阿卜杜拉·买买提", "乌云其其格", "阿依努尔·艾尼"])
def test_r111_more_than_four_characters_carry_no_codes(name):
    codes = encode_name(name)
    assert (codes.way, codes.codes, codes.notes) == (NameWay.BLOCK_SCRIPT, (), ())


def test_r111_four_characters_are_coded():
    assert encode_name("欧阳建国").way is NameWay.CODED


@pytest.mark.parametrize("name", ["扎西·次仁", "扎西•次仁", "阿里·木沙"])
def test_r111_a_dot_is_no_character(name):
    coded = encode_name(name)
    assert (coded.name, coded.way, len(coded.codes)) == (name, NameWay.CODED, 4)
    assert NO_CODE not in coded.codes
    assert encode_name("王·明").notes == ()


def test_latin_letters_cannot_be_given_back_by_codes():
    assert encode_name("Li").way is NameWay.BLOCK_SCRIPT
