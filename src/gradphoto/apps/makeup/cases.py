"""A make-up case from the request to the school's decision, and its end (R104, R140, R145, R147)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import MAKE_UP_SPECIAL_ONLY
from gradphoto.apps.capture.models import CheckIn, Identification
from gradphoto.apps.capture.queries import missed
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, stated_reason, within
from gradphoto.apps.makeup.booking import release_standing
from gradphoto.apps.makeup.lifecycle import CASE, UNDER_WAY
from gradphoto.apps.makeup.models import DeliveryRecipient, MakeUpCase, ReasonKind, Way
from gradphoto.apps.makeup.models.cases import OVER
from gradphoto.apps.makeup.providers import carrier_of
from gradphoto.apps.makeup.season import season_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system, is_same_person
from gradphoto.apps.orgs.scope import changeable, scoped
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.persons import first_of, seated_as
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.engine.standards.names import probably_same, same


@action("makeup.open_missed", permission="makeup.open", within=())
def open_missed(
    actor: Actor,
    session: CaptureSession,
    *,
    candidates: QuerySet[Candidate] | None = None,
    reasons: Mapping[int, tuple[str, str]] = MappingProxyType({}),
) -> list[MakeUpCase]:
    """A case for everyone missed in a closed session (R104), or for the chosen ones; who has a case already keeps it.

    ``reasons``: kind and sentence by the candidate's primary key; who is not in it was simply missed. Raises
    ``makeup.session_not_closed``: before the end of the day nobody is missed; ``makeup.reason`` for a special reason
    without its sentence.
    """
    if session.status != SessionStatus.CLOSED:
        raise refuse(
            "makeup.session_not_closed",
            "本场次尚未结束，还不能确定漏拍。",
            "The session is not closed yet, so nobody is missed yet.",
            "请在场次结束后再办理。",
            "Close the session first.",
        )
    people = without_case(actor, session)
    if candidates is not None:
        people = people.filter(pk__in=candidates.values("pk"))
    made = [_missed_case(actor, session, person, *reasons.get(person.pk, ("", ""))) for person in people]
    MakeUpCase.objects.bulk_create(made)
    audit.note(session=session.pk, opened=len(made))
    return made


def _missed_case(actor: Actor, session: CaptureSession, person: Candidate, kind: str, why: str) -> MakeUpCase:
    kind, why = kind if kind in ReasonKind.values else ReasonKind.MISSED, within(why, 200, field="candidate")
    if kind != ReasonKind.MISSED and not why:
        raise invalid(
            "makeup.reason",
            f"{person.name} 选了特殊原因，还没有说明。",
            f"A special reason was chosen for {person.name}, but not told.",
            "请用一句话说明，或改为“当日漏拍”。",
            "Tell it in one sentence, or choose: missed on the day.",
        )
    return MakeUpCase(
        candidate=person, session=session, reason_kind=kind, reason=why, applied_by=_by(actor), opened_by=actor.user
    )


def without_case(actor: Actor, session: CaptureSession) -> QuerySet[Candidate]:
    """The missed of a session within the viewer's reach for whom no make-up is under way."""
    under_way = MakeUpCase.objects.exclude(status__in=OVER)
    return changeable(actor, missed(session), "makeup.open").exclude(pk__in=under_way.values("candidate"))


@action("makeup.apply_for", permission="makeup.open")
def apply_for(
    actor: Actor, candidate: Candidate, *, reason_kind: str, reason: str, way: str = Way.CENTRE, branch: str = ""
) -> MakeUpCase:
    """A single request with its reason. Raises ``makeup.reason``, ``makeup.not_approved_row``, ``makeup.photographed``
    or ``makeup.case_under_way``.
    """
    reason = within(reason, 200, field="reason")
    if reason_kind not in ReasonKind.values or way not in Way.values or (reason_kind != "missed" and not reason):
        raise invalid(
            "makeup.reason",
            "请选择原因并用一句话说明。",
            "Choose the reason and tell it in one sentence.",
            "例如“2026年1月起在外省实习，无法返校”。",
            "For example: on an internship in another province since January.",
        )
    if candidate.status not in APPROVED:
        raise refuse(
            "makeup.not_approved_row",
            "此人信息尚未核准，不能安排拍摄。",
            "This person's row is not accepted yet.",
            "请先在名册中完成核对签字。",
            "Finish the signatures in the roster first.",
        )
    if _photographed(candidate):
        raise refuse(
            "makeup.photographed",
            "此人已经拍摄。",
            "This person is photographed already.",
            "如需重拍，请在“照片复核”中提出。",
            "Ask for a retake in the photo review.",
        )
    try:
        with transaction.atomic():
            made = MakeUpCase.objects.create(
                candidate=seated_as(candidate), reason_kind=reason_kind, reason=reason, way=way,
                branch=branch[:20] if way == Way.BRANCH else "", applied_by=_by(actor), opened_by=actor.user,
            )  # fmt: skip
    except IntegrityError:
        raise refuse(
            "makeup.case_under_way",
            "此人已有一件未办结的补拍。",
            "A make-up of this person is under way.",
            "请在补拍列表中查看。",
            "Look for it in the list.",
        ) from None
    audit.note(case=made.pk, reason_kind=reason_kind, way=way)
    return made


def _photographed(candidate: Candidate) -> bool:
    return CheckIn.objects.filter(candidate=first_of(candidate), status__in=("shot", "confirmed")).exists()


@action("makeup.approve_case", permission="makeup.approve", lifecycle=CASE)
def approve_case(
    actor: Actor, case: MakeUpCase, *, reason_kind: str = "", reason: str = "", way: str = "", branch: str = ""
) -> None:
    """The school approves, by another person than who asked; it may name the special reason and the way.

    Raises ``makeup.four_eyes`` and ``makeup.special_reason`` (R145).
    """
    require_another(actor, case)
    if reason_kind in ReasonKind.values:
        case.reason_kind = reason_kind
    if way in Way.values:
        case.way = way
    case.branch = (branch[:20] or case.branch) if case.way == Way.BRANCH else ""
    case.reason = within(reason, 200, field="reason") or case.reason
    rule = in_force(case.candidate.campaign.rule_set, MAKE_UP_SPECIAL_ONLY)
    only_special = rule is not None and MAKE_UP_SPECIAL_ONLY.read(rule.value)
    if not case.reason and (only_special or case.reason_kind != ReasonKind.MISSED):
        raise refuse(
            "makeup.special_reason",
            "仅限特殊原因补拍，须写明原因。" + (f"（{rule.source}）" if rule else ""),
            "A make-up is for special reasons only: tell the reason." + (f" ({rule.source})" if rule else ""),
            "请填写特殊原因后再批准，或不予批准。",
            "Fill in the special reason, or refuse.",
        )
    case.decided_by = _by(actor)
    case.recipient = case.recipient or recipient_for(case.candidate)
    case.save(update_fields=["reason_kind", "way", "branch", "reason", "decided_by", "recipient"])
    audit.note(reason_kind=case.reason_kind, way=case.way)


def require_another(actor: Actor, case: MakeUpCase) -> None:
    """Who asked does not approve. Raises ``makeup.four_eyes``."""
    if is_same_person(actor, case.opened_by_id):
        raise refuse(
            "makeup.four_eyes",
            "补拍申请不能由申请人自己批准。",
            "Who asked for a make-up does not approve it.",
            "请由教务处另一位人员批准；或由学院、辅导员提出申请。",
            "Have another person of the registry approve it, or have the college ask for it.",
        )


@action("makeup.refuse_case", permission="makeup.approve", lifecycle=CASE)
def refuse_case(actor: Actor, case: MakeUpCase, *, reason: str) -> None:
    """The school does not approve; the consequences are the person's own (R140), so they are told the reason."""
    case.decided_by, case.decision_reason = _by(actor), stated_reason(reason, "makeup.reason_missing")
    case.save(update_fields=["decided_by", "decision_reason"])
    audit.note(reason=case.decision_reason)


@action("makeup.cancel_case", permission="makeup.cancel", lifecycle=CASE)
def cancel_case(actor: Actor, case: MakeUpCase, *, reason: str) -> None:
    """Given up: codes end, the half-hour is free again."""
    case.decision_reason = stated_reason(reason, "makeup.reason_missing")
    case.save(update_fields=["decision_reason"])
    _close(actor, case, case.decision_reason)
    audit.note(reason=case.decision_reason)


@action("makeup.expire_case", permission=by_system, lifecycle=CASE)
def expire_case(actor: Actor, case: MakeUpCase, *, last_day: str) -> None:
    """The make-up season is over (R140, R142)."""
    case.decision_reason = f"补拍截止 {last_day}"
    case.save(update_fields=["decision_reason"])
    _close(actor, case, case.decision_reason)


@action("makeup.expire_overdue", permission="makeup.expire")
def expire_overdue(actor: Actor, campaign: Campaign) -> int:
    """Close what was not photographed by the end of the make-up season of the campaign's year; returns how many.

    Raises ``makeup.season_not_over`` while the season still runs, or where the rules name none.
    """
    season = season_of(campaign)
    last_day = f"{season.last:%Y-%m-%d}" if season else ""
    if not season or timezone.localdate() <= season.last:
        raise refuse(
            "makeup.season_not_over",
            f"补拍时段{f'到 {last_day} 才' if season else '未规定，不能'}截止。",
            f"The make-up season {f'runs until {last_day}' if season else 'is not set'}.",
            "个别情况请逐件取消并注明原因。",
            "Cancel single cases with their reason.",
        )
    overdue = MakeUpCase.objects.filter(candidate__campaign=campaign, status__in=UNDER_WAY)
    cases = list(scoped(actor, overdue))
    for case in cases:
        expire_case(Actor.system("makeup"), case, last_day=last_day)
    audit.note(expired=len(cases))
    return len(cases)


@action("makeup.record_captured", permission=by_system, lifecycle=CASE)
def record_captured(actor: Actor, case: MakeUpCase, *, check_in: CheckIn) -> None:
    """The person was photographed, here or with another class: the appointment is no longer needed."""
    case.check_in = check_in
    if case.attended_at is None and check_in.method == Identification.MAKEUP_QR:
        case.attended_at = check_in.at  # by their own QR at a station that had no desk
    case.save(update_fields=["check_in", "attended_at"])
    if case.attended_at is None:
        release_standing(case, "已拍摄")
    _end_codes(case)
    audit.note(shooting_number=check_in.shooting_number)


@action("makeup.attend_at_camera", permission=by_system, lifecycle=CASE)
def attend_at_camera(actor: Actor, case: MakeUpCase, *, check_in: CheckIn) -> None:
    """They showed their QR in the room itself, on the day of their appointment; the crew sees the papers (R144)."""
    case.attended_at = check_in.at
    case.save(update_fields=["attended_at"])


@action("makeup.reopen_captured", permission=by_system)
def reopen_captured(actor: Actor, case: MakeUpCase, *, reason: str) -> None:
    """The photograph does not count any more (cancelled, or to be shot again): the person is needed again."""
    before, case.check_in = str(case.status), None
    # The row that says "captured" must have its number, so state and number change in one statement.
    after = CASE.move(case, "makeup.reopen_captured", fields=("check_in",))
    audit.note(reason=reason, **{"from": before, "to": after})


@action("makeup.deliver", permission="makeup.deliver", lifecycle=CASE)
def deliver(actor: Actor, case: MakeUpCase, *, received_by: str) -> None:
    """Handed to the school's recipient, never to the student (R147), once a print or a file has left the house.

    Raises ``makeup.recipient_missing``, ``makeup.not_to_the_student`` and ``makeup.nothing_went_out``.
    """
    name = within(received_by, 60, field="received_by")
    if case.recipient is None or not name:
        raise invalid(
            "makeup.recipient_missing",
            "请先登记学校收件人，并填写签收人姓名。",
            "Record the school's recipient and who signed for it.",
            "补拍照片只交学校指定的收件人。",
            "Make-up photographs go to the school's recipient only.",
        )
    if _is_the_student(name, case):
        raise refuse(
            "makeup.not_to_the_student",
            "补拍照片不交学生本人。",
            "Make-up photographs are not handed to the student.",
            f"请交学校收件人{case.recipient.name}。",
            f"Hand them to the school's recipient, {case.recipient.name}.",
        )
    carrier = carrier_of(case)
    if not carrier:
        raise refuse(
            "makeup.nothing_went_out",
            "此人的照片还没有制作并随交付包交出，没有可签收的东西。",
            "This person's photograph has not gone out with a delivered package; there is nothing to receive yet.",
            "请先在“照片交付”中制作照片、打包并交付。",
            "Make the portrait, pack it and deliver the package first.",
        )
    case.delivered_at, case.received_by, case.went_out_with = timezone.now(), name, carrier
    case.save(update_fields=["delivered_at", "received_by", "went_out_with"])
    audit.note(recipient=case.recipient_id, went_out_with=carrier)


def _is_the_student(name: str, case: MakeUpCase) -> bool:
    """Certainly the same name, or one that may be it and is not the recorded recipient's own (王丽 for the student 王丽娟)."""
    student = case.candidate.name
    if same(name, student):
        return True
    known = case.recipient is not None and same(name, case.recipient.name)
    return not known and probably_same(name, student)


@action("makeup.show_contact", permission="makeup.arrange")
def show_contact(actor: Actor, case: MakeUpCase) -> str:
    """The student's telephone number, empty before the form; every look is one audit entry."""
    return case.phone.decrypt() if case.phone else ""


@action("makeup.set_recipient", permission="makeup.ask", within=("unit",))
def set_recipient(
    actor: Actor, campaign: Campaign, *, unit: Organisation, name: str, phone: str, address: str, postcode: str = ""
) -> DeliveryRecipient:
    """The school names who receives for a unit: address, name and telephone (R141). Raises ``makeup.recipient``."""
    values = within(name, 60, field="name"), within(phone, 30, field="phone"), within(address, 200, field="address")
    inside = unit.path.startswith(campaign.school.path)
    if not all(values) or not inside:
        raise invalid(
            "makeup.recipient",
            "收件人姓名、电话和地址都要填写，单位须属于本校。",
            "Name, telephone and address of the recipient are needed, for a unit of this school.",
            "例如学院教学秘书和学院全称地址。",
            "For example the college's secretary with the college's full address.",
        )
    found, _ = DeliveryRecipient.objects.update_or_create(
        campaign=campaign,
        unit=unit,
        defaults={
            "name": values[0],
            "phone": values[1],
            "address": values[2],
            "postcode": within(postcode, 10, field="postcode"),
        },
    )
    # Cases approved before the recipient was known get it now.
    for case in MakeUpCase.objects.filter(candidate__campaign=campaign, recipient=None).exclude(status__in=OVER):
        if (mine := recipient_for(case.candidate)) is not None:
            MakeUpCase.objects.filter(pk=case.pk).update(recipient=mine)
    audit.note(unit=unit.pk)
    return found


def recipient_for(candidate: Candidate) -> DeliveryRecipient | None:
    """The recipient of the person's own unit, else of the school."""
    known = DeliveryRecipient.objects.filter(campaign=candidate.campaign_id)
    return known.filter(unit=candidate.department_id).first() or known.filter(unit=candidate.campaign.school_id).first()


def last_day_of(campaign: Campaign) -> str:
    """Until when make-up shots are taken, as the rules say; empty where they do not, or when that day is over."""
    season = season_of(campaign)
    # A day of the past on a notice sends people home who may still come on an agreed day.
    if season is None or season.last < timezone.localdate():
        return ""
    return f"{season.last:%Y-%m-%d}（{season.source}）"


def _close(actor: Actor, case: MakeUpCase, reason: str) -> None:
    release_standing(case, reason)
    _end_codes(case)


def _end_codes(case: MakeUpCase) -> None:
    case.codes.filter(ended_at=None).update(ended_at=timezone.now())


def _by(actor: Actor) -> str:
    return str(actor.user or actor.label)[:150]
