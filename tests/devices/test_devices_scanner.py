"""Hand scanners and the trial collection code."""

from __future__ import annotations

import os
import sys

import pytest

from gradphoto.engine.devices.collection_code import CodeHolder, TrialCodec, codec_of
from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.sam_v.reader import SerialTransport
from gradphoto.engine.devices.scanner import SerialScanner, clean_scan
from patience import THREAD_S

pytestmark = pytest.mark.engine
HOLDER = CodeHolder("U-1", "测试甲", "990101200403050037", "2022000001")


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("2022000001\r\n", "2022000001"),
        ("]Q12022000001", "2022000001"),
        ("２０２２０００００１", "2022000001"),
        ("ＧＰＴＥＳＴ１．ＡＢ", "GPTEST1.AB"),
        ("\tA\x1dB ", "AB"),
        ("   ", ""),
    ],
)
def test_a_scan_is_what_was_printed(raw, clean):
    assert clean_scan(raw) == clean


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals")
def test_a_scanner_in_serial_mode_gives_whole_lines():
    import tty

    ours, theirs = os.openpty()
    tty.setraw(theirs)
    scanner = SerialScanner(SerialTransport(os.ttyname(theirs)))
    os.write(ours, b"20220")
    assert scanner.wait_for_code(0.1) is None
    os.write(ours, "00001\r\n测试乙\r".encode())
    assert scanner.wait_for_code(THREAD_S) == "2022000001"
    assert scanner.wait_for_code(THREAD_S) == "测试乙"
    scanner.close()
    os.close(ours)
    os.close(theirs)


def test_the_trial_code_says_who_it_is_and_only_to_those_who_know_the_words():
    code = TrialCodec("彩排").write(HOLDER)
    assert TrialCodec("彩排").read(code.lower()) == HOLDER
    assert "测试甲" not in code
    assert set(code) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567.1GPTES"), "a wedge scanner types it on any keyboard"
    for codec, text in ((TrialCodec("别的"), code), (TrialCodec("彩排"), code[:-3]), (TrialCodec("彩排"), "GPTEST1.")):
        with pytest.raises(DeviceError) as caught:
            codec.read(text)
        assert caught.value.code == "code.unreadable"
    assert "测试甲" not in repr(HOLDER)


def test_without_an_approved_adapter_there_is_none():
    assert codec_of("chsi") is None
    assert codec_of("trial:") is None
    assert codec_of("trial:彩排") is not None
