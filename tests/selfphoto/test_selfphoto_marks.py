"""Findings drawn on the picture: in the order given, on the picture, each number to be read."""

from __future__ import annotations

import itertools

import pytest

from gradphoto.apps.selfphoto.marks import draw

WIDTH, HEIGHT = 960, 1280


def finding(*marks, outcome="fail"):
    return {"outcome": outcome, "title": "…", "marks": list(marks)}


def box(x, y, width, height):
    return {"kind": "box", "x": x, "y": y, "width": width, "height": height}


def test_numbers_follow_the_servers_order_and_what_is_about_the_whole_picture_keeps_its_number():
    made = draw(
        [finding(box(10, 10, 50, 50)), finding(), finding(box(500, 500, 9, 9), outcome="review")], WIDTH, HEIGHT
    )
    assert [(item.number, item.is_drawn, item.outcome) for item in made.items] == [
        (1, True, "fail"), (2, False, "fail"), (3, True, "review"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "mark",
    [
        box(-40, -40, 4000, 4000), box(950, 1270, 200, 200), box(300, 300, 0, 0), box(5000, 5000, 1, 1),
        {"kind": "line", "x1": -9, "y1": 1290, "x2": 970, "y2": 2}, {"kind": "point", "x": 961, "y": -1},
    ],
)  # fmt: skip
def test_whatever_is_found_is_drawn_on_the_picture_large_enough_to_be_seen(mark):
    made = draw([finding(mark)], WIDTH, HEIGHT)
    [shape] = made.items[0].shapes
    assert 0 <= shape.x <= WIDTH
    assert 0 <= shape.y <= HEIGHT
    if shape.kind == "box":
        assert min(shape.width, shape.height) >= WIDTH * 0.02 - 0.1
        assert shape.x + shape.width <= WIDTH + 0.1
        assert shape.y + shape.height <= HEIGHT + 0.1
    assert made.radius <= made.items[0].x <= WIDTH - made.radius
    assert made.radius <= made.items[0].y <= HEIGHT - made.radius


def test_ten_findings_at_the_same_place_have_ten_numbers_to_read():
    made = draw([finding(box(940, 4, 10, 10)) for _ in range(10)], WIDTH, HEIGHT)
    places = [(item.x, item.y) for item in made.items]
    for (x1, y1), (x2, y2) in itertools.combinations(places, 2):
        assert abs(x1 - x2) > made.radius * 2 or abs(y1 - y2) > made.radius * 2
