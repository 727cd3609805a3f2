"""The steps of a case after its draft: sealed, sent, received, mended, confirmed, filed; or refused, or withdrawn."""

from __future__ import annotations

import uuid
from datetime import date

from django.utils import timezone

from gradphoto.apps.capture.actions import check_in
from gradphoto.apps.capture.models import CheckInStatus, Identification
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.errors import Refusal, invalid, refuse
from gradphoto.apps.delivery.actions import settle_report, withdraw_report
from gradphoto.apps.delivery.models import DeliveryReport, ReportStatus
from gradphoto.apps.errata.deadlines import due_of
from gradphoto.apps.errata.drafting import close_items
from gradphoto.apps.errata.effects import require_effects
from gradphoto.apps.errata.kinds import Channel, Corrector, ErrataKind, Result
from gradphoto.apps.errata.lifecycle import CASE
from gradphoto.apps.errata.models import Attachment, AttachmentKind, CaseStatus, ErrataCase, FormStatus
from gradphoto.apps.errata.records import correct_record, reopen_confirmed, reopen_verification
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.schedule.models import CaptureSession

_MENDS: dict[str, str] = {
    Corrector.REGISTRY: "errata.correct_at_registry",
    Corrector.AGENCY: "errata.correct_at_agency",
    Corrector.CENTRE: "errata.correct_at_centre",
    Corrector.CHSI: "errata.correct_at_chsi",
}


@action("errata.seal_case", permission="errata.send", lifecycle=CASE)
def seal_case(actor: Actor, case: ErrataCase) -> None:
    """Its form was sealed and the scan is kept (R71): a step of sealing the form, never of a case alone."""
    if case.form is None or case.form.sealed_on is None:
        raise _seal_missing()


@action("errata.send_case", permission="errata.send", lifecycle=CASE)
def send_case(actor: Actor, case: ErrataCase, *, on: date, channel: Channel, to: str) -> None:
    """It goes to its corrector: when, by which way, to whom. Without its seal it stays here (R71)."""
    if case.needs_seal and case.status != CaseStatus.SEALED:
        raise _seal_missing()
    if case.corrector != Corrector.REGISTRY and not _speaks(actor, "errata.send_outside"):
        raise refuse(
            "errata.through_registry", "对校外单位的勘误由教务处或学习中心统一寄出。",
            "Errata leave the school through the registry or the learning centre, in one piece (R168).",
            "请把本件交教务处汇总。", "Leave it to the registrar.",
        )  # fmt: skip
    case.sent_on, case.channel, case.sent_to = _not_ahead(on), channel, _told(to, "to")
    case.save(update_fields=["sent_on", "channel", "sent_to"])
    audit.note(on=on.isoformat(), channel=str(channel))


@action("errata.receive_case", permission="errata.receive", lifecycle=CASE)
def receive_case(actor: Actor, case: ErrataCase, *, on: date) -> None:
    """The corrector has it: from this day the working days of R174 run, where they apply."""
    if case.sent_on is not None and on < case.sent_on:
        raise invalid(
            "errata.received_before_sent", "收到日期早于寄出日期。", "It was received before it was sent.",
            "请核对日期。", "Check the date.", field="on",
        )  # fmt: skip
    case.received_on = _not_ahead(on)
    if case.facts.clock:
        counted = due_of(case.campaign, on)
        case.due_on, case.due_provisional = counted.date, counted.provisional
    case.save(update_fields=["received_on", "due_on", "due_provisional"])
    audit.note(on=on.isoformat(), due=case.due_on.isoformat() if case.due_on else "")


@action("errata.correct_case", permission="errata.correct", lifecycle=CASE)
def correct_case(actor: Actor, case: ErrataCase, *, on: date, note: str = "") -> None:
    """The error is mended; wrong data take effect on the record now, approved by a second person (R170)."""
    _require_mender(actor, case, Result.CORRECTED)
    if case.kind == ErrataKind.DATA_WRONG:
        if is_same_person(actor, case.drafted_by_id):
            raise refuse(
                "errata.four_eyes", "起草人不能审核自己提出的更正。", "Who drafted a correction does not approve it.",
                "请由另一位教务处或党政办公室人员办理。", "Let another person of the registry or head office do it.",
            )  # fmt: skip
        correct_record(Actor.system("errata"), case)
    _end(case, on, note)
    audit.note(verification_reopened=reopen_verification(case), second_looks=reopen_confirmed(case, actor.user))


@action("errata.reissue_case", permission="errata.correct", lifecycle=CASE)
def reissue_case(actor: Actor, case: ErrataCase, *, on: date, note: str = "") -> None:
    """The missing or damaged print was made and mailed again (R156)."""
    _require_mender(actor, case, Result.REISSUED)
    _end(case, on, note)
    audit.note(on=on.isoformat(), late=bool(case.due_on and on > case.due_on))


@action("errata.seat_for_reshoot", permission="errata.seat", lifecycle=CASE)
def seat_for_reshoot(actor: Actor, case: ErrataCase, *, session: CaptureSession, nonce: uuid.UUID) -> None:
    """Into the chair again, free of charge (R137, R157), by the capture room's own second shot with its reason (R18)."""
    _require_result(case, Result.RESHOT)
    item = case.items.select_related("candidate").get()
    reason = f"免费重拍 {case} {case.get_kind_display()}"
    outcome = check_in(
        actor, session, candidate=item.candidate, method=Identification.MANUAL, nonce=nonce, again_reason=reason
    )
    if outcome.check_in is None:
        raise refuse(
            "errata.reshoot_held", "采集场次拦下了此人。", "The capture room holds this person.",
            "请在采集页处理拦截原因后再试。", "Decide the hold on the capture page, then try again.",
        )  # fmt: skip
    case.reshoot = outcome.check_in
    case.save(update_fields=["reshoot"])
    audit.note(check_in=outcome.check_in.pk, shooting_number=outcome.check_in.shooting_number)


@action("errata.reshoot_case", permission="errata.reshoot", lifecycle=CASE)
def reshoot_case(actor: Actor, case: ErrataCase, *, on: date, note: str = "") -> None:
    """The second shot is taken and accepted."""
    _require_result(case, Result.RESHOT)
    if case.reshoot is None or case.reshoot.status not in (CheckInStatus.SHOT, CheckInStatus.CONFIRMED):
        raise refuse(
            "errata.not_reshot", "还没有采用的重拍照片。", "No second shot is accepted yet.",
            "请先在采集场次重拍并采用一张照片。", "Shoot again in a session and accept a frame first.",
        )  # fmt: skip
    _end(case, on, note)
    audit.note(shooting_number=case.reshoot.shooting_number)


@action("errata.return_result", permission="errata.send", lifecycle=CASE)
def return_result(actor: Actor, case: ErrataCase, *, reason: str) -> None:
    """What came back is not right: to the corrector again, the receipt and its clock stand."""
    case.result_on, case.result_note = None, ""
    case.save(update_fields=["result_on", "result_note"])
    audit.note(reason=_told(reason, "reason"))


@action("errata.confirm_case", permission="errata.send", lifecycle=CASE)
def confirm_case(actor: Actor, case: ErrataCase) -> None:
    """The school has seen that it is right now, and the effect is there; a disputed verification goes on (B8)."""
    if case.status == CaseStatus.RESHOT and case.reshoot is not None and not _new_photo_is_here(case):
        raise refuse(
            "errata.photo_not_delivered", "重拍的照片还没有交付。", "The new photograph is not delivered yet.",
            "请采集中心制作并交付后再确认。", "Confirm once the collection centre has made and delivered it.",
        )  # fmt: skip
    require_effects(case)
    opened = reopen_verification(case) + reopen_confirmed(case, actor.user)
    case.confirmed_at = timezone.now()
    case.save(update_fields=["confirmed_at"])
    close_items(case)
    done = _settle_reports(case, f"{case} {case.result_note}".strip())
    audit.note(verification_reopened=opened, reports=done)


def _new_photo_is_here(case: ErrataCase) -> bool:
    assert case.reshoot is not None
    return case.reshoot.portraits.filter(package_items__package__delivered_at__isnull=False).exists()


@action("errata.file_case", permission="errata.send", lifecycle=CASE)
def file_case(actor: Actor, case: ErrataCase, *, place: str) -> None:
    """The school keeps a copy (留底备查, R159): where it lies."""
    case.filed_at, case.filed_place = timezone.now(), _told(place, "place")
    case.save(update_fields=["filed_at", "filed_place"])
    audit.note(place=case.filed_place)


@action("errata.refuse_case", permission="errata.correct", lifecycle=CASE)
def refuse_case(actor: Actor, case: ErrataCase, *, reason: str) -> None:
    """The corrector does not accept it; a report of the check ends with that answer."""
    _close(case, reason)
    _settle_reports(case, f"{case} 不受理：{case.closed_reason}")


@action("errata.withdraw_case", permission="errata.draft", lifecycle=CASE)
def withdraw_case(actor: Actor, case: ErrataCase, *, reason: str) -> None:
    """It was no error, or is dealt with elsewhere. A case on a form that is not sent leaves the form."""
    if case.form is not None and case.form.status == FormStatus.DRAFTED:
        case.form = None
        case.save(update_fields=["form"])
    _close(case, reason)
    for report in _open_reports(case):
        withdraw_report(Actor.system("errata"), report)


def _open_reports(case: ErrataCase) -> list[DeliveryReport]:
    return list(DeliveryReport.objects.filter(errata_link__case=case, status=ReportStatus.OPEN))


def _settle_reports(case: ErrataCase, note: str) -> int:
    """Close the reports of the check that this case dealt with (R156-R158); returns how many."""
    reports = _open_reports(case)
    for report in reports:
        settle_report(Actor.system("errata"), report, note=note)
    return len(reports)


@action("errata.attach_file", permission="errata.attach")
def attach_file(
    actor: Actor, case: ErrataCase, *, kind: AttachmentKind, data: bytes, media_type: str, note: str = ""
) -> Attachment:
    """Keep a proof, a print or an answer with the case; the same file twice is kept once."""
    blob = blobs.put(data, media_type)
    made, _ = Attachment.objects.get_or_create(
        case=case,
        blob=blob,
        defaults={"kind": kind, "note": note, "added_by": actor.user},
    )
    audit.note(attachment=made.pk, kind=str(kind), content=blob.evidence)
    return made


def _seal_missing() -> Refusal:
    return refuse(
        "errata.seal_missing", "这类错误须盖章后才能寄出，否则不予办理。",
        "This kind is not accepted without the seal.",
        "请生成勘误表，盖章后上传扫描件。", "Make the form, have it sealed and upload the scan.",
    )  # fmt: skip


def _require_result(case: ErrataCase, result: Result) -> None:
    if result not in case.facts.results:
        raise refuse(
            "errata.other_remedy", "这类错误不是这样解决的。", "This kind of error is not mended in this way.",
            "请按本页“下一步”的提示办理。", "Follow the next step that the page names.",
        )  # fmt: skip


def mends(actor: Actor, case: ErrataCase) -> bool:
    """Whether the actor speaks for the corrector of the case, and did not draft the correction themselves (R170)."""
    own = case.kind == ErrataKind.DATA_WRONG and is_same_person(actor, case.drafted_by_id)
    return not own and _speaks(actor, _MENDS[case.corrector])


def _require_mender(actor: Actor, case: ErrataCase, result: Result) -> None:
    _require_result(case, result)
    if not _speaks(actor, _MENDS[case.corrector]):
        who = Corrector(case.corrector).label
        raise refuse(
            "errata.not_the_corrector", f"本件由“{who}”更正。", f"This case is corrected by: {who}.",
            "请由该单位办理，或由教务处登记其答复。", "Let them do it, or the registrar enter their answer.",
        )  # fmt: skip


def _speaks(actor: Actor, permission: str) -> bool:
    return actor.kind is ActorKind.SYSTEM or holds(actor.user, permission)


def _end(case: ErrataCase, on: date, note: str) -> None:
    case.result_on, case.result_note = _not_ahead(on), note
    case.save(update_fields=["result_on", "result_note"])


def _close(case: ErrataCase, reason: str) -> None:
    case.closed_reason = _told(reason, "reason")
    case.save(update_fields=["closed_reason"])
    close_items(case)
    audit.note(reason=case.closed_reason)


def _not_ahead(day: date) -> date:
    if day > timezone.localdate():
        raise invalid(
            "errata.date_ahead", "日期不能晚于今天。", "The date is not after today.", "请核对日期。", "Check the date.",
            field="on",
        )  # fmt: skip
    return day


def _told(text: str, field: str) -> str:
    if not text.strip():
        raise invalid(
            "errata.text_missing", "请填写说明。", "Something must be entered here.",
            "用一句话写明。", "One sentence is enough.", field=field,
        )  # fmt: skip
    return text
