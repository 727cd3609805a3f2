"""数据错位: recorded bindings that give a run of persons their neighbour's frame (R212, R158)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from gradphoto.engine.pairing.model import (
    Basis,
    Binding,
    CheckInMark,
    Evidence,
    FrameMark,
    Key,
    PairingRules,
)
from gradphoto.engine.pairing.timeline import TimedFrame, build_timeline
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class ShiftSuspicion:
    """Persons in a row who hold the frame of the person ``places`` turns away: -1 the one before, +1 the one after."""

    check_in_keys: tuple[Key, ...]
    places: int
    sentence: Wording
    remedy: Wording


def examine(
    pairs: Mapping[Key, Key],
    check_ins: Iterable[CheckInMark],
    frames: Iterable[FrameMark],
    rules: PairingRules | None = None,
) -> list[Binding]:
    """Bindings made by others (frame key -> check-in key), in order of check-in, with what the clocks say of them.

    A person with several frames is judged by the last. Raises :class:`KeyError` for a pair with an unknown check-in.
    """
    line = build_timeline(check_ins, frames, rules or PairingRules())
    place = {mark.key: index for index, mark in enumerate(line.check_ins)}
    owned: dict[int, list[TimedFrame]] = defaultdict(list)
    for timed in line.frames:
        if timed.frame.key in pairs:
            owned[place[pairs[timed.frame.key]]].append(timed)
    bindings = []
    for index, timed_frames in sorted(owned.items()):
        mark, last = line.check_ins[index], timed_frames[-1]
        evidence = Evidence(
            basis=Basis.GIVEN,
            after_check_in_s=(last.taken_at - mark.at).total_seconds(),
            clock_offset_s=last.offset.total_seconds() if last.offset is not None else None,
            camera_serial=last.frame.camera_serial,
            folder=last.frame.folder,
            file_number=last.frame.file_number,
            places_off=line.turn(last.taken_at) - index,
        )
        accepted = last.frame.key if len(timed_frames) == 1 else None
        bindings.append(Binding(mark.key, tuple(t.frame.key for t in timed_frames), accepted, evidence))
    return bindings


def find_shift(bindings: Iterable[Binding], run: int = PairingRules().shift_run) -> ShiftSuspicion | None:
    """The longest run of at least ``run`` bindings in a row that are off by the same number of places, if any.

    ``bindings`` in order of check-in, as :func:`examine` gives them.
    """
    runs = [(places, list(group)) for places, group in groupby(bindings, lambda b: b.evidence.places_off)]
    shifted = [(places, group) for places, group in runs if places and len(group) >= run]
    if not shifted:
        return None
    places, group = max(shifted, key=lambda found: len(found[1]))
    keys = tuple(binding.check_in_key for binding in group)
    return ShiftSuspicion(
        keys,
        places,
        Wording(
            "连续 {count} 人的照片疑似错位 {places:+d} 位。",
            "The frames of {count} persons in a row seem shifted by {places:+d} place(s).",
        ).format(count=len(keys), places=places),
        Wording(
            "请停止采用这些照片，逐人核对后重新对应。", "Hold these frames back, check person by person and bind again."
        ),
    )
