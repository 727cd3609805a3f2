"""The hot folder with real files, and the simulated camera that writes into it (facts 4.2, 4.3)."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from gradphoto.engine.devices.camera_simulator import SimulatedCamera, splice_exif
from gradphoto.engine.devices.errors import HotFolderError
from gradphoto.engine.devices.frame_facts import CHINA_TIME, EXIF_IFD, FrameFacts, dcf_file_number, read_frame_facts
from gradphoto.engine.devices.hot_folder import HotFolder
from gradphoto.engine.devices.protocols import ArrivedFrame, FrameSource
from gradphoto.engine.devices.stalled import StallReason

pytestmark = pytest.mark.engine

START = datetime(2026, 11, 21, 9, 0, tzinfo=CHINA_TIME)


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def jpeg(colour: str = "blue", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (96, 128), colour).save(out, "JPEG", **options)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def hot(folder: Path) -> HotFolder:
    return HotFolder(folder, settle_s=0.4)


@pytest.fixture
def camera(folder: Path) -> SimulatedCamera:
    return SimulatedCamera(folder, "SN42")


def settled(hot: HotFolder, at: float = 0.0) -> list[ArrivedFrame]:
    """What is whole once nothing has moved for a second."""
    first = hot.poll(later(at))
    return first + hot.poll(later(at + 1))


def test_frame_arrives_with_its_facts(hot, camera, folder) -> None:
    path = camera.shoot(jpeg(), later(0.123))
    [frame] = settled(hot)
    source: FrameSource = hot
    assert frame == ArrivedFrame(
        file_name="IMG_0001.JPG",
        path=path,
        size_bytes=path.stat().st_size,
        arrived_at=later(1),
        exif=FrameFacts(later(0.123), "SN42", 1, "100GRADP"),
    )
    assert source.read(frame) == path.read_bytes()


def test_first_sight_is_never_acted_on(folder, camera) -> None:
    hot = HotFolder(folder, settle_s=0)
    camera.shoot(jpeg(), START)
    assert hot.poll(START) == []
    assert len(hot.poll(later(0.001))) == 1


def test_half_a_file_is_not_taken_however_long_it_lies(hot, camera) -> None:
    transfer = camera.begin(jpeg(), START)
    assert settled(hot) == []
    assert hot.poll(later(60)) == []
    transfer.finish()
    assert hot.poll(later(61)) == [], "its last change was only just seen"
    [frame] = hot.poll(later(62))
    assert Image.open(frame.path).size == (96, 128)


def test_whole_looking_file_that_still_grows_is_not_taken(hot, folder) -> None:
    path = folder / "IMG_0007.JPG"
    path.write_bytes(jpeg())  # ends with FFD9, as a preview inside a larger file does
    hot.poll(later(0))
    with path.open("ab") as file:
        file.write(b"more")
    assert hot.poll(later(0.5)) == []
    assert hot.poll(later(1)) == [], "something may still come"


@pytest.mark.parametrize(
    "behind",
    [b"\0\0\0\x18ftypmp42" + bytes(4000), b"\xff" * 9000, jpeg("red"), b"\0" * 600 + b"trailer", b"\xff\xfe"],
    ids=["video", "padding of FF", "another picture", "maker's trailer", "a comment"],
)
def test_a_photograph_with_something_behind_its_end_is_taken(hot, folder, behind: bytes) -> None:
    """Cases 50 and 51: cameras write videos, previews and padding behind the picture."""
    (folder / "IMG_0001.JPG").write_bytes(jpeg(progressive=True) + behind)
    hot.poll(later(0))
    taken = [frame for seconds in (0.5, 1.5) for frame in hot.poll(later(seconds))]
    assert [frame.file_name for frame in taken] == ["IMG_0001.JPG"]
    assert hot.stalled(later(9)) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("IMG_0001.JPG", b"", StallReason.EMPTY),
        ("IMG_0001.JPG", jpeg()[:600], StallReason.HALF),
        ("IMG_0001.JPG", b"\x89PNG\r\n\x1a\n" + bytes(900), StallReason.NO_JPEG),
        ("IMG_0001.CR3", b"ftypcrx" + bytes(900), StallReason.OTHER_FORMAT),
        ("IMG_0001.HEIC", b"ftypheic" + bytes(900), StallReason.OTHER_FORMAT),
    ],
)
def test_a_file_that_will_never_be_taken_is_named_within_seconds(hot, folder, name, content, reason) -> None:
    path = folder / name
    path.write_bytes(content)
    for tenths in range(0, 46, 5):
        hot.poll(later(tenths / 10))
        told = hot.stalled(later(tenths / 10))
    assert [(one.path, one.reason) for one in told] == [(path, reason)]
    assert name in told[0].error.message.zh
    assert told[0].error.remedy.en
    path.unlink()
    hot.poll(later(5))
    assert hot.stalled(later(5)) == [], "over when it is gone"


def test_a_raw_file_beside_its_photograph_is_no_trouble(hot, folder) -> None:
    (folder / "IMG_0001.CR3").write_bytes(bytes(900))
    (folder / "IMG_0001.JPG").write_bytes(jpeg())
    for frame in settled(hot):
        hot.done(frame)
    for seconds in (2, 4, 8):
        hot.poll(later(seconds))
        assert hot.stalled(later(seconds)) == []


def test_padding_behind_the_end_is_allowed(hot, folder) -> None:
    (folder / "IMG_0001.JPG").write_bytes(jpeg() + bytes(512))
    assert len(settled(hot)) == 1


@pytest.mark.parametrize(
    "name", [".IMG_0001.JPG", "IMG_0001.JPG.tmp", "IMG_0001.CR2", "~IMG_0001.JPG", ".hidden/IMG_0001.JPG"]
)
def test_partial_and_hidden_files_are_ignored(hot, folder, name: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(jpeg())
    assert settled(hot) == []


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_links_out_of_the_folder_are_not_followed(folder, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "IMG_0001.JPG"
    outside.write_bytes(jpeg())
    (folder / "IMG_0001.JPG").symlink_to(outside)
    assert settled(HotFolder(folder)) == []


def test_each_frame_is_handed_out_once(hot, camera) -> None:
    camera.shoot(jpeg(), START)
    assert len(settled(hot)) == 1
    assert hot.poll(later(2)) == []
    camera.shoot(jpeg(), later(3))
    assert [frame.file_name for frame in settled(hot, 3)] == ["IMG_0002.JPG"]


def test_done_moves_the_frame_out_of_the_way(hot, camera, folder) -> None:
    camera.shoot(jpeg(), START)
    [frame] = settled(hot)
    content = frame.path.read_bytes()
    hot.done(frame)
    hot.done(frame)
    assert not frame.path.exists()
    assert (folder / "taken" / "100GRADP" / "IMG_0001.JPG").read_bytes() == content
    assert settled(HotFolder(folder), 10) == []


def test_crash_before_done_hands_it_out_again(hot, camera, folder) -> None:
    camera.shoot(jpeg(), START)
    [frame] = settled(hot)
    [again] = settled(HotFolder(folder), 10)
    assert again.path == frame.path


def test_kept_frames_stay_where_they_are(folder, camera) -> None:
    hot = HotFolder(folder, keep=True)
    path = camera.shoot(jpeg(), START)
    [frame] = settled(hot)
    hot.done(frame)
    assert path.exists()
    assert hot.poll(later(3)) == []


def test_name_used_twice_by_the_camera_overwrites_nothing(hot, folder) -> None:
    for index, colour in enumerate(["red", "green", "blue"]):
        (folder / "IMG_0001.JPG").write_bytes(jpeg(colour))
        [frame] = settled(hot, index * 10)
        hot.done(frame)
    kept = sorted(path.name for path in (folder / "taken").iterdir())
    assert kept == ["IMG_0001.JPG", "IMG_0001~2.JPG", "IMG_0001~3.JPG"]
    assert len({path.read_bytes() for path in (folder / "taken").iterdir()}) == 3


def test_file_overwritten_before_done_is_another_frame(hot, folder) -> None:
    path = folder / "IMG_0001.JPG"
    path.write_bytes(jpeg("red"))
    [first] = settled(hot)
    path.write_bytes(jpeg("green", quality=95))
    hot.done(first)
    assert path.exists(), "the second frame must not vanish under the first one's name"
    [second] = settled(hot, 10)
    assert second.size_bytes != first.size_bytes


def test_too_large_a_frame_stops_reading_and_can_be_set_aside(folder, camera) -> None:
    hot = HotFolder(folder, max_bytes=100)
    camera.shoot(jpeg(), START)
    [frame] = settled(hot)
    with pytest.raises(HotFolderError) as caught:
        hot.read(frame)
    assert caught.value.code == "hot_folder.too_large"
    hot.set_aside(frame)
    assert (folder / "refused" / "100GRADP" / "IMG_0001.JPG").exists()
    assert settled(hot, 10) == []


def test_frame_that_vanished_is_a_typed_error(hot, camera) -> None:
    camera.shoot(jpeg(), START)
    [frame] = settled(hot)
    frame.path.unlink()
    with pytest.raises(HotFolderError) as caught:
        hot.read(frame)
    assert caught.value.code == "hot_folder.unreadable"
    hot.done(frame)


def test_folder_that_went_away_is_told(folder) -> None:
    stick = folder / "stick"
    stick.mkdir()
    hot = HotFolder(stick)
    stick.rmdir()
    with pytest.raises(HotFolderError) as caught:
        hot.poll(START)
    assert caught.value.code == "hot_folder.missing"


def test_frames_come_in_the_order_they_were_taken(hot, folder) -> None:
    camera = SimulatedCamera(folder, next_number=9998)
    paths = [camera.shoot(jpeg(), later(second)) for second in range(4)]
    for path in paths:  # as after a copy by a program that keeps only whole seconds
        os.utime(path, (1_000_000_000, 1_000_000_000))
    assert [frame.path for frame in settled(hot)] == paths


def test_clock_of_the_computer_set_back_does_not_hold_frames_up(hot, camera) -> None:
    camera.shoot(jpeg(), START)
    hot.poll(later(3600))
    assert hot.poll(later(0)) == []
    assert len(hot.poll(later(1))) == 1


def test_damaged_exif_leaves_facts_out_but_not_the_frame(hot, folder) -> None:
    broken = bytearray(splice_exif(jpeg(), Image.Exif()))
    (folder / "IMG_0042.JPG").write_bytes(bytes(broken[:8]) + b"\xff" * 4 + bytes(broken[12:]))
    (folder / "plain.jpg").write_bytes(jpeg())
    by_name = {frame.file_name: frame.exif for frame in settled(hot)}
    assert by_name == {
        "IMG_0042.JPG": FrameFacts(None, "", 42, ""),
        "plain.jpg": FrameFacts(None, "", None, ""),
    }


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("IMG_0042.JPG", 42),
        ("DSC09999.jpg", 9999),
        ("_MG_0001.JPEG", 1),
        ("IMG_0000.JPG", None),
        ("IMG_42.JPG", None),
        ("IMG_0042~2.JPG", None),
        ("20261121_0042.JPG", None),
    ],
)
def test_file_number_is_read_from_dcf_names_only(name: str, number: int | None) -> None:
    assert dcf_file_number(name) == number


def test_r98_numbers_roll_over_into_the_next_folder(folder) -> None:
    camera = SimulatedCamera(folder, next_folder=100, next_number=9999)
    names = [camera.shoot(jpeg(), later(s)).relative_to(folder).as_posix() for s in range(2)]
    assert names == ["100GRADP/IMG_9999.JPG", "101GRADP/IMG_0001.JPG"]


def test_camera_clock_differs_from_the_computers(folder) -> None:
    camera = SimulatedCamera(folder, clock_offset=timedelta(seconds=-75.5), zone=UTC)
    facts = read_frame_facts(camera.shoot(jpeg(), START))
    assert facts.taken_at == START - timedelta(seconds=75.5)
    assert facts.taken_at.utcoffset() == timedelta(0)


def test_time_without_zone_is_the_cameras_zone(folder) -> None:
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[0x9003] = "2026:11:21 09:00:00"
    path = folder / "IMG_0001.JPG"
    path.write_bytes(splice_exif(jpeg(), exif))
    assert read_frame_facts(path).taken_at == START
    assert read_frame_facts(path, camera_zone=UTC).taken_at == START.replace(tzinfo=UTC)


def test_exif_is_spliced_without_touching_a_pixel() -> None:
    old = Image.Exif()
    old[0x010F] = "Old camera"
    plain = jpeg(exif=old.tobytes(), quality=91)
    new = Image.Exif()
    new[0x010F] = "New camera"
    spliced = splice_exif(plain, new)
    assert spliced[plain_scan(spliced) :] == plain[plain_scan(plain) :]
    assert spliced.count(b"Exif\0\0") == 1
    assert Image.open(io.BytesIO(spliced)).getexif()[0x010F] == "New camera"
    assert Image.open(io.BytesIO(spliced)).tobytes() == Image.open(io.BytesIO(plain)).tobytes()


def plain_scan(data: bytes) -> int:
    return data.index(b"\xff\xda")


def test_what_is_no_jpeg_is_not_spliced() -> None:
    with pytest.raises(ValueError, match="not a JPEG"):
        splice_exif(b"GIF89a", Image.Exif())
