"""A real pseudo-terminal, pyserial, and real bytes between the station and the reader."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest
from made_up_cards import foreigner_2017, foreigner_2023, permit, resident

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.protocols import IdReader
from gradphoto.engine.devices.sam_v.frames import Command, encode_request
from gradphoto.engine.devices.sam_v.reader import SamVReader, SerialTransport, open_serial
from gradphoto.engine.devices.sam_v.records import CardRecord
from gradphoto.engine.devices.sam_v.simulator import ReaderFault, SimulatedReader
from gradphoto.engine.devices.sam_v.statuses import Status
from patience import THREAD_S, until

pytestmark = [pytest.mark.engine, pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")]

SOON = THREAD_S
NOW = 0.05
LOST_S = 0.5
"""After so long an answer counts for lost, where the test is about lost ones; elsewhere the reader's thread may be late."""


@pytest.fixture
def desk() -> Iterator[SimulatedReader]:
    with SimulatedReader() as simulated:
        yield simulated


def _reader(desk: SimulatedReader, answer_s: float = THREAD_S) -> SamVReader:
    return SamVReader(SerialTransport(desk.port_name), answer_s=answer_s, poll_s=0.01)


@pytest.fixture
def reader(desk: SimulatedReader) -> Iterator[SamVReader]:
    with _reader(desk) as opened:
        yield opened


@pytest.mark.parametrize("card", [resident(), permit(), foreigner_2017(), foreigner_2023()], ids=lambda c: c.kind)
def test_r96_each_kind_of_card_is_read_over_the_line(desk, reader, card: CardRecord) -> None:
    desk.insert(card)
    assert reader.wait_for_card(SOON) == card
    assert desk.sam.card_was_read


def test_a_reader_opened_by_name_is_an_id_reader(desk) -> None:
    reader: IdReader = open_serial(desk.port_name)
    desk.insert(resident())
    assert reader.wait_for_card(SOON) == resident()
    reader.close()


def test_no_card_is_none(reader) -> None:
    assert reader.wait_for_card(NOW) is None


def test_a_card_laid_down_while_waiting_is_found(desk, reader) -> None:
    threading.Timer(0.05, desk.insert, [resident()]).start()
    assert reader.wait_for_card(SOON) == resident()


@pytest.mark.parametrize("insists", [True, False], ids=["reader keeps the rule", "reader does not"])
def test_one_swipe_is_one_event(insists: bool) -> None:
    with SimulatedReader(insists_on_lifting=insists) as desk, _reader(desk) as reader:
        desk.insert(resident(1))
        assert reader.wait_for_card(SOON) == resident(1)
        assert reader.wait_for_card(NOW) is None, "the card lies there still"
        desk.lift()
        assert reader.wait_for_card(NOW) is None
        desk.insert(resident(1))
        assert reader.wait_for_card(SOON) == resident(1), "lifted and laid down again: a second swipe"
        desk.lift()
        assert reader.wait_for_card(NOW) is None
        desk.insert(resident(2))
        assert reader.wait_for_card(SOON) == resident(2)


@pytest.mark.parametrize("reads_again", [True, False])
@pytest.mark.parametrize("fault", [ReaderFault.BAD_CHECKSUM, ReaderFault.NO_ANSWER])
def test_spoiled_answer_is_asked_for_again_or_the_card_must_be_lifted(fault: ReaderFault, reads_again: bool) -> None:
    answer_s = LOST_S if fault is ReaderFault.NO_ANSWER else THREAD_S
    with SimulatedReader(reads_again=reads_again) as desk, _reader(desk, answer_s) as reader:
        desk.fail_once(fault)
        desk.insert(resident())
        if reads_again:
            assert reader.wait_for_card(SOON) == resident()
            assert reader.wait_for_card(NOW) is None, "recovering is no second swipe"
            return
        with pytest.raises(ReaderError) as caught:
            reader.wait_for_card(SOON)
        assert caught.value.code == ("reader.garbled" if fault is ReaderFault.BAD_CHECKSUM else "reader.no_answer")
        assert "Lift the card" in caught.value.remedy.en
        desk.lift()
        assert reader.wait_for_card(NOW) is None
        desk.insert(resident())
        assert reader.wait_for_card(SOON) == resident()


def test_answers_that_stay_garbled_end_in_an_error_not_a_card(desk, reader) -> None:
    for _ in range(3):
        desk.fail_once(ReaderFault.BAD_CHECKSUM)
    desk.insert(resident())
    with pytest.raises(ReaderError) as caught:
        reader.wait_for_card(SOON)
    assert caught.value.code == "reader.garbled"


def test_one_failed_read_is_tried_again_by_itself(desk, reader) -> None:
    desk.fail_once(ReaderFault.READ_FAILED)
    desk.insert(resident())
    assert reader.wait_for_card(SOON) == resident()


def test_a_card_that_cannot_be_read_is_told(desk, reader) -> None:
    for _ in range(3):
        desk.fail_once(ReaderFault.READ_FAILED)
    desk.insert(resident())
    with pytest.raises(ReaderError) as caught:
        reader.wait_for_card(SOON)
    assert caught.value.code == "reader.read_failed"
    assert caught.value.message == Status.READ_FAILED.sentence


@pytest.mark.parametrize("fault", [ReaderFault.READ_FAILED])
def test_a_card_that_cannot_be_read_is_told_though_the_room_looks_for_a_moment_at_a_time(desk, reader, fault) -> None:
    """The station's loop asks for 0.1 s again and again: the failures of one card are counted over its looks."""
    for _ in range(12):
        desk.fail_once(fault)
    desk.insert(resident())
    told = None
    for _ in range(40):
        try:
            reader.wait_for_card(0.05)
        except ReaderError as error:
            told = error
            break
    assert told is not None
    assert told.message == Status.READ_FAILED.sentence
    assert told.remedy.zh


def test_noise_on_the_line_does_no_harm(desk, reader) -> None:
    desk.fail_once(ReaderFault.NOISE_BEFORE)
    desk.insert(resident())
    assert reader.wait_for_card(SOON) == resident()


def test_late_answer_is_not_taken_for_the_next_ones(desk) -> None:
    with _reader(desk) as reader:
        transport = reader._port
        transport.write(encode_request(Command.FIND_CARD))  # an answer nobody waited for
        until(lambda: transport._port.in_waiting, THREAD_S)
        assert reader.ask(Command.STATUS).status == Status.OK


def test_check_gives_the_number_of_the_security_module(reader) -> None:
    assert reader.check() == "05.01-20261121-7-990101"


def test_the_protocols_order_is_kept_find_select_read(desk, reader) -> None:
    assert reader.ask(Command.FIND_CARD).status == Status.NO_CARD
    assert reader.ask(Command.SELECT_CARD).status == Status.SELECT_FAILED
    desk.insert(resident())
    assert reader.ask(Command.READ_TEXT_AND_PHOTO).status == Status.READ_FAILED
    assert reader.ask(Command.FIND_CARD).status == Status.CARD_FOUND
    assert reader.ask(Command.SELECT_CARD).data == bytes(8)
    assert len(reader.ask(Command.READ_TEXT_AND_PHOTO).data) == 1284
    assert reader.ask(Command.FIND_CARD).status == Status.NO_CARD


def test_simulator_answers_every_command(desk, reader) -> None:
    assert reader.ask(Command.RESET).status == Status.OK
    assert reader.ask(Command.BAUD_9600).status == Status.OK
    assert desk.sam.baud == 9600
    desk.insert(resident())
    reader.ask(Command.FIND_CARD)
    reader.ask(Command.SELECT_CARD)
    assert reader.ask(Command.READ_NEWEST_ADDRESS).status == Status.ITEM_EMPTY
    assert len(reader.ask(Command.READ_TEXT_PHOTO_AND_FINGER).data) == 1284 + 2 + 1024


def test_reader_pulled_out_is_told_and_a_new_one_works() -> None:
    desk = SimulatedReader()
    reader = _reader(desk)
    desk.close()
    with pytest.raises(ReaderError) as caught:
        reader.wait_for_card(SOON)
    assert caught.value.code == "reader.unplugged"
    reader.close()
    with SimulatedReader() as again, _reader(again) as reopened:
        again.insert(resident())
        assert reopened.wait_for_card(SOON) == resident()


def test_port_that_is_not_there_is_told() -> None:
    with pytest.raises(ReaderError) as caught:
        open_serial("no-such-port")
    assert caught.value.code == "reader.cannot_open"
    assert "no-such-port" in caught.value.message.zh


def test_a_line_without_a_reader_is_told() -> None:
    with SamVReader(SerialTransport("loop://"), answer_s=0.05, tries=2) as nobody, pytest.raises(ReaderError):
        nobody.check()


def test_simulator_stops_cleanly_even_with_nobody_reading() -> None:
    before = threading.active_count()
    desk = SimulatedReader()
    transport = SerialTransport(desk.port_name)
    desk.insert(resident())
    for _ in range(200):  # answers pile up until the line is full
        transport.write(encode_request(Command.SAM_ID))
    desk.close()
    desk.close()
    transport.close()
    assert threading.active_count() == before
