"""Properties of ID numbers, names, dates, places and characters, for whatever a file may hold."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards import characters
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.dates import compact, from_serial, is_compact, parse_date, parse_month
from gradphoto.engine.standards.identity import (
    IdKind,
    IdNumberError,
    Sex,
    check_digit,
    mask,
    parse_document,
    parse_id_number,
    repair_id_number,
    tidy_id_number,
)
from gradphoto.engine.standards.name_faults import check_name, name_hints
from gradphoto.engine.standards.names import canonical_name
from gradphoto.engine.standards.native_place import canonical_native_place, is_native_place

pytestmark = pytest.mark.engine

born_dates = st.dates(date(1930, 1, 1), date(2012, 12, 31))
regions = st.sampled_from(["990101", "810000", "820000", "830000", "910156"])


@st.composite
def numbers(draw):
    first17 = f"{draw(regions)}{draw(born_dates):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first17 + check_digit(first17)


def test_gb_11643_by_its_own_example():
    assert check_digit("11010519491231002") == "X"
    assert sum(int("11010519491231002"[i]) * (2 ** (17 - i) % 11) for i in range(17)) % 11 == 2, (
        "and '10X98765432'[2] is X"
    )


@pytest.mark.parametrize("wrong", ["", "1" * 16, "1" * 18, "１" * 17, "1101051949123100X"])
def test_a_check_digit_is_of_17_digits_only(wrong):
    with pytest.raises(ValueError, match="17 digits"):
        check_digit(wrong)


@given(numbers())
def test_a_right_number_tells_what_stands_in_it(whole):
    read = parse_id_number(whole, {"990101"})
    assert f"{read.birth_date:%Y%m%d}" == whole[6:14]
    assert (read.sex is Sex.MALE) == (int(whole[16]) % 2 == 1)
    kinds = {"99": IdKind.RESIDENT_18, "91": IdKind.FOREIGNER_2023}
    assert read.kind is kinds.get(whole[:2], IdKind.PERMIT_HMT)


@given(numbers(), st.integers(0, 16), st.integers(0, 16))
def test_two_digits_exchanged_are_found(whole, one, other):
    digits = list(whole)
    digits[one], digits[other] = digits[other], digits[one]
    if "".join(digits) == whole:
        return
    # MOD 11-2 finds every exchange but those ten places apart, whose weights are equal (2 to the 10th is 1 mod 11).
    if abs(one - other) == 10:
        return
    with pytest.raises(IdNumberError):
        parse_id_number("".join(digits), {"990101"})


@given(numbers(), st.data())
def test_what_typing_adds_is_taken_off(whole, data):
    place = data.draw(st.integers(0, 18))
    noise = data.draw(st.sampled_from([" ", "\u3000", "'", "-", "\u200b", "\t"]))
    assert tidy_id_number(whole[:place] + noise + whole[place:].lower()) == whole


@given(numbers(), st.sampled_from([("0", "O"), ("0", "о"), ("1", "l"), ("1", "I"), ("5", "S")]))
def test_look_alikes_are_repaired_to_the_number_itself(whole, pair):
    digit, letter = pair
    mistyped = whole[:17].replace(digit, letter) + whole[17]
    assert repair_id_number(mistyped, {"990101"}) == whole


@given(st.text(max_size=24))
def test_a_repair_is_always_a_right_number_or_none(text):
    mended = repair_id_number(text)
    assert mended is None or parse_id_number(mended).number == mended


@given(st.text(max_size=30))
def test_no_text_at_all_breaks_the_reading_of_numbers(text):
    for kind in (None, *IdKind):
        refusal = None
        try:
            assert parse_document(text, kind).number
        except GradPhotoError as error:
            refusal = error
        if refusal is not None:
            assert refusal.code.startswith("standards.id_")
            assert len(text) < 8 or text not in str(refusal)


@pytest.mark.parametrize(
    ("text", "kind", "read_as"),
    [
        ("E12345678", None, IdKind.PASSPORT),
        ("ea1234567", None, IdKind.PASSPORT),
        ("军字第2001988号", None, IdKind.OFFICER),
        ("H12345678", IdKind.TRAVEL_PERMIT, IdKind.TRAVEL_PERMIT),
        ("12345678", IdKind.TRAVEL_PERMIT, IdKind.TRAVEL_PERMIT),
        ("123456789", IdKind.PASSPORT, IdKind.PASSPORT),
        ("CAN310105000001", None, IdKind.FOREIGNER_OLD),
    ],
)
def test_r99_documents_that_are_no_id_card(text, kind, read_as):
    read = parse_document(text, kind)
    assert (read.kind, read.birth_date, read.sex) == (read_as, None, None)


def test_bare_digits_are_never_taken_for_a_passport_unless_said():
    with pytest.raises(IdNumberError):
        parse_document("123456789", None)


@given(st.text("0123456789X", min_size=1, max_size=20))
def test_a_mask_keeps_the_length_and_hides_most(text):
    hidden = mask(text)
    assert len(hidden) == len(text)
    assert hidden.count("*") * 3 >= len(text)


# Names -------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=20))
def test_a_canonical_name_is_canonical(text):
    once = canonical_name(text)
    assert canonical_name(once) == once


@given(st.text(max_size=20))
def test_a_name_without_a_fault_is_its_own_canonical_form(text):
    if text.strip() and not check_name(text):
        assert canonical_name(text) == text.strip()


@given(st.text(st.sampled_from("张伟古丽·•・.﹒ 　\u200bＡａ⼤"), min_size=1, max_size=10))
def test_a_safe_fault_is_gone_after_mending(text):
    safe = {fault.code for fault in check_name(text) if fault.safe_fix}
    left = {fault.code for fault in check_name(canonical_name(text))}
    assert not safe & left


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4))
def test_every_common_ideograph_may_be_in_a_name(text):
    assert check_name(text) == ()


@pytest.mark.parametrize("name", ["\U00020000\u3400", "\U0003134a田", "\U000323a9伟", "赵\u9fef", "刘〇"])
def test_ideographs_of_every_extension_are_characters(name):
    """Extensions newer than this Python's tables included: GB 18030-2022 has them."""
    assert check_name(name) == ()


@pytest.mark.parametrize("dot", "•・･．‧∙⋅●。｡﹒.˙")
def test_every_dot_that_is_none_becomes_the_middle_dot(dot):
    assert canonical_name(f"扎西{dot}次仁") == "扎西·次仁"
    assert [fault.code for fault in check_name(f"扎西{dot}次仁")] == ["name_dot"]


def test_r25_is_about_ideographs_and_passport_names_keep_their_spaces():
    assert check_name("JOHN SMITH") == ()
    assert check_name("José Ángel") == ()
    assert [fault.code for fault in check_name("JOHN  SMITH")] == ["name_space"]
    assert [fault.code for fault in check_name("欧阳 娜娜")] == ["name_space"]


@pytest.mark.parametrize("text", ["かな", "Иван", "张✓", "张伟(小)", "张伟2", "张_伟", "⿰女子"])
def test_what_is_no_name_is_refused(text):
    assert "name_character" in [fault.code for fault in check_name(text)]


def test_private_characters_are_told_with_their_likely_reading():
    assert characters.coded_character("\ue863") == "䶮"
    assert characters.coded_character("\ue854") == "\u9fba"
    assert characters.coded_character("\ue000") is None
    assert all(
        characters.coded_character(chr(code)) not in (None, "")
        and not characters.is_private(characters.coded_character(chr(code)))
        for code in range(0xE815, 0xE865)
    )


def test_hints_are_no_faults():
    assert [hint.code for hint in name_hints("伟")] == ["name_short"]
    assert [hint.code for hint in name_hints("张A伟")] == ["name_mixed"]
    assert [hint.code for hint in name_hints("阿" * 21)] == ["name_long"]
    assert name_hints("欧阳娜娜") == ()


# Mojibake ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["张伟", "欧阳娜娜", "王小明明"])
def test_utf_8_read_as_gbk_is_seen(name):
    garbled = name.encode().decode("gb18030", "replace")
    assert characters.looks_garbled(garbled)
    assert "name_garbled" in [hint.code for hint in name_hints(garbled)] or check_name(garbled)


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4))
def test_gbk_read_as_latin_is_seen(name):
    try:
        garbled = name.encode("gb2312").decode("latin-1")
    except UnicodeEncodeError:
        return
    if len(garbled) >= 3:
        assert characters.looks_garbled(garbled)


@pytest.mark.parametrize("name", ["张伟", "欧阳娜娜", "镕喆堃", "José Ángel", "扎西·次仁", "JOHN SMITH", "单于"])
def test_real_names_do_not_look_garbled(name):
    assert not characters.looks_garbled(name)


# Dates -------------------------------------------------------------------------------------------------------------


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_r26_every_date_survives_every_form(day):
    forms = [
        compact(day), f"{day.year}-{day.month}-{day.day}", f"{day.year}/{day.month:02d}/{day.day:02d}",
        f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}", f"{day:%Y-%m-%d} 00:00:00",
    ]  # fmt: skip
    assert {parse_date(form) for form in forms} == {day}
    assert [is_compact(form) for form in forms] == [True, *[False] * 5]


@given(st.text(st.sampled_from("0123456789-/.年月日 ０１２"), max_size=14))
def test_no_text_breaks_the_reading_of_dates(text):
    day = parse_month(text)
    with suppress(GradPhotoError):
        day = parse_date(text)
    assert day is None or parse_date(compact(day)) == day


def test_digits_of_other_scripts_are_no_eight_digits():
    assert not is_compact("١٩٨٦٠٣٠٥")
    with pytest.raises(GradPhotoError):
        parse_date("١٩٨٦٠٣٠٥")


def test_a_spreadsheets_serial_number():
    assert from_serial("31476") == date(1986, 3, 5)
    assert from_serial("19860305") is None


def test_months_without_a_day():
    assert parse_month("202209") == parse_month("2022-9") == parse_month("2022年9月") == date(2022, 9, 1)
    assert parse_month("202213") is None
    assert parse_month("20220901") is None


# Places and tables -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    ["湖南省平江县", "湖南省岳阳市", "湖南省岳阳市平江县", "北京市海淀区", "内蒙古自治区科尔沁左翼中旗", "吉林省延边朝鲜族自治州",
     "湖北省神农架林区", "新疆维吾尔自治区喀什地区", "台湾省台北市", "香港特别行政区"],
)  # fmt: skip
def test_r28_province_and_county(place):
    assert is_native_place(place)
    assert canonical_native_place(place) == place


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ("湖南平江县", "湖南省平江县"),
        ("内蒙古赤峰市", "内蒙古自治区赤峰市"),
        ("广西桂林市", "广西壮族自治区桂林市"),
        ("北京海淀区", "北京市海淀区"),
        ("湖南 省 平江县", "湖南省平江县"),
        ("湖南平江", None),
        ("平江县", None),
        ("湖南省", None),
        ("430626", None),
        ("", None),
    ],
)
def test_r28_only_the_province_is_completed(written, whole):
    assert not is_native_place(written)
    assert canonical_native_place(written) == whole


def test_code_tables_are_read_by_code_with_and_without_zero():
    table = load_table("ethnic_group")
    assert table.name_of("1") == table.name_of("01") == table.name_of("1.0") == "汉族"
    assert table.name_of("57") is None
    assert table.name_of("汉族") is None
    assert len([code for code in table.names if int(code) <= 56]) == 56
    assert set(load_table("political_status").names.items()) <= set(
        load_table("political_status_national").names.items()
    )
