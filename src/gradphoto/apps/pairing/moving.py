"""Moving frames between persons, and what follows for each of them; used by the actions and nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils import timezone

from gradphoto.apps.capture.lifecycle import CHECK_IN, FRAME
from gradphoto.apps.capture.models import BY_HAND, Alarm, CheckIn, CheckInStatus, Frame, FrameStatus, RetakeRequest
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.models import User
from gradphoto.apps.pairing.board import Board, in_use
from gradphoto.apps.pairing.models import Repair, RepairChange

_AT_ONCE = 500


def carry_out(board: Board, repair: Repair, changes: list[RepairChange], by: User | None) -> None:
    """Move the frames, settle which one counts for whom, and put both on the repair's record. Saves everything."""
    concerned = {pk for change in changes for pk in (change.from_check_in_id, change.to_check_in_id) if pk is not None}
    used_before = {pk: in_use(board.held.get(pk, ())) for pk in concerned}
    before = {
        frame.pk: (frame.check_in_id, frame.status, frame.evidence)
        for pk in concerned
        for frame in board.held.get(pk, ())
    } | {
        change.frame_id: (None, board.frames[change.frame_id].status, board.frames[change.frame_id].evidence)
        for change in changes
        if change.from_check_in_id is None
    }
    plan = {pk: FrameStatus(board.frames[pk].status) for pk in before}
    for change in changes:
        frame = board.frames[change.frame_id]
        frame.check_in_id = change.to_check_in_id
        frame.evidence = {"basis": BY_HAND if repair.by_hand else "repair", "repair": repair.pk}
        if change.to_check_in_id is None:
            plan[frame.pk] = FrameStatus.UNBOUND
        elif frame.status == FrameStatus.UNBOUND:
            plan[frame.pk] = FrameStatus.BOUND
    now_held: dict[int, list[Frame]] = defaultdict(list)
    for pk in before:
        if (owner := board.frames[pk].check_in_id) is not None:
            now_held[owner].append(board.frames[pk])
    moved_in = {change.to_check_in_id for change in changes}
    people = [board.check_ins[pk] for pk in sorted(concerned)]
    for one in people:
        _settle(one, now_held[one.pk], plan)
    _save_frames([board.frames[pk] for pk in before], plan)
    repair.standing = _settle_people(people, now_held, used_before, moved_in, by, repair)
    _note(repair, changes, before, board)
    Alarm.objects.filter(frame__in=[c.frame_id for c in changes if c.to_check_in_id], settled_at=None).update(
        settled_at=timezone.now(), settled_note=_note_of(repair)
    )


def _settle(person: CheckIn, frames: list[Frame], plan: dict[int, FrameStatus]) -> None:
    """One frame counts: the accepted one; where none is, the last that nobody rejected. Written into the ``plan``."""
    accepted = [frame for frame in frames if plan[frame.pk] == FrameStatus.ACCEPTED]
    if len(accepted) > 1:
        raise refuse(
            "capture.repair_two_accepted",
            f"{person.number_label} 会有两张采用的照片。",
            f"{person.number_label} would have two accepted frames.",
            "请勾选“互换”，或先把其中一张改为不对应任何人。",
            "Tick “exchange”, or first give one of them to nobody.",
        )
    chosen = in_use(frames, plan)
    for frame in frames:
        if frame is chosen:
            plan[frame.pk] = FrameStatus.ACCEPTED
        elif plan[frame.pk] == FrameStatus.BOUND:
            plan[frame.pk] = FrameStatus.REJECTED


def _settle_people(
    people: list[CheckIn],
    held: dict[int, list[Frame]],
    used_before: dict[int, Frame | None],
    moved_in: set[int | None],
    by: User | None,
    repair: Repair,
) -> dict[str, list[str]]:
    """Move each check-in along its lifecycle; returns its status before and after, by key."""
    given: list[CheckIn] = []
    taken: list[CheckIn] = []
    requests = []
    for one in people:
        chosen, was = in_use(held[one.pk]), used_before[one.pk]
        if chosen is not None and chosen != was:
            given.append(one)
        elif chosen is None and was is not None and one.status in (CheckInStatus.SHOT, CheckInStatus.CONFIRMED):
            taken.append(one)
            requests.append(_request(one, was, by, repair))
    before = {one.pk: str(one.status) for one in (*given, *taken)}
    CHECK_IN.move_many(given, "pairing.give_frame")
    CHECK_IN.move_many(taken, "pairing.take_frame")
    RetakeRequest.objects.filter(check_in__in=given, withdrawn_at=None, fulfilled_by=None).update(
        withdrawn_at=timezone.now()
    )
    RetakeRequest.objects.bulk_create(requests)
    return {str(one.pk): [before[one.pk], str(one.status)] for one in sorted((*given, *taken), key=lambda one: one.pk)}


def _request(one: CheckIn, was: Frame, by: User | None, repair: Repair) -> RetakeRequest:
    """Whose only frame turned out to be another's must be shot again (R18: with the reason)."""
    return RetakeRequest(
        candidate=one.candidate,
        check_in=one,
        frame=was,
        reason=f"照片属于他人，已更正对应：{repair.reason}"[:200],
        was_confirmed=one.status == CheckInStatus.CONFIRMED,
        requested_by=by,
    )


def _save_frames(frames: Sequence[Frame], plan: Mapping[int, str]) -> None:
    """By two statements: within one, somebody would for a moment have two accepted frames, which the database forbids."""
    keys = [frame.pk for frame in frames]
    for start in range(0, len(keys), _AT_ONCE):
        FRAME.move_rows(Frame.objects.filter(pk__in=keys[start : start + _AT_ONCE]), "pairing.lay_aside")
    FRAME.move_many(frames, "pairing.move_frame", to=plan, fields=("check_in", "evidence"))


def _note(
    repair: Repair,
    changes: list[RepairChange],
    before: dict[int, tuple[int | None, str, dict[str, object]]],
    board: Board,
) -> None:
    """Every touched frame on the record, those that only gained or lost their use as well."""
    known = {change.frame_id: change for change in changes}
    for pk, (owner, status, evidence) in before.items():
        frame = board.frames[pk]
        if pk not in known and frame.status != status:
            known[pk] = RepairChange(repair=repair, frame=frame, from_check_in_id=owner, to_check_in_id=owner)
        if pk in known:
            change = known[pk]
            change.status_before, change.status_after, change.evidence_before = status, frame.status, evidence
    RepairChange.objects.filter(repair=repair).delete()
    for change in known.values():
        change.pk = None
        change.repair = repair
    RepairChange.objects.bulk_create(known.values(), batch_size=_AT_ONCE)


def _note_of(repair: Repair) -> str:
    return f"对应修复 {repair.pk}"


def carry_back(board: Board, repair: Repair) -> None:
    """Everything as it was before the repair: owners, uses, statuses, requests, alarms. Saves everything but the repair."""
    changes = list(repair.changes.all())
    for change in changes:
        frame = board.frames[change.frame_id]
        frame.check_in_id, frame.evidence = change.from_check_in_id, change.evidence_before
    plan = {change.frame_id: change.status_before for change in changes}
    _save_frames([board.frames[pk] for pk in plan], plan)
    earlier = {int(key): before for key, (before, _) in repair.standing.items()}
    CHECK_IN.move_many([board.check_ins[pk] for pk in earlier], "pairing.undo_repair", to=earlier)
    applied_at = repair.second_at or repair.at
    taken = [int(key) for key, (_, after) in repair.standing.items() if after == CheckInStatus.RETAKE]
    given = [int(key) for key, (before, _) in repair.standing.items() if before == CheckInStatus.RETAKE]
    RetakeRequest.objects.filter(check_in__in=taken, withdrawn_at=None).update(withdrawn_at=timezone.now())
    RetakeRequest.objects.filter(check_in__in=given, withdrawn_at__gte=applied_at).update(withdrawn_at=None)
    Alarm.objects.filter(session=repair.session_id, settled_note=_note_of(repair)).update(
        settled_at=None, settled_note=""
    )
