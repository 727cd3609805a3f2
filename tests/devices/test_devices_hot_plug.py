"""The reader is pulled, plugged in elsewhere, set to another speed; a swipe stays one swipe."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import replace

import pytest
from made_up_cards import resident

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.hot_plug import BAUDS, HotPlugReader, ReaderState, find_reader
from gradphoto.engine.devices.sam_v.reader import SamVReader, SerialTransport
from gradphoto.engine.devices.sam_v.simulator import SimulatedReader
from patience import THREAD_S

pytestmark = [pytest.mark.engine, pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")]
SOON, NOW = THREAD_S, 0.05


class Desk:
    """A desk where the reader may be pulled and plugged in again: the port has another name each time."""

    def __init__(self) -> None:
        self.simulated: SimulatedReader | None = None

    def plug(self, **options) -> SimulatedReader:
        self.simulated = SimulatedReader(**options)
        return self.simulated

    def pull(self) -> None:
        self.simulated.close()
        self.simulated = None

    def find(self) -> SamVReader:
        ports = [self.simulated.port_name] if self.simulated else ["/dev/none"]
        return find_reader(ports, answer_s=THREAD_S)


@pytest.fixture
def desk():
    made = Desk()
    yield made
    if made.simulated:
        made.pull()


def test_an_unplugged_reader_is_told_once_and_comes_back_by_itself(desk):
    reader = HotPlugReader(desk.find, retry_s=0.02)
    assert reader.wait_for_card(NOW) is None
    assert reader.state is ReaderState.ABSENT
    desk.plug().insert(resident(1))
    assert reader.wait_for_card(SOON) == resident(1)
    desk.simulated.lift()
    assert reader.wait_for_card(NOW) is None
    desk.pull()
    with pytest.raises(ReaderError) as caught:
        reader.wait_for_card(SOON)
    assert caught.value.code == "reader.unplugged"
    assert reader.wait_for_card(NOW) is None, "told once"
    desk.plug().insert(resident(2))
    assert reader.wait_for_card(SOON) == resident(2)
    assert reader.state is ReaderState.READY
    reader.close()


def test_a_card_that_lay_there_while_the_reader_was_replugged_is_no_second_swipe(desk):
    reader = HotPlugReader(desk.find, retry_s=0.02)
    desk.plug().insert(resident(1))
    assert reader.wait_for_card(SOON) == resident(1)
    desk.pull()
    with pytest.raises(ReaderError):
        reader.wait_for_card(SOON)
    desk.plug().insert(resident(1))
    assert reader.wait_for_card(0.3) is None
    desk.simulated.lift()
    assert reader.wait_for_card(NOW) is None
    desk.simulated.insert(resident(1))
    assert reader.wait_for_card(SOON) == resident(1), "lifted and laid down again: a swipe"
    reader.close()


def _found(simulated: SimulatedReader) -> SamVReader:
    """It says nothing at a speed that is not its own; on a busy machine its thread may also be late."""
    for answer_s in (0.1, 1.0):
        with suppress(ReaderError):
            return find_reader([simulated.port_name], answer_s=answer_s)
    return find_reader([simulated.port_name], answer_s=10.0)


@pytest.mark.parametrize("baud", BAUDS)
def test_the_reader_is_found_at_any_speed_and_set_to_the_fastest(desk, baud):
    simulated = desk.plug(baud=baud, heeds_baud=True)
    with _found(simulated) as reader:
        assert simulated.sam.baud == 115200
        simulated.insert(resident())
        assert reader.wait_for_card(SOON) == resident()


def test_no_reader_anywhere_says_what_to_do():
    with pytest.raises(ReaderError) as caught:
        find_reader(["/dev/none"])
    assert caught.value.code == "reader.not_found"


@pytest.mark.parametrize("address", ["", "示范省示范市新居路 8 号"])
def test_the_newest_address_is_asked_for_only_when_wanted(desk, address):
    card = replace(resident(), newest_address=address)
    simulated = desk.plug()
    simulated.insert(card)
    with SamVReader(SerialTransport(simulated.port_name), answer_s=THREAD_S, newest_address=True) as reader:
        assert reader.wait_for_card(SOON) == card
    simulated.lift()
    with SamVReader(SerialTransport(simulated.port_name), answer_s=THREAD_S) as reader:
        assert reader.wait_for_card(NOW) is None
        simulated.insert(card)
        assert reader.wait_for_card(SOON).newest_address == ""
