"""Face hints on record, and the alarms by which they ask a person: raised once, settled by somebody with a reason.

An open one holds like any other doubt about whose a photograph is: nobody concerned is confirmed, the session is not
closed, nothing is handed over (``capture.room.sessions.IN_DOUBT``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from gradphoto.apps.capture import actions
from gradphoto.apps.capture.models import Alarm, CheckIn, CheckInStatus, Frame
from gradphoto.apps.capture.room.sessions import FACES
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, shortened
from gradphoto.apps.pairing.face_hints import REMEDY, Found
from gradphoto.apps.pairing.face_people import held_consents
from gradphoto.apps.pairing.models import FaceHint, FaceHintKind
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.wording import Wording

_NO_LONGER = Wording(
    "照片的对应或采用已经改变，提示不再成立。", "Binding or choice was changed; the hint holds no longer."
)


_MOST_OPEN = 100
"""Questions at a time. More than a few come of bad light or of pictures that are no faces, and no crew looks at thousands."""
_MOST_KEPT = 3000
"""So many pairs wait for their turn; of pictures that are all alike the weakest are only counted."""
UNDECIDED = 0.48
"""Between the scores of one person and of two (``engine/portrait/comparison.toml``): the further away, the stronger."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a comparison: how many questions are new, how many pairs wait for their turn to be asked about, and how
    many more are not even kept."""

    asked: int
    waiting: int
    left: int


@action("pairing.tell_faces", permission="pairing.repair")
def tell_faces(
    actor: Actor, session: CaptureSession, *, found: Sequence[Found], source: str, unread: Collection[int] = ()
) -> Told:
    """What the comparison of now says takes the place of what an earlier one said.

    Faces are read for minutes: what was bound anew or whose consent was taken back meanwhile says nothing any more.
    A pair that is known keeps its alarm and what somebody said of it; one that is found no more is removed, unless a frame
    of it could not be read this time (``unread``), and an alarm of which nothing is left is settled. The strongest are asked
    about first, as many at a time as a room can look at; the others wait, and follow as these are settled.
    """
    rows = session.face_hints.select_related("alarm", "frame__check_in", "other__check_in")
    known = {_key(row): row for row in rows}
    found = _standing(found)
    wanted = {one.key for one in found}
    gone = [
        row.pk
        for key, row in known.items()
        if key not in wanted and (not row.holds or not {frame.pk for frame in row.both} & set(unread))
    ]
    removed = remove_hints(FaceHint.objects.filter(pk__in=gone), _NO_LONGER)
    new = sorted((one for one in found if one.key not in known), key=lambda one: -abs(one.score - UNDECIDED))
    room = max(0, _MOST_KEPT - (len(known) - removed))
    rows_of_now = [
        FaceHint(
            session=session, kind=one.kind, frame=one.frame, other=one.other, reference_of=one.reference_of,
            score=one.score, own_score=one.own_score, calibration=one.calibration, source=source,
        )
        for one in new[:room]
    ]  # fmt: skip
    FaceHint.objects.bulk_create(rows_of_now, batch_size=200)
    raised, waiting = ask_about_the_next(session)
    audit.note(
        compared_by=source, removed=removed, waiting=waiting, left=len(new[room:]),
        hints=[f"{one.kind} {one.key[1:]} {one.score:.2f}" for one in new[:50]],
    )  # fmt: skip
    return Told(raised, waiting, len(new[room:]))


def ask_about_the_next(session: CaptureSession) -> tuple[int, int]:
    """Of the pairs that wait the strongest are asked about, as far as fewer than ``_MOST_OPEN`` are open: how many were, and how
    many wait still. Within the caller's transaction."""
    rows = session.face_hints.filter(alarm=None).select_related(
        "frame__check_in__candidate", "other__check_in__candidate", "reference_of"
    )
    waiting = sorted((row for row in rows if row.holds), key=lambda row: -abs(row.score - UNDECIDED))
    if not waiting:
        return 0, 0
    asked, told = _Asked(session), []
    for row in waiting:
        row.alarm = asked.about(_found(row))
        told += [row] if row.alarm is not None else []
    FaceHint.objects.bulk_update(told, ["alarm"], batch_size=200)
    return asked.raised, len(waiting) - len(told)


def _found(row: FaceHint) -> Found:
    kind = FaceHintKind(row.kind)
    return Found(kind, row.frame, row.other, row.reference_of, row.score, row.own_score, row.calibration)


def follow_settled(actor: Actor, alarm: Alarm) -> None:
    """Somebody said what one was: the next that waits takes its place."""
    if alarm.kind == FACES:
        ask_about_the_next(alarm.session)


def people_waiting(session: CaptureSession) -> frozenset[int]:
    """Check-ins that a pair concerns which nobody was asked about yet: they are looked at before they are confirmed."""
    rows = session.face_hints.filter(alarm=None).select_related("frame__check_in", "other__check_in")
    return frozenset(frame.check_in_id for row in rows if row.holds for frame in row.both if frame.check_in_id)


def _standing(found: Sequence[Found]) -> list[Found]:
    """Of these the ones whose frames are still in the names they were compared under, of people whose consent stands."""
    frames = {frame for one in found for frame in _frames(one)}
    named = Frame.objects.filter(pk__in={frame.pk for frame in frames}, check_in__isnull=False)
    now = dict(named.exclude(check_in__status=CheckInStatus.CANCELLED).values_list("pk", "check_in"))
    agreed = held_consents({pk for one in found for pk in _candidates(one)})
    return [
        one
        for one in found
        if all(now.get(frame.pk) == frame.check_in_id for frame in _frames(one)) and _candidates(one) <= agreed
    ]


def _frames(one: Found) -> list[Frame]:
    return [frame for frame in (one.frame, one.other) if frame is not None]


def _candidates(one: Found) -> set[int]:
    seated = {frame.check_in.candidate_id for frame in _frames(one) if frame.check_in is not None}
    return seated | ({one.reference_of.pk} if one.reference_of else set())


@action("pairing.settle_faces", permission="capture.work")
def settle_faces(actor: Actor, session: CaptureSession, *, alarm: Alarm, note: str) -> None:
    """Somebody looked at both faces and says what it was. Raises ``pairing.faces_settled``, ``capture.reason_missing``."""
    if alarm.session_id != session.pk or alarm.kind != FACES or alarm.settled_at is not None:
        raise invalid(
            "pairing.faces_settled",
            "这条提示已经处理，或不属于本场次。",
            "This hint is settled already, or not of this session.",
            "请刷新页面。",
            "Reload the page.",
            field="alarm",
        )
    actions.settle_alarm(actor, alarm, note=note)


def remove_hints(rows: QuerySet[FaceHint], why: Wording, *, with_what_was_said: bool = False) -> int:
    """Remove hints; an open alarm of which none is left is settled, with the reason. Returns how many went.

    ``with_what_was_said``: scores and names go out of the alarms' own sentences as well, settled or not.
    """
    alarms = {pk for pk in rows.values_list("alarm", flat=True) if pk is not None}
    count, _ = rows.delete()
    left = Alarm.objects.filter(pk__in=alarms, face_hints=None)
    if with_what_was_said:
        left.update(sentence={"zh": why.zh, "en": why.en})
    left.filter(settled_at=None).update(settled_at=room_now(), settled_note=shortened(f"{why.zh} {why.en}", 200))
    return count


def _key(row: FaceHint) -> tuple[str, int, int | None, int | None]:
    return row.kind, row.frame_id, row.other_id, row.reference_of_id


def _people(one: Found) -> tuple[object, ...]:
    """One question for the same people, however many of their frames are alike."""
    ends = {one.frame.check_in_id, one.other.check_in_id if one.other else None}
    return one.kind, frozenset(ends), one.reference_of.pk if one.reference_of else None


class _Asked:
    """The questions of a session, read once: thousands of pairs hold no writer up."""

    def __init__(self, session: CaptureSession) -> None:
        self._session = session
        self._of: dict[tuple[object, ...], list[tuple[Alarm, set[int]]]] = {}
        self._bare: dict[int | None, list[Alarm]] = {}
        self.raised = self._open = 0
        alarms = session.alarms.filter(kind=FACES).select_related("frame")
        for alarm in alarms.prefetch_related("face_hints__frame", "face_hints__other"):
            rows = list(alarm.face_hints.all())
            self._open += alarm.settled_at is None
            for row in rows:
                self._of.setdefault(_of_row(row), []).append((alarm, {row.frame_id, row.other_id or row.frame_id}))
            if not rows:
                self._bare.setdefault(alarm.frame_id, []).append(alarm)

    def about(self, one: Found) -> Alarm | None:
        """The question of these people, a new one where none was asked; ``None`` where too many are open."""
        alarm = self._known(one)
        if alarm is None and self._open < _MOST_OPEN:
            alarm = _raise(self._session, one)
            self.raised, self._open = self.raised + 1, self._open + 1
            self._of.setdefault(_people(one), []).append((alarm, set()))
        return alarm

    def _known(self, one: Found) -> Alarm | None:
        """The alarm of the same people: as long as it is open, or where somebody saw these very frames."""
        frames, same = {frame.pk for frame in _frames(one)}, self._of.get(_people(one), [])
        for alarm, _ in same:
            seen = set().union(*(looked_at for other, looked_at in same if other == alarm))
            if alarm.settled_at is None or frames <= seen:
                return alarm
        # It came in a station's packet, which carries the alarm without its hints.
        bare = [alarm for pk in frames for alarm in self._bare.get(pk, [])]
        return next((alarm for alarm in bare if _is_said_by(alarm, one, self._session)), None)


def _is_said_by(alarm: Alarm, one: Found, session: CaptureSession) -> bool:
    """Whether an alarm without hints asks of the same people in the same words; numbers and scores may stand otherwise."""
    ends = {frame.check_in_id for frame in _frames(one)}
    about = _about(session, one)
    ends |= {about.pk} if about else set()
    mine = {alarm.check_in_id, alarm.frame.check_in_id if alarm.frame else None}
    return mine == ends and _plain(alarm.sentence["en"]) == _plain(one.sentence.en)


def _plain(sentence: str) -> str:
    return re.sub(r"[-—\d.]+", "", sentence)


def _of_row(row: FaceHint) -> tuple[object, ...]:
    ends = {row.frame.check_in_id, row.other.check_in_id if row.other else None}
    return row.kind, frozenset(ends), row.reference_of_id


def _raise(session: CaptureSession, one: Found) -> Alarm:
    said = one.sentence
    return Alarm.objects.create(
        session=session, chair=one.frame.chair, kind=FACES, frame=one.frame, check_in=_about(session, one),
        sentence={"zh": said.zh, "en": said.en}, remedy={"zh": REMEDY.zh, "en": REMEDY.en},
    )  # fmt: skip


def _about(session: CaptureSession, one: Found) -> CheckIn | None:
    """Who is asked about beside whom the frame is of: the other one, or of whom the photograph on file is, where they were
    here, too; both are held."""
    if one.other is not None:
        return one.other.check_in
    on_file = session.check_ins.filter(candidate=one.reference_of).order_by("-pk").first()
    return on_file or one.frame.check_in
