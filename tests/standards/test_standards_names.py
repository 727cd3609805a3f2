"""Whether two writings of a name are one person's: the same answer for every place that asks (R25, R103, R147, R163)."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.standards.name_faults import check_name
from gradphoto.engine.standards.names import (
    CARD_NAME_CHARACTERS,
    LOOK_ALIKE_DOTS,
    canonical,
    canonical_name,
    characters_of,
    loose_key,
    probably_same,
    same,
    same_key,
    searched,
)

pytestmark = pytest.mark.engine
UIGHUR = "阿卜杜拉·买买提"
LONG = "阿卜杜热合曼江·买买提依明艾力克木"


@pytest.mark.parametrize("dot", sorted(LOOK_ALIKE_DOTS))
def test_a_dot_of_another_code_is_the_dot(dot):
    assert same(UIGHUR, UIGHUR.replace("·", dot))
    assert canonical(UIGHUR.replace("·", dot)) == UIGHUR


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("张䶮", "张\ue863"),
        ("王五", "王　五"),
        ("王五", " 王\u200b五 "),
        ("O'Neil", "O’Neil"),
        ("O'Neil", "O＇NEIL"),
        ("Nguyễn Văn An", "NguyễnVănAn"),
        ("Nguyễn Văn An", unicodedata.normalize("NFD", "nguyễn  văn an")),
        ("Anne-Marie Smith", "ANNE‐MARIE SMITH"),
        ("Maria·Lopez", "Maria•Lopez"),
        ("D'Angelo", "D\u02bdANGELO"),
        ("D'Angelo", "D❜ANGELO"),
        ("李明", "李\u2800明"),
        ("马小龙", "⻢小⻰"),  # copied out of a PDF
        ("﨑本", "崎本") if unicodedata.normalize("NFKC", "﨑") == "崎" else ("⼀二", "一二"),
    ],
)
def test_the_same_name_written_otherwise(listed, typed):
    assert same(listed, typed)
    assert same(typed, listed)
    assert same_key(listed) == same_key(typed)


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("Nguyễn Văn An", "NGUYEN VAN AN"),
        ("Đặng Văn An", "Dang Van An"),
        ("Van An Nguyen", "NGUYEN, VAN AN"),
        ("扎西·次仁", "扎西次仁"),
        ("李𠀃", "李?"),
        ("李𠀃", "李□"),
        ("李𠀃", "李\ue001"),
        (LONG, LONG[:15]),
        ("O'Neil", "ONeil"),
        ("李𠀃明", "李??明"),
        ("李𠀃明", "李????明"),
        ("李𠀃明", "李 明"),
        (UIGHUR, "阿卜杜拉?买买提"),
        (UIGHUR, "阿卜杜拉○买买提"),
        ("Müller", "MUELLER"),
        ("Jørgen Åse", "JOERGEN AASE"),
        ("Ḥasan", "HASAN"),
        ("张䶮", "张YAN"),
        ("李𠀃明", "李qiao明"),
        ("吕黄", "呂黃"),
        ("陈国强", "陳國強"),
        ("张䶮户", "張䶮戶"),
        ("阿卜杜拉·张", "阿卜杜拉張"),
    ],
)
def test_a_name_as_systems_spoil_it_is_asked_and_never_taken_silently(listed, typed):
    assert not same(listed, typed)
    assert probably_same(listed, typed)
    assert probably_same(typed, listed)


@pytest.mark.parametrize(
    ("listed", "typed"),
    [
        ("王五", "王六"),
        ("王?", "李?"),
        ("??", "王五"),
        ("", ""),
        (" ", " "),
        ("王五", ""),
        ("王五", "王五六"),
        ("王五", "王"),
        ("𠀃𠀄", "???"),
        ("Иван Петров", "Иван Иванов"),
        ("Smith", "Smyth"),
        ("吕伟", "呂纬"),
        ("张伟", "张WEI"),
        ("Smith", "Smythe"),
    ],
)
def test_other_names_are_other_names(listed, typed):
    assert not same(listed, typed)
    assert not probably_same(listed, typed)


def test_a_card_that_is_cut_at_a_space_begins_the_whole_name():
    listed = "ABDURRAHMANJON ALI KHAN"
    assert same(listed, listed[:CARD_NAME_CHARACTERS].strip(), cut_at=CARD_NAME_CHARACTERS)
    assert not same(listed.replace(" ", ""), listed[:14], cut_at=CARD_NAME_CHARACTERS)


def test_a_card_cuts_a_long_name_at_its_width():
    assert same(LONG, LONG[:CARD_NAME_CHARACTERS], cut_at=CARD_NAME_CHARACTERS)
    assert not same(LONG, LONG[:14], cut_at=CARD_NAME_CHARACTERS)
    assert not same(LONG, LONG[:14] + "的", cut_at=CARD_NAME_CHARACTERS)


@pytest.mark.parametrize("before", range(11, 16))
def test_a_card_cuts_in_utf_16_and_may_halve_a_rare_character(before):
    """GA 450: the chip holds thirty bytes; a character outside of the first plane takes four of them."""
    whole = f"{LONG[:before]}𠀃{LONG[before:]}"
    chip = whole.encode("utf-16-le")[:30]
    for read in (chip.decode("utf-16-le", "replace"), chip.decode("utf-16-le", "ignore")):
        assert same(whole, read, cut_at=CARD_NAME_CHARACTERS)
    assert not same(whole, whole[:12], cut_at=CARD_NAME_CHARACTERS)


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("Иван  Петров", "Иван Петров"),
        ("김 철수", "김 철수"),
        (unicodedata.normalize("NFD", "Nguyễn Văn An"), "Nguyễn Văn An"),
        ("O’Neil", "O’Neil"),
        ("Anne–Marie O`Neil", "Anne-Marie O'Neil"),
        ("阿卜杜拉 • 买买提", UIGHUR),
        ("王　小 明", "王小明"),
    ],
)
def test_a_name_is_mended_without_losing_what_its_script_needs(written, mended):
    assert canonical_name(written) == mended
    faults = check_name(written)
    assert all(fault.safe_fix or not fault.code.endswith(("form", "space")) for fault in faults)
    assert mended == written or faults
    assert {fault.code for fault in check_name(mended)} <= {fault.code for fault in faults if not fault.safe_fix}


def test_a_name_is_looked_for_as_another_keyboard_writes_it():
    assert UIGHUR in searched("阿卜杜拉•买买提")
    assert searched(" 王五 ") == ("王五",)


def test_spoilt_names_of_any_length_cost_nothing():
    started = time.process_time()
    assert not probably_same("𠀃" * 80, "?" * 320 + "!")
    assert not probably_same("王" * 80 + "𠀃" * 80, "王" * 80 + "?" * 300 + "五")
    assert time.process_time() - started < 0.5


def test_r111_a_dot_is_no_character():
    assert characters_of("扎西•次仁") == "扎西次仁"


@given(st.text(max_size=20), st.text(max_size=20))
def test_same_is_symmetric_and_within_probably_same(one, other):
    assert same(one, other) == same(other, one)
    assert not same(one, other) or probably_same(one, other)
    assert probably_same(one, other) == probably_same(other, one)
    assert canonical(canonical(one)) == canonical(one)
    assert same(one, one) == bool(same_key(one) and one.strip()) or not same_key(one)
    assert loose_key(loose_key(one)) == loose_key(one)
