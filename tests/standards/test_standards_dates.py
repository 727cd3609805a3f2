"""Dates as programs write them: with a time of day, a weekday, another zone (R26, issue 14.2)."""

import pytest

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.dates import compact, parse_date, parse_month

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    "text",
    [
        "2003-04-12 00:00:00", "2003/4/12 0:00", "2003-04-12T00:00:00.000+08:00", "2003-04-12T00:00", "2003-04-12 00:00:00.0",
        "2003/4/12 12:00:00 AM", "2003/4/12 上午 12:00:00", "2003/4/12 上午12:00", "2003年4月12日 星期六", "2003/4/12 星期六 0:00:00",
        "2003年4月12日（周六）", "2003年4月12日 8时30分", "2003年4月12日8点30分00秒", "20030412000000", "200304120800", "20030412 00:00:00",
        "２００３－０４－１２　００：００：００", "2003-04-11T16:00:00Z", "2003-04-11T16:00:00.000Z", "2003-04-11 16:00:00 UTC", "2003-04-12T00:00:00+0800",
        "2003-04-12T09:00:00+09:00", "2003-04-11T12:00:00-04:00", "2003-04-12 10:00:00 GMT",
    ],
)  # fmt: skip
def test_a_day_with_more_behind_it_is_the_day(text):
    assert compact(parse_date(text)) == "20030412"


@pytest.mark.parametrize("text", ["2003-04-12 x", "20030412999999", "2003-04-12 周", "2003-04-31 00:00:00", "12:00:00"])
def test_what_is_no_day_stays_none(text):
    with pytest.raises(GradPhotoError):
        parse_date(text)


def test_a_month_with_a_time_is_the_month():
    assert parse_month("2022-9 0:00").month == 9
    assert parse_month("20030412000000") is None
