"""S1's timetable and the planner's own rules."""

from datetime import datetime, timedelta

import pytest

from gradphoto.engine.planning import Block, Group, Kind, Rates, plan, rate_warning

pytestmark = pytest.mark.engine
RATES = Rates(full_time_per_hour=120, adult_per_hour=100)
# S1 annex 1: department, headcount, day of January 2013, from, to
S1 = [
    ("政法学院", 169, 3, "8:00", "8:40"), ("数学学院", 162, 3, "8:40", "9:20"), ("中文学院", 155, 3, "9:25", "10:10"),
    ("化工学院", 247, 3, "10:10", "11:10"), ("体育学院", 120, 3, "11:10", "11:40"), ("计算机学院", 126, 3, "14:00", "14:35"),
    ("新闻学院", 178, 3, "14:40", "15:25"), ("土建学院", 317, 3, "15:30", "16:50"), ("音乐学院", 161, 3, "16:50", "17:30"),
    ("信息学院", 361, 4, "8:00", "9:30"), ("美术学院", 240, 4, "9:35", "10:35"), ("外语学院", 206, 4, "10:35", "11:30"),
    ("物电学院", 120, 4, "14:00", "14:30"), ("机械学院", 319, 4, "14:35", "16:00"),
]  # fmt: skip


def at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2013, 1, day, int(hour), int(minute))


def test_e2_fourteen_departments_of_2881_people():
    assert len(S1) == 14
    assert sum(row[1] for row in S1) == 2881


def test_e1_one_station_is_too_few_for_every_slot_and_two_are_enough():
    rates = [count / ((at(day, end) - at(day, start)) / timedelta(hours=1)) for _, count, day, start, end in S1]
    assert round(min(rates)) >= 207
    assert round(max(rates)) in (253, 254)
    for _, count, day, start, end in S1:
        assert rate_warning(count, at(day, start), at(day, end), 1, 150) is not None
        assert rate_warning(count, at(day, start), at(day, end), 2, 150) is None


def group(key: str, season: str = "spring", headcount: int = 30) -> Group:
    return Group(key, "计算机学院", key, season, Kind.FULL_TIME, headcount)


def test_groups_follow_each_other_on_five_minutes():
    made = plan([group("a"), group("b", headcount=31)], [Block(at(3, "8:00"), at(3, "11:30"), "104")], RATES)
    assert [(s.start, s.end) for s in made.slots] == [
        (at(3, "8:00"), at(3, "8:15")),
        (at(3, "8:15"), at(3, "8:35")),
    ]


def test_r12_spring_and_autumn_never_share_a_slot():
    blocks = [Block(at(3, "8:00"), at(3, "11:30"), "104")]
    made = plan([group("a"), group("b", "autumn"), group("c")], blocks, RATES)
    for one in made.slots:
        for other in made.slots:
            if one.group.season != other.group.season:
                assert one.end <= other.start or other.end <= one.start


def test_a_group_that_fits_nowhere_is_told_and_the_others_are_placed():
    made = plan([group("big", headcount=900), group("small")], [Block(at(3, "8:00"), at(3, "9:00"), "104")], RATES)
    assert [u.group.key for u in made.unplaced] == ["big"]
    assert [s.group.key for s in made.slots] == ["small"]
    assert "900" in made.unplaced[0].reason.zh


def test_more_stations_take_less_time():
    one = plan([group("a", headcount=120)], [Block(at(3, "8:00"), at(3, "11:30"), "104", 1)], RATES).slots[0]
    two = plan([group("a", headcount=120)], [Block(at(3, "8:00"), at(3, "11:30"), "104", 2)], RATES).slots[0]
    assert (one.end - one.start, two.end - two.start) == (timedelta(minutes=60), timedelta(minutes=30))
