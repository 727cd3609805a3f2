"""What is found in measured faces, and how long a worker remembers them: seconds after who agreed no longer does (facts 5.1)."""

from __future__ import annotations

import pytest

from capture.test_capture_faces import PERMITTED, face
from gradphoto.apps.pairing.face_memory import FaceMemory
from gradphoto.engine.portrait.compare import ComparisonError, PairKind, find_pairs
from patience import THREAD_S


def test_the_same_face_under_two_names_and_two_faces_under_one_are_found_and_nothing_else():
    frames = [(1, "a", face(1)), (2, "a", face(1, 0.4)), (3, "b", face(2)), (4, "c", face(1, 0.2)), (5, "d", face(3)), (6, "d", face(4))]  # fmt: skip
    found = {(hint.kind, hint.frame, hint.other) for hint in find_pairs(frames, policy=PERMITTED)}
    assert found == {(PairKind.TWO_NAMES, 1, 4), (PairKind.TWO_NAMES, 2, 4), (PairKind.ONE_NAME, 5, 6)}
    with pytest.raises(ComparisonError):
        find_pairs(frames)


def looked(memory, session) -> None:
    """The timer of this session has gone off."""
    if (kept := memory._kept.get(session)) is not None:
        kept.timer.join(THREAD_S)


def test_what_was_measured_goes_by_itself():
    memory = FaceMemory(idle_s=0.01, agreed=lambda people: people)
    memory.keep(1, {"frame 1": face(1)}, {"frame 1": 7})
    memory._idle_s = 600.0
    memory.keep(2, {"frame 2": face(1)}, {"frame 2": 7})
    looked(memory, 1)
    assert memory.of(1) == {}, "however busy another room is"
    assert list(memory.of(2)) == ["frame 2"]
    memory.forget(2)
    assert len(memory) == 0


def test_who_takes_the_consent_back_goes_out_of_every_workers_memory_within_seconds():
    """Facts 5.1: the job that forgets reaches one worker; each looks for itself whose consent stands."""
    asked, agreed = [], {7}
    memory = FaceMemory(check_s=0.01, agreed=lambda people: asked.append(people) or agreed)
    memory.keep(1, {"frame 1": face(1), "frame 2": face(2)}, {"frame 1": 7, "frame 2": 8})
    memory._check_s = 600.0
    looked(memory, 1)
    assert list(memory.of(1)) == ["frame 1"]
    assert asked == [{7, 8}]
    memory._check_s, memory._agreed = 0.01, lambda people: 1 / 0
    memory.keep(1, memory.of(1), {"frame 1": 7})
    looked(memory, 1)
    assert len(memory) == 0, "nothing is kept where it cannot be asked"
