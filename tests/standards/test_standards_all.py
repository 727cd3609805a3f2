"""Numbers, names, dates and working days against the notices' own examples."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.standards.dates import DateError, parse_date
from gradphoto.engine.standards.identity import (
    IdKind,
    IdNumberError,
    Sex,
    check_digit,
    mask,
    parse_id_number,
    upgrade_15,
)
from gradphoto.engine.standards.name_faults import check_name
from gradphoto.engine.standards.names import canonical_name
from gradphoto.engine.standards.profiles import UnknownProfileError, load_profile, profile_codes
from gradphoto.engine.standards.workdays import OFFICIAL, WorkCalendar, add_months

pytestmark = pytest.mark.engine
EXAMPLE = "11010519491231002X"  # the example of GB 11643-1999 itself


def test_r27_eighteen_characters_tell_birth_date_and_sex():
    number = parse_id_number(EXAMPLE.lower())
    assert (number.birth_date, number.sex, number.kind) == (date(1949, 12, 31), Sex.FEMALE, IdKind.RESIDENT_18)


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(place, shift):
    digit = str((int(EXAMPLE[place]) + shift) % 10)
    with pytest.raises(IdNumberError):
        parse_id_number(EXAMPLE[:place] + digit + EXAMPLE[place + 1 :])


@given(st.integers(0, 999), st.dates(date(1950, 1, 1), date(1999, 12, 31)))
def test_r27_fifteen_digits_become_the_same_person_of_eighteen(serial, born):
    old = f"110105{born:%y%m%d}{serial:03d}"
    upgraded = parse_id_number(old)
    assert upgraded.kind is IdKind.RESIDENT_15
    assert upgraded.number == upgrade_15(old)
    assert parse_id_number(upgraded.number).birth_date == upgraded.birth_date == born


def test_permits_and_foreigners_have_their_kinds():
    first = "83000019900101001"
    assert parse_id_number(first + check_digit(first)).kind is IdKind.PERMIT_HMT
    assert parse_id_number("910123199001010012").kind is IdKind.FOREIGNER_2023
    assert parse_id_number("910123199001010012", {"910123"}).kind is IdKind.RESIDENT_18
    assert parse_id_number("CHN110105000001").kind is IdKind.FOREIGNER_OLD


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1101051949123100", "standards.id_length"),
        ("1101051949123I002X", "standards.id_characters"),
        ("110105194913310021", "standards.id_birth_date"),
        ("110105194912310021", "standards.id_check_digit"),
    ],
)
def test_an_error_names_the_fault_and_never_the_number(text, code):
    with pytest.raises(IdNumberError) as caught:
        parse_id_number(text)
    assert caught.value.code == code
    assert text not in str(caught.value)


def test_a_number_is_masked_and_so_is_its_repr():
    assert mask(EXAMPLE) == "110***********002X"
    assert "19491231" not in repr(parse_id_number(EXAMPLE))


def test_r25_no_space_inside_a_name():
    assert [f.code for f in check_name("张 伟")] == ["name_space"]
    assert [f.code for f in check_name("张\u3000伟")] == ["name_space"]
    assert canonical_name("张 伟") == "张伟"
    assert check_name("镕喆堃") == ()


def test_minority_names_use_the_middle_dot():
    assert check_name("扎西·次仁") == ()
    assert [f.code for f in check_name("扎西•次仁")] == ["name_dot"]
    assert canonical_name("扎西•次仁") == "扎西·次仁"


def test_digits_and_private_characters_are_no_name():
    assert [f.code for f in check_name("张伟1")] == ["name_character"]
    assert [f.code for f in check_name("张\ue000")] == ["name_private"]


def test_r26_eight_digits():
    assert parse_date("19860305") == parse_date("1986-3-5") == parse_date("1986年3月5日") == date(1986, 3, 5)
    for wrong in ("19860230", "860305", "x"):
        with pytest.raises(DateError):
            parse_date(wrong)


def test_e5_forty_working_days_after_4_january_2013():
    due = OFFICIAL.add_workdays(date(2013, 1, 4), 40)
    assert (due.date, due.provisional) == (date(2013, 3, 4), False)
    assert date(2013, 1, 4) + timedelta(days=40) == date(2013, 2, 13)


def test_e6_forty_working_days_after_14_december_2008():
    assert OFFICIAL.add_workdays(date(2008, 12, 14), 40).date == date(2009, 2, 12)


def test_e4_the_published_weekends_of_r143():
    days = ["2019-09-01", "2019-09-07", "2019-10-13", "2019-10-27", "2020-03-07", "2020-04-25"]
    assert all(date.fromisoformat(day).weekday() >= 5 for day in days)
    assert OFFICIAL.workday(date(2019, 10, 12)).works, "the working Saturday that the notice leaves out"


def test_a_year_not_yet_announced_is_provisional():
    due = OFFICIAL.add_workdays(date(2035, 9, 28), 3)
    assert due.provisional
    assert due.date > date(2035, 10, 3)
    assert OFFICIAL.workday(date(2035, 10, 1)).works is False


def test_the_schools_own_table_wins():
    assert WorkCalendar({date(2013, 1, 4): False}).workday(date(2013, 1, 4)).works is False


def test_a_month_after_the_31st():
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_r117_profiles_have_their_own_shapes():
    assert set(profile_codes()) == {"cet", "legacy_2009", "mb2017_99", "print_48x33"}
    shapes = {code: (load_profile(code).width_px, load_profile(code).height_px) for code in profile_codes()}
    assert shapes == {"mb2017_99": (480, 640), "legacy_2009": (144, 192), "cet": (144, 192), "print_48x33": (390, 567)}
    assert load_profile("mb2017_99").source == "教毕指〔2017〕99号"
    with pytest.raises(UnknownProfileError):
        load_profile("../secrets")


def test_tables_name_their_source():
    assert len(load_table("ethnic_group").names) == 58
    assert "共青团员" in load_table("political_status")
    assert load_table("political_status").source
