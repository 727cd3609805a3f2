"""SAM_V frames against every example of facts 3.1, and against dirty lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradphoto.engine.devices.errors import ReaderError
from gradphoto.engine.devices.sam_v.frames import (
    PREAMBLE,
    Command,
    Fault,
    FrameReader,
    encode_request,
    encode_response,
    parse_request,
    parse_response,
)
from gradphoto.engine.devices.sam_v.statuses import Status, status_error

pytestmark = pytest.mark.engine

REQUESTS = [
    (Command.RESET, "AAAAAA9669 0003 10FF EC"),
    (Command.STATUS, "AAAAAA9669 0003 11FF ED"),
    (Command.SAM_ID, "AAAAAA9669 0003 12FF EE"),
    (Command.FIND_CARD, "AAAAAA9669 0003 2001 22"),
    (Command.SELECT_CARD, "AAAAAA9669 0003 2002 21"),
    (Command.READ_TEXT_AND_PHOTO, "AAAAAA9669 0003 3001 32"),
    (Command.READ_NEWEST_ADDRESS, "AAAAAA9669 0003 3003 30"),
    (Command.READ_TEXT_PHOTO_AND_FINGER, "AAAAAA9669 0003 3010 23"),
    (Command.BAUD_115200, "AAAAAA9669 0003 6000 63"),
]
RESPONSES = [
    (Status.OK, "", "AAAAAA9669 0004 000090 94"),
    (Status.CARD_FOUND, "00000000", "AAAAAA9669 0008 00009F 00000000 97"),
    (Status.OK, "0000000000000000", "AAAAAA9669 000C 000090 0000000000000000 9C"),
]


@pytest.mark.parametrize(("command", "frame"), REQUESTS)
def test_request_frames_are_those_of_the_protocol(command: Command, frame: str) -> None:
    raw = bytes.fromhex(frame)
    assert encode_request(command) == raw
    [body] = FrameReader().feed(raw)
    assert parse_request(body).command == command.value


@pytest.mark.parametrize(("status", "data", "frame"), RESPONSES)
def test_response_frames_are_those_of_the_protocol(status: Status, data: str, frame: str) -> None:
    raw = bytes.fromhex(frame)
    assert encode_response(status, bytes.fromhex(data)) == raw
    [body] = FrameReader().feed(raw)
    assert parse_response(body).expect(status).data == bytes.fromhex(data)


@pytest.mark.parametrize("size", [1295, 2321, 1809, 1297])
def test_read_answers_have_the_sizes_of_the_protocol(size: int) -> None:
    data = bytes(size - 11)  # preamble 5, length 2, SW 3, checksum 1
    frame = encode_response(Status.OK, data)
    assert len(frame) == size
    assert FrameReader().feed(frame) == [bytes([0, 0, 0x90]) + data]


def test_checksum_covers_the_length_bytes() -> None:
    frame = bytearray(encode_response(Status.OK))
    frame[6] ^= 0x80  # a longer length, still within what there is room for
    reader = FrameReader()
    assert reader.feed(bytes(frame) + bytes(0x80)) == [Fault.CHECKSUM]


def test_absurd_length_is_told_and_does_not_make_the_desk_deaf() -> None:
    good = encode_response(Status.OK)
    assert FrameReader().feed(PREAMBLE + b"\xff\xff" + good) == [Fault.LENGTH, bytes([0, 0, 0x90])]


def test_good_frame_after_a_garbled_one_is_found() -> None:
    good = encode_response(Status.CARD_FOUND, bytes(4))
    bad = good[:-1] + bytes([good[-1] ^ 1])
    assert FrameReader().feed(bad + good) == [Fault.CHECKSUM, bytes([0, 0, 0x9F, 0, 0, 0, 0])]


def test_good_frame_swallowed_by_a_wrong_length_is_found() -> None:
    good = encode_response(Status.OK)
    too_long = bytearray(good)
    too_long[6] = 14  # claims to reach into the frame behind it
    found = FrameReader().feed(bytes(too_long) + good)
    assert found == [Fault.CHECKSUM, bytes([0, 0, 0x90])]


def test_clear_forgets_an_unfinished_frame() -> None:
    reader = FrameReader()
    assert reader.feed(encode_response(Status.OK, bytes(8))[:-3]) == []
    reader.clear()
    assert reader.feed(encode_response(Status.NO_CARD)) == [bytes([0, 0, 0x80])]


# Noise must not itself hold a preamble, but may end in the beginning of one.
noise = st.binary(max_size=12).filter(lambda raw: b"\x96" not in raw)


@given(
    messages=st.lists(st.tuples(noise, st.sampled_from(Status), st.binary(max_size=300)), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 40), min_size=1, max_size=30),
)
def test_frames_survive_garbage_splitting_and_gluing(
    messages: list[tuple[bytes, Status, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(garbage + encode_response(status, data) for garbage, status, data in messages)
    reader, found, at, turn = FrameReader(), [], 0, 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        found += reader.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    assert found == [bytes([0, 0, status]) + data for _, status, data in messages]


@given(data=st.binary(max_size=60), place=st.integers(0), flip=st.integers(1, 255))
def test_no_single_wrong_byte_gets_through(data: bytes, place: int, flip: int) -> None:
    frame = bytearray(encode_response(Status.OK, data))
    frame[place % len(frame)] ^= flip
    whole = [found for found in FrameReader().feed(bytes(frame)) if isinstance(found, bytes)]
    assert bytes([0, 0, Status.OK]) + data not in whole


@pytest.mark.parametrize("status", Status)
def test_every_status_word_is_a_sentence_in_both_languages(status: Status) -> None:
    assert status.sentence.zh
    assert status.sentence.en.endswith(".")
    assert status.remedy.zh
    assert status.remedy.en.endswith(".")
    error = status_error(status)
    assert error.code == f"reader.{status.name.lower()}"
    assert error.status == status


def test_unknown_status_word_is_told_with_its_value() -> None:
    error = status_error(0x77)
    assert error.code == "reader.status_unknown"
    assert "77" in error.message.zh
    assert "77" in error.message.en


def test_answer_too_short_for_a_status_is_refused() -> None:
    with pytest.raises(ReaderError) as caught:
        parse_response(b"\x00\x00")
    assert caught.value.code == "reader.answer_too_short"


def test_card_bytes_stay_out_of_what_is_printed() -> None:
    assert "3939" not in repr(parse_response(b"\x00\x00\x90" + b"99"))
    assert "99" not in repr(parse_response(b"\x00\x00\x90" + b"99"))
