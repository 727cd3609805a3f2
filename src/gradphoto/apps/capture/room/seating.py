"""The swipe: who is recognised gets a number, who must not pass silently is held (R97, R103)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION, NEXT_SWIPE_CLOSES, SELF_PHOTO_FOR
from gradphoto.apps.campaigns.steps import require_running
from gradphoto.apps.capture import pairer
from gradphoto.apps.capture.lifecycle import CHECK_IN
from gradphoto.apps.capture.models import (
    Alarm,
    CheckIn,
    CheckInStatus,
    FrameStatus,
    Hold,
    HoldReason,
    Identification,
    StepKind,
)
from gradphoto.apps.capture.queries import in_chair
from gradphoto.apps.capture.room import retakes
from gradphoto.apps.capture.room.chairs import next_number, require_chair, require_open
from gradphoto.apps.capture.room.leaving import cancel_check_in, leave_chair
from gradphoto.apps.capture.room.notices import SWIPED_AGAIN
from gradphoto.apps.capture.room.steps import remember
from gradphoto.apps.capture.room_clock import room_now
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import refuse, stated_reason
from gradphoto.apps.core.prepared import Prepared
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.engine.standards.names import CARD_NAME_CHARACTERS, same, same_key


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card says of its holder, whatever reader read it. ``None`` is a field that nobody could read."""

    name: str
    sex: str | None
    birth_date: date | None
    id_number: str
    english_name: str = ""
    """In Latin letters, on the cards of foreigners beside or instead of the Chinese one."""

    @property
    def both_names(self) -> str:
        """What the crew reads: the English name of a foreigner's card stands beside the Chinese one."""
        other = self.english_name if self.english_name != self.name else ""
        return f"{self.name}（{other}）" if other else self.name


@dataclass(frozen=True, slots=True)
class CheckInOutcome:
    """Either a check-in with its shooting number, or a hold that a person must decide."""

    check_in: CheckIn | None
    hold: Hold | None


@action("capture.check_in", permission="capture.work")
def check_in(
    actor: Actor,
    session: CaptureSession,
    *,
    card: CardFacts | None = None,
    candidate: Candidate | None = None,
    method: Identification,
    nonce: uuid.UUID,
    again_reason: str = "",
    close_before: bool | None = None,
    chair: int = 1,
) -> CheckInOutcome:
    """Recognise a person and give them the next shooting number of a chair (R97), or hold them there (R103).

    With ``close_before`` (by default as the rule set says) the swipe sends away who is in the chair without a
    photograph, which is told (R98); whoever has a frame that awaits its decision stays, and who swipes twice as well.
    The same ``nonce`` again returns the same answer: a device may repeat itself; with another person or session it is
    ``capture.sent_before``. Raises ``Refusal`` with ``capture.session_not_open``, ``capture.method_not_allowed``, ``capture.chair_occupied`` or ``capture.no_such_chair``.
    """
    candidate = person_of(session, card, candidate)
    if (known := _answered_before(nonce)) is not None:
        require_same(known.check_in or known.hold, session, candidate)
        return known
    if next_swipe_closes(session.campaign) if close_before is None else close_before:
        _send_away(actor, session, chair, candidate)
    _require_ready(session, chair, method, candidate)
    again_reason = again_reason or retakes.reason_for(candidate)
    reason, differences = _objection(candidate, card, again_reason)
    if reason is not None:
        hold = Hold.objects.create(
            session=session,
            chair=chair,
            reason=reason,
            candidate=candidate,
            name=card.both_names[:80] if card else getattr(candidate, "name", ""),
            id_number=card.id_number if card else None,  # type: ignore[misc]
            differences=differences,
            nonce=nonce,
        )
        audit.note(hold=hold.pk, reason=str(reason))
        return CheckInOutcome(None, hold)
    assert candidate is not None
    return CheckInOutcome(_seat(session, chair, candidate, method, nonce, again_reason), None)


def person_of(session: CaptureSession, card: CardFacts | None, candidate: Candidate | None) -> Candidate | None:
    """Under which record the holder of a card, or who was named, takes the chair; ``None``: on no list."""
    if card is not None:
        return persons.at_the_camera(session.campaign.candidates.all(), blind_index(card.id_number))
    return None if candidate is None else persons.seated_as(candidate)


def next_swipe_closes(campaign: Campaign) -> bool:
    """Whether the next card ends the turn of who is in the chair; not where the rule set does not say (docs/pairing.md)."""
    rule = in_force(campaign.rule_set, NEXT_SWIPE_CLOSES)
    return bool(rule and NEXT_SWIPE_CLOSES.read(rule.value))


def _send_away(actor: Actor, session: CaptureSession, chair: int, newcomer: Candidate | None) -> None:
    seated = session.check_ins.filter(chair=chair, status=CheckInStatus.OPEN).exclude(candidate=newcomer).first()
    if seated is not None and not seated.frames.filter(status=FrameStatus.BOUND).exists():
        leave_chair(actor, seated)


def _answered_before(nonce: uuid.UUID) -> CheckInOutcome | None:
    made, held = _MADE.first(nonce=nonce), _HELD.first(nonce=nonce)
    return CheckInOutcome(made, held) if made or held else None


_MADE: Prepared[CheckIn] = Prepared(lambda nonce: CheckIn.objects.filter(nonce=nonce).order_by())
_HELD: Prepared[Hold] = Prepared(lambda nonce: Hold.objects.filter(nonce=nonce).order_by())


def require_same(known: CheckIn | Hold | None, session: CaptureSession, candidate: Candidate | None) -> None:
    """Raises ``capture.sent_before``: the browser's Back brings an old form's number to another person."""
    assert known is not None
    someone = known.candidate is not None and candidate is not None
    if known.session_id != session.pk or (
        someone and persons.first_of(known.candidate) != persons.first_of(candidate)  # type: ignore[arg-type]
    ):
        raise refuse(
            "capture.sent_before",
            "这张表单已经提交过，这次没有登记。",
            "This form was sent before; nobody was checked in now.",
            "请刷新页面后重新选择人员。",
            "Reload the page and choose the person again.",
        )


def _require_ready(
    session: CaptureSession, chair: int, method: Identification, newcomer: Candidate | None = None
) -> None:
    require_chair(session, chair)
    require_open(session)
    require_running(session.campaign)
    if not _is_lawful(session.campaign, method):
        raise refuse(
            "capture.method_not_allowed",
            "规则集不允许这种识别方式。",
            "The rule set does not allow this way of identification.",
            "请改用允许的方式，或由管理员修改规则集。",
            "Use an allowed way, or have the rule set changed.",
        )
    seated = in_chair(session, chair)
    if seated is not None and newcomer is not None and seated.candidate_id == newcomer.pk:
        raise refuse(
            SWIPED_AGAIN,
            f"{seated.number_label} {newcomer.name} 已登记，不用再刷。",
            f"{seated.number_label} {newcomer.name} is checked in already.",
            "请拍照。",
            "Take the picture.",
        )
    if seated is not None:
        raise refuse(
            "capture.chair_occupied",
            "上一位还没有拍完。",
            "The person before is not finished.",
            "请先采用一张照片，或撤销上一位的登记。",
            "Accept a frame of that person or cancel the check-in.",
        )


def _is_lawful(campaign: Campaign, method: Identification) -> bool:
    """Whether the rule set knows this way; a person's own photograph has a rule of its own, which says for whom."""
    if method == Identification.SELF_PHOTO:
        rule = in_force(campaign.rule_set, SELF_PHOTO_FOR)
        return bool(rule and SELF_PHOTO_FOR.read(rule.value))
    return str(method) in value_of(campaign, IDENTIFICATION)


def _objection(
    candidate: Candidate | None, card: CardFacts | None, again_reason: str
) -> tuple[HoldReason | None, list[dict[str, Any]]]:
    """Why a person must not pass silently, if at all, with what card and list each say where they differ."""
    if candidate is None:
        return HoldReason.NOT_LISTED, []
    if candidate.status not in APPROVED:
        return HoldReason.NOT_APPROVED, []
    differing = [
        {
            "field": field,
            "card": card.both_names if field == "name" else str(getattr(card, field)),
            "listed": str(getattr(candidate, field)),
        }
        for field in ("name", "sex", "birth_date")
        if card is not None and not _agrees(candidate, card, field)
    ]
    if differing:
        return HoldReason.DATA_DIFFER, differing
    if not again_reason and _standing(candidate) is not None:
        return HoldReason.ALREADY, []
    return None, []


def _standing(candidate: Candidate) -> CheckIn | None:
    """The check-in of this person that counts, under whichever record."""
    return _STANDS.first(person=persons.first_of(candidate))


_STANDS: Prepared[CheckIn] = Prepared(
    lambda person: (
        CheckIn.objects.filter(Q(candidate=person) | Q(candidate__same_person=person))
        .exclude(status=CheckInStatus.CANCELLED)
        .order_by("shooting_number")[:1]
    )
)


def _agrees(candidate: Candidate, card: CardFacts, field: str) -> bool:
    """Whether card and list say the same; a name that somebody has compared and admitted before is not asked again.

    Sex or birth date that the chip holds damaged contradict nothing: the number, by which the person was found, says both.
    """
    if field != "name":
        said = getattr(card, field)
        return said is None or str(said) == str(getattr(candidate, field))
    if same(candidate.name, card.name, cut_at=CARD_NAME_CHARACTERS):
        return True
    if card.english_name and same(candidate.name, card.english_name):
        return True
    admitted = candidate.holds.filter(reason=HoldReason.DATA_DIFFER, decision="admitted")
    asked = {
        same_key(found["card"])
        for differences in admitted.values_list("differences", flat=True)
        for found in differences
        if found["field"] == "name" and same(found["listed"], candidate.name)
    }
    return bool({same_key(card.name), same_key(card.both_names)} & asked)


def _seat(
    session: CaptureSession,
    chair: int,
    candidate: Candidate,
    method: Identification,
    nonce: uuid.UUID,
    again_reason: str,
) -> CheckIn:
    earlier = _standing(candidate)
    if earlier is not None:
        cancel_check_in(Actor.system("capture"), earlier, reason=f"重拍：{again_reason}"[:200])
    persons.make_first(candidate)
    made: CheckIn = CHECK_IN.begin(
        CheckIn(
            session=session,
            chair=chair,
            campaign=session.campaign,
            candidate=candidate,
            shooting_number=next_number(session, chair),
            method=method,
            at=room_now(),
            nonce=nonce,
            again_reason=again_reason[:200],
        )
    )
    if earlier is not None:
        retakes.fulfil(earlier, made)
    Alarm.objects.bulk_create(pairer.exchanged(session, chair))
    remember(session, StepKind.CHECK_IN, check_in=made, before={"again": earlier is not None})
    audit.note(check_in=made.pk, shooting_number=made.shooting_number)
    return made


@action("capture.decide_hold", permission="capture.work", holds="session")
def decide_hold(actor: Actor, hold: Hold, *, admit: bool, reason: str) -> CheckIn | None:
    """A person decides a hold. Somebody who is not on the approved list cannot be admitted (R16)."""
    if hold.decision:
        raise refuse(
            "capture.hold_decided", "已经处理过。", "This was decided already.", "请刷新页面。", "Reload the page."
        )
    reason = stated_reason(reason, "capture.reason_missing")
    made = None
    if admit:
        if hold.candidate is None or hold.candidate.status not in APPROVED:
            raise refuse(
                "capture.not_on_list",
                "此人不在核准名单，不能拍摄。",
                "This person is not on the approved list and cannot be photographed.",
                "请学校先在名册中添加并核准。",
                "Have the school add and accept the person first.",
            )
        _require_ready(hold.session, hold.chair, Identification.MANUAL)
        again = reason if hold.reason == HoldReason.ALREADY else ""
        made = _seat(hold.session, hold.chair, hold.candidate, Identification.MANUAL, uuid.uuid4(), again)
    hold.decision, hold.decision_reason = ("admitted" if admit else "sent_away"), reason
    hold.decided_by, hold.decided_at = actor.user, room_now()
    hold.save()
    if made is None:
        remember(hold.session, StepKind.SEND_AWAY, hold=hold)
    audit.note(admit=admit, reason=reason)
    return made
