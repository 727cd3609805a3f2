"""The chairs of a room (R79, R86): each has its own reader, camera, queue and run of numbers; who works which one."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.steps import require_running
from gradphoto.apps.capture.models import ChairNumbers, CheckIn
from gradphoto.apps.capture.providers import last_number, own_chairs
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.schedule.models import Appointment, CaptureSession, SessionStatus
from gradphoto.engine.pairing import AlarmKind

_RUN = 50
"""Numbers that a chair reserves at a time: some are left over at the end of a session, none is ever given twice."""


def chairs_of(session: CaptureSession) -> list[int]:
    """The session's chairs by number: the room's stations, and any at which somebody was seated before one was removed."""
    seated = CheckIn.objects.filter(session=session).aggregate(most=Max("chair"))["most"] or 1
    return list(range(1, max(session.chairs, seated) + 1))


def chairs_here(session: CaptureSession) -> list[int]:
    """Those that this computer works; at the centre all of them."""
    own = own_chairs()
    return [chair for chair in chairs_of(session) if own is None or chair in own]


def require_chair(session: CaptureSession, chair: int) -> None:
    """Raises ``capture.no_such_chair``, and ``capture.chair_of_another_station`` for one that another laptop works."""
    if not 1 <= chair <= max(1, session.chairs):
        raise refuse(
            "capture.no_such_chair",
            f"本场次没有 {chair} 号座位。",
            f"This session has no chair {chair}.",
            f"本场次共 {session.chairs} 个座位；增加座位请修改采集点的台数。",
            f"It has {session.chairs}; for more of them change the stations of the collection point.",
        )
    own = own_chairs()
    if own is not None and chair not in own:
        named = "、".join(map(str, own)), ", ".join(map(str, own))
        raise refuse(
            "capture.chair_of_another_station",
            f"{chair} 号座位由另一台电脑负责。",
            f"Chair {chair} is another computer's.",
            f"本机负责：{named[0]} 号。",
            f"This computer works: {named[1]}.",
        )


def require_open(session: CaptureSession) -> None:
    """Raises ``capture.session_not_open``. The caller holds the session, so that it is not closed meanwhile."""
    if session.status != SessionStatus.OPEN:
        raise refuse(
            "capture.session_not_open",
            "本场次未开始或已结束。",
            "The session is not open.",
            "请先开始场次。",
            "Open the session first.",
        )


def next_number(session: CaptureSession, chair: int = 1) -> int:
    """The next number of a chair, under the campaign's lock: no two chairs get the same, and none is used twice (R97).

    A room with one chair goes on where the campaign stands. With several each has a run of its own, so that its numbers
    go on one by one as its camera's do (R98). Raises ``capture.numbers_used_up``, and ``campaigns.over`` where the campaign
    was closed since the caller looked.
    """
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=session.campaign_id)
    require_running(campaign)
    if session.chairs == 1 and not session.chair_numbers.exists():
        return _reserve(campaign, 1)[0]
    run = ChairNumbers.objects.filter(session=session, chair=chair).first()
    if run is None or run.following > run.last:
        first, last = _reserve(campaign, _RUN)
        run = run or ChairNumbers(session=session, chair=chair)
        run.following, run.last = first, last
    number = run.following
    run.following += 1
    run.save()
    return number


def _reserve(campaign: Campaign, wanted: int) -> tuple[int, int]:
    """So many numbers, or what is left of this computer's range."""
    first, last = campaign.last_shooting_number + 1, campaign.last_shooting_number + wanted
    end = last_number()
    if end is not None:
        last = min(last, end)
    if last < first:
        raise _used_up()
    campaign.last_shooting_number = last
    campaign.save(update_fields=["last_shooting_number"])
    return first, last


def _used_up() -> Refusal:
    return refuse(
        "capture.numbers_used_up",
        "本站的拍摄序号已用完。",
        "This station's shooting numbers are used up.",
        "请交回采集包，并向采集中心领取新的采集箱。",
        "Hand in the packet and get a new kit from the centre.",
    )


def queue_of(session: CaptureSession, chair: int) -> frozenset[int]:
    """Candidates who queue at a chair: each class stands in as many lines as there are chairs, every line in the order
    of the check table (R102)."""
    lines = _lines(session)
    return frozenset(person for line in lines for person in line[_part(line, chair, session.chairs)])


def _lines(session: CaptureSession) -> list[list[int]]:
    """The people of each slot, in the order of the check table."""
    places: dict[int, list[int]] = {}
    for one in _APPOINTED.all(session=session.pk):
        places.setdefault(one.slot_id, []).append(one.candidate_id)
    return list(places.values())


_APPOINTED: Prepared[Appointment] = Prepared(
    lambda session: (
        Appointment.objects.filter(slot__session=session)
        .order_by("slot__starts_at", "slot", "position")
        .only("slot_id", "candidate_id")
    )
)


def queue_chairs(session: CaptureSession) -> dict[int, int]:
    """By candidate: at which chair they queue. Empty in a room with one chair."""
    if session.chairs == 1:
        return {}
    lines, chairs = _lines(session), session.chairs
    numbers = range(1, chairs + 1)
    return {person: chair for chair in numbers for line in lines for person in line[_part(line, chair, chairs)]}


def last_queues(session: CaptureSession) -> dict[int, int | None]:
    """By chair: where the last one who checked in there queues; ``None`` for somebody who stands in no line."""
    queues = queue_chairs(session)
    settled = session.alarms.filter(kind=AlarmKind.READERS_EXCHANGED, settled_at__isnull=False)
    since = settled.aggregate(at=Max("settled_at"))["at"]
    return {
        one.chair: queues.get(one.candidate_id)
        for one in _LAST_AT_CHAIRS.all(session=session.pk)
        if since is None or one.at > since
    }


_LAST_AT_CHAIRS: Prepared[CheckIn] = Prepared(
    lambda session: (
        CheckIn.objects.filter(
            pk__in=CheckIn.objects.filter(session=session)
            .order_by()
            .values("chair")
            .annotate(last=Max("pk"))
            .values("last")
        )
        .order_by()
        .only("chair", "candidate_id", "at")
    )
)


def _part(line: Sequence[int], chair: int, chairs: int) -> slice:
    return slice(len(line) * (chair - 1) // chairs, len(line) * chair // chairs)
