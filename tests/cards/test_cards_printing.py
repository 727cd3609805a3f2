"""The card as data and as a page (R44, R105-R114)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pypdfium2
import pytest
from scanned_sheets import FORM, drawn, made_up_data, made_up_id

from gradphoto.engine.cards import (
    Card,
    CardError,
    CardField,
    MakeUp,
    blank_cards,
    faults_of,
    print_cards,
    standard_form,
)
from gradphoto.engine.cards.data import LETTER, CardForm, columns_of
from gradphoto.engine.cards.layout import BUBBLE_HEIGHT_MM, BUBBLE_WIDTH_MM, PAGE_HEIGHT_MM, PAGE_WIDTH_MM, card_layout
from gradphoto.engine.cards.payload import issue_bytes, read_issue
from gradphoto.engine.cards.printing import marks_of
from gradphoto.engine.documents import fonts

pytestmark = pytest.mark.engine
RNG = np.random.default_rng(44)
GOOD = replace(
    made_up_data(RNG), name="单伟", student_no="14101A0123", id_number=made_up_id(RNG), school_code="10543",
    department_code="13", make_up=None,
)  # fmt: skip


def text_of(pdf: bytes, page: int = 0) -> str:
    return pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_bounded()


def test_r105_r106_codes_of_school_and_department():
    assert faults_of(GOOD, FORM) == ()
    assert faults_of(replace(GOOD, department_code="004"), FORM) == ()
    assert [f.code for f in faults_of(GOOD, standard_form(department_digits=3))] == ["cards.department_code"]
    assert [f.code for f in faults_of(replace(GOOD, school_code="1054"), FORM)] == ["cards.school_code"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": ""}, "cards.name"),
        ({"name": "王 伟"}, "cards.name"),
        ({"school_name": ""}, "cards.school_name"),
        ({"school_name": "湖南|理工"}, "cards.school_name"),
        ({"student_no": "1" * 16}, "cards.student_no"),
        ({"student_no": "12-3"}, "cards.student_no"),
        ({"id_number": "99010119990307002X"}, "cards.id_number"),
        ({"id_number": "9901O119990307002X"}, "cards.id_number"),
        ({"id_number": "9901011999030700"}, "cards.id_number"),
        ({"degree_category": "博士"}, "cards.degree_category"),
        ({"school_kind": ""}, "cards.school_kind"),
        ({"department_code": "1"}, "cards.department_code"),
        ({"make_up": MakeUp("学院路", "41400", "教学秘书")}, "cards.postcode"),
        ({"make_up": MakeUp("", "414006", "教学秘书")}, "cards.address"),
    ],
)
def test_bad_data_are_refused_with_what_to_do(change, code):
    bad = replace(GOOD, **change)
    faults = faults_of(bad, FORM)
    assert [f.code for f in faults] == [code]
    assert faults[0].remedy.zh
    assert bad.id_number not in faults[0].message.zh + faults[0].remedy.zh
    with pytest.raises(CardError) as refused:
        print_cards([Card("A-1", bad)], FORM)
    assert refused.value.code == code


def test_an_officers_number_is_no_resident_number():
    for number in ("军字第1234567号", "E12345678", "H1234567890"):
        assert faults_of(replace(GOOD, id_number=number), FORM) == ()


def test_r112_a_schools_own_length_of_student_numbers():
    assert [f.code for f in faults_of(GOOD, standard_form(student_no_length=11))] == ["cards.student_no"]


def test_r110_a_letter_is_both_0_and_1():
    marks = [(b.column, b.row) for b in marks_of(GOOD, FORM) if b.field is CardField.STUDENT_NO and b.column == 5]
    assert marks == [(5, 0), (5, 1)]
    assert columns_of(GOOD, FORM)[CardField.STUDENT_NO] == f"14101{LETTER}0123     "


def test_r111_a_long_name_has_no_marks():
    long = replace(GOOD, name="阿卜杜拉·买买提")
    assert not [b for b in marks_of(long, FORM) if b.field is CardField.NAME]
    assert "阿卜杜拉·买买提" in text_of(print_cards([Card("A-1", long)], FORM))


def test_r109_the_reading_is_printed_beside_the_character():
    rare = replace(GOOD, name="王堃")
    assert "kun" in text_of(print_cards([Card("A-1", rare)], FORM))
    assert "fang" in text_of(print_cards([Card("A-1", rare, pinyin=(("堃", "fang"),))], FORM))


def test_r114_a_make_up_card_says_where_to_send():
    text = text_of(
        print_cards([Card("A-1", replace(GOOD, make_up=MakeUp("岳阳市学院路", "414006", "教学秘书")))], FORM)
    )
    assert "岳阳市学院路" in text
    assert "教学秘书" in text


def test_many_cards_one_page_each_in_order():
    cards = [Card(f"A-{n}", replace(GOOD, student_no=f"2010{n:04d}")) for n in range(30)]
    pdf = print_cards(cards, FORM)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 30
    assert document[0].get_size() == pytest.approx((PAGE_WIDTH_MM / 25.4 * 72, PAGE_HEIGHT_MM / 25.4 * 72), abs=0.1)
    assert "No. A-7" in text_of(pdf, 7)


def test_every_bubble_lies_alone_on_the_page():
    layout = card_layout()
    taken = set()
    for bubble in layout.bubbles:
        assert 20 < bubble.x < 190
        assert (bubble.x, bubble.y) not in taken
        taken.add((bubble.x, bubble.y))
    rows = sorted({b.y for b in layout.bubbles})
    assert all(after - here > BUBBLE_HEIGHT_MM + 1 for here, after in pairwise(rows))
    assert rows == sorted(left[1] for left, _ in layout.timing)
    columns = sorted({b.x for b in layout.bubbles if b.y == rows[-1]})
    assert all(after - here > BUBBLE_WIDTH_MM + 1 for here, after in pairwise(columns))


def test_only_what_is_marked_is_black():
    page = drawn(print_cards([Card("A-1", GOOD)], FORM), 150)[0]
    scale = page.shape[1] / PAGE_WIDTH_MM
    marked = set(marks_of(GOOD, FORM))
    for bubble in card_layout().bubbles:
        value = page[round(bubble.y * scale), round((bubble.x + 1) * scale), 0]
        assert (value < 60) == (bubble in marked), bubble


def test_r109_a_character_without_a_glyph_is_framed_and_the_others_print():
    with fonts.telling() as framed:
        pdf = print_cards([Card("A-1", replace(GOOD, name="王\U00030001")), Card("A-2", GOOD)], FORM)
    assert framed == {"\U00030001"}
    pages = pypdfium2.PdfDocument(pdf)
    assert len(pages) == 2
    assert "U+30001" in pages[0].get_textpage().get_text_range()


def test_rare_characters_of_names_are_in_the_font():
    assert print_cards([Card("A-1", replace(GOOD, name="𠮷䶮"))], FORM).startswith(b"%PDF")


def test_a_text_is_never_markup():
    sly = replace(GOOD, school_name="#image(1) $x$ *b* <a>")
    assert "#image(1) $x$ *b* <a>" in text_of(print_cards([Card("A-1", sly)], FORM))


@pytest.mark.parametrize("card_id", ["", "a", "A B", "A" * 21, "A|B"])
def test_card_numbers_are_plain(card_id):
    with pytest.raises(CardError) as refused:
        print_cards([Card(card_id)], FORM)
    assert refused.value.code == "cards.card_id"


def test_a_card_number_is_used_once():
    with pytest.raises(CardError) as refused:
        print_cards([Card("A-1"), Card("A-1")], FORM)
    assert refused.value.code == "cards.repeated"
    with pytest.raises(CardError) as refused:
        print_cards([], FORM)
    assert refused.value.code == "cards.none"
    assert [card.card_id for card in blank_cards(2, "X")] == ["X-0001", "X-0002"]


def test_the_code_never_holds_the_numbers():
    content = issue_bytes(Card("A-1", GOOD), FORM).decode("gb18030")
    assert GOOD.id_number not in content
    assert GOOD.id_number[6:14] not in content
    assert GOOD.student_no not in content
    issue = read_issue(content.encode("gb18030"))
    assert issue is not None
    assert (issue.card_id, issue.name, issue.letters[CardField.STUDENT_NO]) == ("A-1", "单伟", "A")


@pytest.mark.parametrize("content", [b"", b"\xff\xff", b"GPC1|A4-1", b"http://example.org", b"GPC1" + b"|x" * 11])
def test_somebody_elses_code_is_none_of_ours(content):
    assert read_issue(content) is None


def test_options_are_part_of_the_cards_fingerprint():
    assert CardForm(("本科",), ("普通高校",)).fingerprint != CardForm(("专科",), ("普通高校",)).fingerprint
    with pytest.raises(CardError):
        CardForm((), ("普通高校",))
    with pytest.raises(CardError):
        CardForm(tuple("一二三四五六七八九"), ("普通高校",))


def test_the_repr_hides_the_id_number():
    assert GOOD.id_number not in repr(GOOD)
