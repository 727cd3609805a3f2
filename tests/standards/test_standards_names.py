"""Whether two writings of a name are one person's: the same answer for every place that asks (R25, R103, R147, R163)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.standards.names import (
    CARD_NAME_CHARACTERS,
    LOOK_ALIKE_DOTS,
    canonical,
    characters_of,
    loose_key,
    probably_same,
    same,
    same_key,
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
        ("Smith", "Smyth"),
    ],
)
def test_other_names_are_other_names(listed, typed):
    assert not same(listed, typed)
    assert not probably_same(listed, typed)


def test_a_card_cuts_a_long_name_at_its_width():
    assert same(LONG, LONG[:CARD_NAME_CHARACTERS], cut_at=CARD_NAME_CHARACTERS)
    assert not same(LONG, LONG[:14], cut_at=CARD_NAME_CHARACTERS)
    assert not same(LONG, LONG[:14] + "的", cut_at=CARD_NAME_CHARACTERS)


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
