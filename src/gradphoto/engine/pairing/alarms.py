"""The alarms' sentences. Each names the number a person can see, and the one thing to do next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from gradphoto.engine.pairing.model import Alarm, AlarmKind, CheckInMark, FrameMark
from gradphoto.engine.pairing.turns import Doubt
from gradphoto.engine.wording import Wording


def frame_without_person(frame: FrameMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.FRAME_WITHOUT_PERSON,
        at,
        None,
        frame,
        Wording("照片 {file} 没有对应的人。", "Frame {file} belongs to nobody."),
        Wording(
            "若是试拍请作废；若有人未刷卡，请刷卡后重拍。",
            "Reject it if it was a test; else swipe the card and shoot again.",
        ),
        file=_file(frame),
    )


def person_without_frame(check_in: CheckInMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.PERSON_WITHOUT_FRAME,
        at,
        check_in,
        None,
        Wording("拍摄序号 {number} 没有照片。", "Shooting number {number} has no frame."),
        Wording(
            "请叫回本人重拍；若是重复刷卡，请撤销该序号。",
            "Call the person back and shoot again; if the card was swiped twice, cancel the number.",
        ),
        number=_number(check_in),
    )


def no_usable_frame(check_in: CheckInMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.PERSON_WITHOUT_FRAME,
        at,
        check_in,
        None,
        Wording("拍摄序号 {number} 没有合格的照片。", "Shooting number {number} has no usable frame."),
        Wording("请叫回本人重拍。", "Call the person back and shoot again."),
        number=_number(check_in),
    )


def numbers_missing(frame: FrameMark, missing: int, check_in: CheckInMark | None, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.FILE_NUMBER_GAP,
        at,
        check_in,
        frame,
        Wording("照片 {file} 之前缺少 {missing} 张。", "{missing} frame(s) are missing before {file}."),
        Wording(
            "请查看相机存储卡中缺少的照片，并核对前后两人的照片。",
            "Look for the missing frames on the camera's card, and check the persons before and after.",
        ),
        file=_file(frame),
        missing=missing,
    )


def numbers_backwards(frame: FrameMark, check_in: CheckInMark | None, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.FILE_NUMBER_GAP,
        at,
        check_in,
        frame,
        Wording("照片 {file} 的编号早于上一张。", "Frame {file} has a number earlier than the one before it."),
        Wording(
            "照片迟到或相机编号已重置，请看照片确认是谁。",
            "It came late or the camera's counter was reset: look at the picture and confirm who it is.",
        ),
        file=_file(frame),
    )


def frame_before_check_in(frame: FrameMark, check_in: CheckInMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.FRAME_BEFORE_CHECK_IN,
        at,
        check_in,
        frame,
        Wording(
            "照片 {file} 拍摄于序号 {number} 刷卡之前。", "Frame {file} was taken before number {number} was swiped."
        ),
        Wording(
            "可能是上一人的照片，请看照片确认后手工对应。",
            "It may be the previous person's: look at the picture and bind it by hand.",
        ),
        file=_file(frame),
        number=_number(check_in),
    )


def in_doubt(frame: FrameMark, doubt: Doubt, likely: Sequence[CheckInMark], at: datetime) -> Alarm:
    """Why a frame is bound to nobody; ``likely``: who it may be, the likeliest first."""
    if doubt is Doubt.NOBODY or not likely:
        return frame_without_person(frame, at)
    if doubt is Doubt.BEFORE_SWIPE:
        return frame_before_check_in(frame, likely[0], at)
    if doubt is Doubt.AFTER_ACCEPTANCE:
        return _alarm(
            AlarmKind.ONE_MORE_FRAME,
            at,
            likely[0],
            frame,
            Wording("{number} 采用之后又拍了一张：{file}。", "One more was taken after {number} was accepted: {file}."),
            Wording("是本人的，请确认；否则不采用。", "Say that it is that person's, or do not use it."),
            file=_file(frame),
            number=_number(likely[0]),
        )
    if doubt is Doubt.OTHER_CHAIR:
        return _alarm(
            AlarmKind.WHOSE_FRAME,
            at,
            likely[0],
            frame,
            Wording(
                "{number} 排在另一座位：照片 {file} 是本人吗？",
                "{number} queues at another chair: does {file} show that person?",
            ),
            Wording(
                "请看照片确认；不是本人请检查两个座位的读卡器是否接反。",
                "Look at the picture; if it does not, see whether the readers of two chairs are exchanged.",
            ),
            file=_file(frame),
            number=_number(likely[0]),
        )
    if doubt is Doubt.OTHER_CARD:
        return _alarm(
            AlarmKind.WHOSE_FRAME,
            at,
            likely[0],
            frame,
            Wording(
                "{number} 在拍时另有人刷卡未成功：照片 {file} 还是本人吗？",
                "Another card was laid down in vain while {number} was called: does {file} still show that person?",
            ),
            Wording(
                "请看照片确认；已换人请先结束上一位，再刷卡。",
                "Look at the picture; if somebody else sits there, finish with the one before, then swipe.",
            ),
            file=_file(frame),
            number=_number(likely[0]),
        )
    numbers = sorted(_number(mark) for mark in likely)
    return _alarm(
        AlarmKind.WHOSE_FRAME,
        at,
        likely[0],
        frame,
        Wording("照片 {file} 可能是 {numbers} 中任一人的。", "Frame {file} may be of any of {numbers}."),
        Wording("请看照片确认是谁。", "Look at the picture and say who it is."),
        file=_file(frame),
        numbers="、".join(numbers),
    )


def clock_was_wrong(frame: FrameMark, check_in: CheckInMark, at: datetime) -> Alarm:
    """A frame bound before the clock was found wrong."""
    return _alarm(
        AlarmKind.WHOSE_FRAME,
        at,
        check_in,
        frame,
        Wording(
            "相机时钟可能在 {file} 之前已变动，该照片记在 {number} 名下。",
            "The camera's clock may have been set before {file} already, which was given to {number}.",
        ),
        Wording("请看照片是不是本人。", "See whether it shows that person."),
        file=_file(frame),
        number=_number(check_in),
    )


def exchanged_readers(chairs: tuple[int, int], at: datetime) -> Alarm:
    """Two chairs got each other's people."""
    return _alarm(
        AlarmKind.READERS_EXCHANGED,
        at,
        None,
        None,
        Wording(
            "{one} 号和 {other} 号座位刷的都是对方队伍的人：读卡器可能接反了。",
            "Chairs {one} and {other} got each other's people: their readers may be exchanged.",
        ),
        Wording(
            "请先停拍，检查两个读卡器的连线；这两人的照片逐张确认。",
            "Stop, see to the cables of both readers, and look at the pictures of both people.",
        ),
        one=chairs[0],
        other=chairs[1],
    )


def moment_unknown(frame: FrameMark, check_in: CheckInMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.WHOSE_FRAME,
        at,
        check_in,
        frame,
        Wording(
            "照片 {file} 的拍摄时刻未知：相机 {camera} 未校时。",
            "When {file} was taken is not known: the clock of camera {camera} was not measured.",
        ),
        Wording(
            "请看照片确认是谁；用相机拍下校时码后不再逐张询问。",
            "Look at the picture and say who it is; photograph the clock code and it is not asked again.",
        ),
        file=_file(frame),
        camera=_camera(frame),
    )


def clock_moved(frame: FrameMark, by: timedelta, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.CLOCK_DRIFT,
        at,
        None,
        frame,
        Wording(
            "相机 {camera} 的时钟变动了 {seconds} 秒。", "The clock of camera {camera} moved by {seconds} seconds."
        ),
        Wording(
            "请用相机再拍一次校时码，然后核对其间的照片；若是传输卡住，请检查连接线。",
            "Photograph the clock code again, then check the frames in between; if a transfer got stuck, check the cable.",
        ),
        camera=_camera(frame),
        seconds=f"{by.total_seconds():+.1f}",
    )


def clock_uncertain(frame: FrameMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.CLOCK_DRIFT,
        at,
        None,
        frame,
        Wording("相机 {camera} 的时钟偏差无法确定。", "How far the clock of camera {camera} is off cannot be told."),
        Wording(
            "请输入相机与电脑的时间差后重新配对，并逐人核对。",
            "Enter the difference between camera and computer, pair again, and check person by person.",
        ),
        camera=_camera(frame),
    )


def camera_changed(frame: FrameMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.CAMERA_CHANGED,
        at,
        None,
        frame,
        Wording("照片 {file} 来自另一台相机 {camera}。", "Frame {file} came from another camera, {camera}."),
        Wording(
            "若换了相机请确认；否则请检查文件夹设置。", "Confirm if you changed it; else check which folder is watched."
        ),
        file=_file(frame),
        camera=_camera(frame),
    )


def shooting_number_reused(check_in: CheckInMark, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.NUMBER_REUSED,
        at,
        check_in,
        None,
        Wording("拍摄序号 {number} 被使用了两次。", "Shooting number {number} was used twice."),
        Wording("请停止拍摄并联系采集中心。", "Stop shooting and call the collection centre."),
        number=_number(check_in),
    )


def file_number_reused(frame: FrameMark, check_in: CheckInMark | None, at: datetime) -> Alarm:
    return _alarm(
        AlarmKind.NUMBER_REUSED,
        at,
        check_in,
        frame,
        Wording("照片编号 {file} 出现了两次。", "The file number of {file} came twice."),
        Wording(
            "请确认相机编号是否重置，并看照片确认是谁。",
            "See whether the camera's counter was reset, and who it shows.",
        ),
        file=_file(frame),
    )


def _alarm(
    kind: AlarmKind,
    at: datetime,
    check_in: CheckInMark | None,
    frame: FrameMark | None,
    sentence: Wording,
    remedy: Wording,
    **values: object,
) -> Alarm:
    return Alarm(
        kind=kind,
        at=at,
        check_in_key=check_in.key if check_in else None,
        frame_key=frame.key if frame else None,
        sentence=sentence.format(**values),
        remedy=remedy,
    )


def _number(check_in: CheckInMark) -> str:
    return f"{check_in.shooting_number:05d}"


def _file(frame: FrameMark) -> str:
    if frame.file_number is None:
        return str(frame.key)
    return f"{frame.folder}/{frame.file_number:04d}" if frame.folder else f"{frame.file_number:04d}"


def _camera(frame: FrameMark) -> str:
    return frame.camera_serial or "?"
