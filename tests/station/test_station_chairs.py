"""The devices of several chairs on one laptop, as they are named on the command line (R86)."""

from __future__ import annotations

import pytest

from gradphoto.cli.station_chairs import Devices, read_chairs, require_apart
from gradphoto.engine.errors import GradPhotoError


def test_each_further_chair_names_its_own_devices(tmp_path):
    [two] = read_chairs([f"2:reader=COM4,frames={tmp_path}"])
    assert two == Devices(2, "COM4", tmp_path)
    assert two.arguments == ["--reader", "COM4", "--frames", str(tmp_path), "--chair", "2"]
    assert Devices(None, "auto").arguments == ["--reader", "auto"], "the laptop's first chair is found by the station"


@pytest.mark.parametrize(
    "said",
    [
        ["reader=COM4"], ["0:reader=COM4"], ["21:reader=COM4"], ["2:camera=x"], ["2:reader="], ["2:reader=auto"],
        ["2:frames=/no/such/folder"], ["2:reader=COM4", "2:reader=COM5"], ["2:reader=COM4", "3:reader=COM4"],
    ],
)  # fmt: skip
def test_what_cannot_be_understood_or_stands_there_twice_is_refused_with_an_example(said):
    with pytest.raises(GradPhotoError) as caught:
        read_chairs(said)
    assert caught.value.code == "station.chair"
    assert "2:reader=COM4" in caught.value.remedy.zh


def test_a_further_chair_is_not_the_first_one_again():
    with pytest.raises(GradPhotoError):
        require_apart([Devices(3, "COM4")], [3, 4])
