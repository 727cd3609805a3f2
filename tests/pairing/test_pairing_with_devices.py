"""Camera, hot folder and pairing together: real files in, bindings out."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

import pytest
from made_up_session import later
from PIL import Image

from gradphoto.engine.devices.camera_simulator import SimulatedCamera
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.protocols import ArrivedFrame
from gradphoto.engine.pairing import AlarmKind, CheckInMark, ClockFix, FrameMark, PairingRules, SessionPairer

pytestmark = pytest.mark.engine


def mark_of(frame: ArrivedFrame) -> FrameMark:
    facts = frame.exif
    key = f"{facts.folder}/{frame.file_name}"
    return FrameMark(key, facts.camera_serial, facts.file_number, facts.folder, facts.taken_at, frame.arrived_at)


def test_r98_swipes_and_files_pair_one_to_one_over_a_roll_over_and_a_lost_frame(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (48, 64), "blue").save(out, "JPEG")
    camera = SimulatedCamera(tmp_path, "SN7", clock_offset=timedelta(minutes=-7), next_number=9997)
    hot, pairer = (
        HotFolder(tmp_path),
        SessionPairer(PairingRules(clocks={"SN7": (ClockFix(timedelta(minutes=-7), transfer=timedelta(seconds=1)),)})),
    )
    told = []
    for number in range(1, 7):
        start = 30.0 * number
        told += pairer.check_in(CheckInMark(number, number, later(start)))
        if number == 5:
            camera.lose_frame()
            continue
        camera.shoot(out.getvalue(), later(start + 8))
        assert hot.poll(later(start + 8.5)) == []
        for frame in hot.poll(later(start + 9)):
            told += pairer.frame(mark_of(frame)).alarms
            hot.done(frame)
    assert dict(pairer.state().bound) == {
        "100GRADP/IMG_9997.JPG": 1,
        "100GRADP/IMG_9998.JPG": 2,
        "100GRADP/IMG_9999.JPG": 3,
        "101GRADP/IMG_0001.JPG": 4,
    }
    assert [(alarm.kind, alarm.check_in_key) for alarm in told] == [
        (AlarmKind.PERSON_WITHOUT_FRAME, 5),
        (AlarmKind.FILE_NUMBER_GAP, 6),
        (AlarmKind.WHOSE_FRAME, 6),  # the card ended the turn of somebody without a frame: it may be that person's
    ]
