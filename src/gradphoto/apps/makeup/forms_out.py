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
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.makeup.booking import release_standing
from gradphoto.apps.makeup.lifecycle import CASE
from gradphoto.apps.makeup.models import FormCode, MakeUpCase
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
    def spaced(self) -> str:
        """The code in two groups of five, as people read it."""
        return f"{self.code[:5]} {self.code[5:]}"

    def qr(self, address: str) -> str:
        """The link's QR code as an SVG data URI. ``address`` is the page that takes the code."""
        return qr(f"{address}{self.code}/")


@action("makeup.issue_form", permission="makeup.ask", lifecycle=CASE)
def issue_form(actor: Actor, case: MakeUpCase) -> FormSlip:
    """A fresh one-time code; the former one and a personal QR given before open nothing any more.

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
    release_standing(case, "重新发码")
    case.key = secrets.token_hex(8)
    case.save(update_fields=["key"])
    code = "".join(secrets.choice(ALPHABET) for _ in range(_CODE_LENGTH))
    expires_at = timezone.now() + timedelta(days=value_of(case.candidate.campaign, SIGNING_DAYS))
    FormCode.objects.create(case=case, code=code, code_index=blind_index(code), expires_at=expires_at)
    audit.note(expires_at=expires_at.isoformat())
    return FormSlip(case, code, f"{timezone.localtime(expires_at):%Y-%m-%d}")


def issue_forms(actor: Actor, cases: Iterable[MakeUpCase]) -> list[FormSlip]:
    """A slip for each; each is an action of its own."""
    return [issue_form(actor, case) for case in cases]


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
    """They stand at the desk with QR code, student card and ID card (R144). Raises ``makeup.papers_missing``."""
    if not (student_card and id_card):
        raise invalid(
            "makeup.papers_missing",
            "须当面查验学生证和身份证。",
            "Student card and ID card must be seen.",
            "两证齐全后再登记到场；证件不全请改期。",
            "Mark it when both are there; otherwise rebook.",
        )
    case.attended_at = timezone.now()
    case.save(update_fields=["attended_at"])
