"""What explains the differences: changes grouped into faults, and faults that need no change."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from gradphoto.engine.pairing.differences import Case, file_label, label
from gradphoto.engine.pairing.file_numbers import rolled_over
from gradphoto.engine.pairing.model import AlarmKind, Key
from gradphoto.engine.pairing.proposal import Change, Fault, FaultKind
from gradphoto.engine.pairing.timeline import TimeBasis
from gradphoto.engine.wording import Wording

DOUBLE_SWIPE_S = 8.0
"""Two swipes closer than this with nothing between: nobody sits down, is shot and gets up so fast."""
_CLOCK_WORTH_TELLING_S = 60.0


def explain(case: Case, changes: Mapping[int, Change]) -> tuple[Fault, ...]:
    """Faults that changes mend, in order of time, then those that only explain."""
    mended = [_mended(case, changes, group) for group in _groups(case, changes)]
    return (*mended, *_double_swipes(case), *_lost_frames(case), *_cameras(case), *_clocks(case))


def _groups(case: Case, changes: Mapping[int, Change]) -> list[list[int]]:
    """Frames whose changes hang together: they share a person, or move neighbours by the same number of places."""
    leader: dict[object, object] = {}

    def find(one: object) -> object:
        while (above := leader.setdefault(one, one)) != one:
            leader[one] = leader[above]  # halved on the way: a shift of thousands is one long chain
            one = above
        return one

    moved: dict[int, int] = {}
    for index in changes:
        was, owner = case.recorded[index], case.owners[index]
        for place in (was, owner):
            if place is not None:
                leader[find(place)] = find(("frame", index))
        if was is not None and owner is not None:
            moved[was] = owner - was
    for was, by in moved.items():
        if moved.get(was + 1) == by:
            leader[find(was + 1)] = find(was)
    groups: dict[object, list[int]] = defaultdict(list)
    for index in changes:
        groups[find(("frame", index))].append(index)
    return list(groups.values())


def _mended(case: Case, changes: Mapping[int, Change], group: list[int]) -> Fault:
    steps = [
        owner - was
        for owner, was in ((case.owners[index], case.recorded[index]) for index in group)
        if owner is not None and was is not None
    ]
    places = sorted(
        {place for index in group for place in (case.recorded[index], case.owners[index]) if place is not None}
    )
    kind, sentence = _named(case, group, steps, places)
    return Fault(
        kind,
        sentence,
        tuple(case.people[place].key for place in places),
        tuple(case.frames[index].frame.key for index in group),
        tuple(changes[index] for index in group),
    )


def _named(case: Case, group: list[int], steps: list[int], places: list[int]) -> tuple[FaultKind, Wording]:
    first, last = (label(case.people[places[0]]), label(case.people[places[-1]])) if places else ("", "")
    file = file_label(case.frames[group[0]].frame)
    if steps:
        by, often = Counter(steps).most_common(1)[0]
        if often >= case.rules.shift_run and often * 5 >= len(group) * 3:
            early = by > 0
            return FaultKind.SHIFT, Wording(
                "{first} 至 {last} 连续错位：{count} 张照片记{when}了 {by} 位，应依次{way} {by} 位。",
                "From {first} to {last} the frames are shifted: {count} stand {by} place(s) too {when_en}.",
            ).format(
                first=first,
                last=last,
                count=often,
                by=abs(by),
                when="早" if early else "晚",
                when_en="early" if early else "late",
                way="后移" if early else "前移",
            )
        if len(group) == 2 and len(places) == 2 and sum(steps) == 0 and len(steps) == 2:
            return FaultKind.SWAPPED, Wording(
                "{first} 与 {last} 的照片互换了。", "{first} and {last} hold each other's frame."
            ).format(first=first, last=last)
        if any(case.frames[index].frame.key in case.by_face for index in group):
            return FaultKind.EARLY_SWIPE, Wording(
                "{first} 与 {last} 的刷卡次序与拍摄不符。", "{first} and {last} were not swiped in the order shot."
            ).format(first=first, last=last)
        return FaultKind.MISPLACED, Wording(
            "{first} 至 {last} 之间有照片对应错误。", "Between {first} and {last} frames are bound to the wrong number."
        ).format(first=first, last=last)
    if any(case.owners[index] is not None for index in group):
        return FaultKind.LEFT_OVER, Wording(
            "未对应的 {file} 属于 {first}。", "The unbound {file} is {first}'s."
        ).format(file=file, first=first)
    return FaultKind.EXTRA_FRAME, Wording("{file} 不属于任何人。", "{file} is nobody's.").format(file=file)


def double_swiped(case: Case) -> Iterator[tuple[int, int]]:
    """Pairs of places: a number without a frame, and the number that the same person was shot under."""
    held = case.frames_of()
    for place, (mark, following) in enumerate(pairwise(case.people)):
        same = mark.person is not None and mark.person == following.person
        close = (following.at - mark.at).total_seconds() <= DOUBLE_SWIPE_S and mark.person is None
        if (same or close) and place not in held and place + 1 in held and place + 1 not in case.doubtful:
            yield place, place + 1
        elif same and place in held and place + 1 not in held:
            yield place + 1, place


def _double_swipes(case: Case) -> Iterator[Fault]:
    for empty, used in double_swiped(case):
        idle, shot = case.people[empty], case.people[used]
        sentence = Wording(
            "{idle} 与 {shot} 相隔 {seconds} 秒刷卡，{idle} 没有照片：疑为重复刷卡。",
            "{idle} and {shot} were swiped {seconds} s apart and {idle} has no frame: most likely a double swipe.",
        ).format(idle=label(idle), shot=label(shot), seconds=f"{abs((shot.at - idle.at).total_seconds()):.1f}")
        yield Fault(FaultKind.DOUBLE_SWIPE, sentence, (idle.key, shot.key), ())


def _lost_frames(case: Case) -> Iterator[Fault]:
    """Numbers that a camera spent and that never came, told with the person who has no frame there."""
    held, doubles = case.frames_of(), {empty for empty, _ in double_swiped(case)}
    gaps = {alarm.frame_key for alarm in case.reading.alarms if alarm.kind is AlarmKind.FILE_NUMBER_GAP}
    empty = {place for place in range(len(case.people)) if place not in held} - doubles
    for timed in case.frames:
        if timed.frame.key not in gaps:
            continue
        turn = case.reading.line.turn(timed.taken_at)
        missing = [place for place in (turn - 1, turn) if place in empty]
        concerned = missing or [place for place in (turn,) if place >= 0]
        numbers = "、".join(label(case.people[place]) for place in concerned)
        said = (
            Wording(
                "{file} 之前相机编号有缺，{numbers} 没有照片：照片可能丢失。",
                "The camera's numbers have a gap before {file} and {numbers} has no frame: it was probably lost.",
            )
            if missing
            else Wording(
                "{file} 处相机编号不连续，请核对 {numbers}。", "The camera's numbers break at {file}: check {numbers}."
            )
        )
        keys = tuple(case.people[place].key for place in concerned)
        sentence = said.format(file=file_label(timed.frame), numbers=numbers)
        yield Fault(FaultKind.LOST_FRAME, sentence, keys, (timed.frame.key,))


def _cameras(case: Case) -> Iterator[Fault]:
    by_camera: dict[str, list[int]] = defaultdict(list)
    for index, timed in enumerate(case.frames):
        by_camera[timed.frame.camera_serial].append(index)
    if len(by_camera) > 1:
        parts = "、".join(f"{serial or '?'} {len(own)}" for serial, own in by_camera.items())
        sentence = Wording(
            "本场有 {count} 台相机：{parts} 张；各按自己的时钟与编号配对。",
            "The session has {count} cameras: {parts} frames; each is read by its own clock and numbers.",
        ).format(count=len(by_camera), parts=parts)
        yield Fault(FaultKind.CAMERAS_MIXED, sentence, (), ())
    for own in by_camera.values():
        for before, here in pairwise(case.frames[index].frame for index in own):
            if rolled_over(before, here):
                sentence = Wording(
                    "相机编号由 {before} 转到 {here}：翻转或换文件夹，没有缺片。",
                    "The camera went from {before} to {here}: a roll-over or a new folder, nothing is missing.",
                ).format(before=file_label(before), here=file_label(here))
                yield Fault(FaultKind.COUNTER_ROLLED, sentence, (), (before.key, here.key))


def _clocks(case: Case) -> Iterator[Fault]:
    uncertain = {timed.frame.key for timed in case.frames if timed.basis is TimeBasis.UNCERTAIN}
    for alarm in case.reading.line.alarms:
        keys: tuple[Key, ...] = () if alarm.frame_key is None else (alarm.frame_key,)
        lost = alarm.frame_key in uncertain
        yield Fault(FaultKind.CLOCK_UNCERTAIN if lost else FaultKind.CLOCK_MOVED, alarm.sentence, (), keys)
    told: set[str] = set()
    for timed in case.frames:
        serial, offset = timed.frame.camera_serial, timed.offset
        if serial in told or offset is None or timed.basis is TimeBasis.UNCERTAIN:
            continue
        told.add(serial)
        if abs(offset.total_seconds()) >= _CLOCK_WORTH_TELLING_S:
            sentence = Wording(
                "相机 {camera} 的时钟与电脑相差 {seconds} 秒，已扣除。",
                "The clock of camera {camera} is off by {seconds} s; that was taken off.",
            ).format(camera=serial or "?", seconds=f"{offset.total_seconds():+.0f}")
            yield Fault(FaultKind.CLOCK_WRONG, sentence, (), ())
