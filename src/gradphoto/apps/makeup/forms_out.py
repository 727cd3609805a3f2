"""The form's QR code: handed out by the school, filled in on the student's phone, answered by the personal QR (R68, R144)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import SIGNING_DAYS
from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.blind_indexes import store_drawn
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal, invalid, refuse
from gradphoto.apps.makeup.lifecycle import CASE
from gradphoto.apps.makeup.models import CaseStatus, FormCode, MakeUpCase
from gradphoto.apps.makeup.permissions import by_its_student
from gradphoto.apps.makeup.sign_in import SESSIONS
from gradphoto.apps.makeup.tokens import qr
from gradphoto.apps.roster.signing_codes import ALPHABET

_CODE_LENGTH = 10


@dataclass(frozen=True, slots=True)
class FormSlip:
    """What the school hands to one student: a code and its QR, no ID number."""

    case: MakeUpCase
    code: str
    expires_on: str

    @property
    def is_filled(self) -> bool:
        """The form was filled before: the code opens the person's QR and appointment, nothing is asked again."""
        return self.case.consent_at is not None

    @property
    def spaced(self) -> str:
        """The code in two groups of five, as people read it."""
        return f"{self.code[:5]} {self.code[5:]}"

    def qr(self, address: str) -> str:
        """The link's QR code as an SVG data URI. ``address`` is the page that takes the code."""
        return qr(f"{address}{self.code}/")


@dataclass(frozen=True, slots=True)
class SlipSheet:
    """The slips that were made, and who is left out for which reason."""

    slips: tuple[FormSlip, ...]
    left_out: tuple[tuple[MakeUpCase, Refusal], ...] = ()


@action("makeup.issue_form", permission="makeup.ask", lifecycle=CASE)
def issue_form(actor: Actor, case: MakeUpCase) -> FormSlip:
    """A fresh one-time code, at any state until the person is photographed (R144); form and appointment stay.

    The former code and a personal QR given before open nothing any more.

    Raises ``makeup.no_recipient``: without the school's address the photograph could not be delivered (R141, R147).
    """
    if case.recipient_id is None:
        raise refuse(
            "makeup.no_recipient",
            "还没有登记接收补拍照片的学校收件人。",
            "The school's recipient for make-up photographs is not recorded.",
            "请先在“收件人”中填写地址、姓名和电话。",
            "Fill in address, name and telephone under Recipients first.",
        )
    case.codes.filter(ended_at=None).update(ended_at=timezone.now())
    SESSIONS.forget_old()
    case.key = secrets.token_hex(8)
    case.save(update_fields=["key"])
    expires_at = timezone.now() + timedelta(days=value_of(case.candidate.campaign, SIGNING_DAYS))

    def store(code: str) -> str:
        FormCode.objects.create(case=case, code=code, code_index=blind_index(code), expires_at=expires_at)
        return code

    code = store_drawn(FormCode, _drawn, store)
    audit.note(expires_at=expires_at.isoformat())
    return FormSlip(case, code, f"{timezone.localtime(expires_at):%Y-%m-%d}")


def _drawn() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(_CODE_LENGTH))


def issue_forms(actor: Actor, cases: Iterable[MakeUpCase]) -> SlipSheet:
    """A slip for each, each an action of its own; who cannot have one is told with the reason, the others are printed.

    Raises the one refusal, or ``makeup.no_slips`` with all of them, where nobody is left.
    """
    slips, left_out = [], []
    for case in cases:
        try:
            _require_usable(case)
            slips.append(issue_form(actor, case))
        except Refusal as error:
            left_out.append((case, error))
    if slips:
        return SlipSheet(tuple(slips), tuple(left_out))
    if len(left_out) == 1:
        raise left_out[0][1]
    told = [(case.candidate.name, why.message) for case, why in left_out]
    raise refuse(
        "makeup.no_slips",
        "没有可以发码的人：" + "；".join(f"{name}：{why.zh}" for name, why in told),
        "Nobody can be given a code: " + "; ".join(f"{name}: {why.en}" for name, why in told),
        "请按各人的原因办理后再发码。",
        "Settle each reason, then print again.",
    )


def _require_usable(case: MakeUpCase) -> None:
    """Why a code would open nothing: told in the desk's words, where the lifecycle only knows that it is no step."""
    if case.status == CaseStatus.APPLIED:
        raise refuse(
            "makeup.case_not_approved",
            "补拍申请尚未获学校批准。",
            "The school has not approved this make-up yet.",
            "请学校先批准，再发码。",
            "Have the school approve it first.",
        )
    if case.status in (CaseStatus.CAPTURED, CaseStatus.DELIVERED):
        raise refuse(
            "makeup.photographed",
            "此人已经拍摄，不再需要二维码。",
            "This person is photographed already and needs no code.",
            "如确需重拍，请在“照片复核”中提出，之后可再发码。",
            "Ask for a retake in the photo review; a code can be given then.",
        )
    if case.is_over:
        raise refuse(
            "makeup.case_over",
            "这件补拍已经结束。",
            "This make-up has ended.",
            "仍需补拍的，请重新申请。",
            "If it is still needed, ask for it anew.",
        )


@action("makeup.spend_code", permission=by_its_student)
def spend_code(actor: Actor, case: MakeUpCase) -> None:
    """A code given anew after the form was filled is used up by signing in: the page now shows the personal QR."""
    case.codes.filter(ended_at=None).update(ended_at=timezone.now())


@action("makeup.fill_form", permission=by_its_student, lifecycle=CASE)
def fill_form(actor: Actor, case: MakeUpCase, *, consent: bool, phone: str, right_recipient: bool) -> None:
    """The student agrees to the use of their data, leaves a telephone number, and confirms the school's recipient.

    Spends the code. Raises ``makeup.consent_missing``, ``makeup.phone`` or ``makeup.recipient_not_confirmed``.
    """
    if not consent:
        raise invalid(
            "makeup.consent_missing",
            "未勾选同意，不能继续。",
            "Without your consent the form cannot be sent.",
            "请阅读说明后勾选；不同意可联系学院。",
            "Read the note and tick it; if you do not agree, talk to your college.",
            field="consent",
        )
    digits = [character for character in phone if character.isdigit()]
    if not 7 <= len(digits) <= 15 or len(phone) > 30:
        raise invalid(
            "makeup.phone",
            "联系电话不正确。",
            "The telephone number is not right.",
            "请填写可以接通的手机号码。",
            "Give a number on which you can be reached.",
            field="phone",
        )
    if not right_recipient:
        raise invalid(
            "makeup.recipient_not_confirmed",
            "请确认照片寄送的学校收件人。",
            "Confirm the school's recipient.",
            "如收件人有误，请联系学院更正后再提交。",
            "If it is wrong, have your college correct it first.",
            field="right_recipient",
        )
    case.phone, case.consent_at = phone.strip(), timezone.now()
    case.save(update_fields=["phone", "consent_at"])
    case.codes.filter(ended_at=None).update(ended_at=timezone.now())
    audit.note(consent=True)


@action("makeup.attend", permission="makeup.serve", lifecycle=CASE)
def attend(actor: Actor, case: MakeUpCase, *, student_card: bool, id_card: bool) -> None:
    """They stand at the desk with QR code, student card and ID card, on the day of their appointment (R144).

    Raises ``makeup.papers_missing``; ``makeup.other_day`` before and after that day.
    """
    if not (student_card and id_card):
        raise invalid(
            "makeup.papers_missing",
            "须当面查验学生证和身份证。",
            "Student card and ID card must be seen.",
            "两证齐全后再登记到场；证件不全请改期。",
            "Mark it when both are there; otherwise rebook.",
        )
    standing, now = case.booking, timezone.now()
    today = timezone.localdate(now)
    if standing is None or timezone.localtime(standing.at).date() != today:
        when = f"{timezone.localtime(standing.at):%Y-%m-%d %H:%M}" if standing else "—"
        raise refuse(
            "makeup.other_day",
            f"预约的是 {when}，今天是 {today:%Y-%m-%d}，不能登记到场。",
            f"The appointment is on {when}; today is {today:%Y-%m-%d}.",
            "请先改期到今天，再登记到场；当天未到场的登记为未到场。",
            "Rebook it to today and mark it then; who did not come is marked as a no-show.",
        )
    case.attended_at = now
    case.save(update_fields=["attended_at"])
