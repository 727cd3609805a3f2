"""The forms of a session's pairing, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.campaigns.models import Rule
from gradphoto.apps.capture.models import Alarm
from gradphoto.apps.capture.room.sessions import FACES
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing import actions, forms
from gradphoto.apps.pairing.board import board_of, fault_key
from gradphoto.apps.pairing.models import FaceConsent, FaceHint, Repair
from gradphoto.apps.schedule.models import CaptureSession
from pages.form_cases import Stage, form_case
from repair_world import photographed, shift
from review_world import open_session
from verification.graduate_world import staff
from world import World

LONG = "很长的说明" * 50
TOO_LONG = {"reason": (LONG, "pages.too_long")}


def _wrong_session(world: World) -> CaptureSession:
    """Eight people; from the third on, each holds the next one's frame."""
    session = open_session(world)
    shift(*photographed(world, session, 8), 2, 6)
    return session


def _stage(world: World, session: CaptureSession, good: dict, wrong: dict, **more) -> Stage:
    return Stage(reverse("pairing:board", args=[session.pk]), staff(world, Role.REGISTRAR), good, wrong, **more)


def _apply(world: World, session: CaptureSession) -> Repair:
    board = board_of(session)
    ticked = {fault_key(fault) for fault in board.mendable}
    actor = world.actor(Role.REGISTRAR)
    return actions.apply_repair(actor, session, fingerprint=board.fingerprint, faults=ticked, reason="错位")


@form_case(forms.ApplyRepair)
def apply_repair(world: World) -> Stage:
    session = _wrong_session(world)
    board = board_of(session)
    good = {
        "fingerprint": board.fingerprint, "faults": [fault_key(one) for one in board.mendable], "reason": "错位",
    }  # fmt: skip
    return _stage(world, session, good, {**TOO_LONG, "faults": ([], "capture.repair_nothing")})


@form_case(forms.KeepPairing)
def keep_pairing(world: World) -> Stage:
    return apply_repair(world)


@form_case(forms.RebindFrame)
def rebind_frame(world: World) -> Stage:
    session = _wrong_session(world)
    frame = session.frames.order_by("pk")[0]
    good = {
        "fingerprint": board_of(session).fingerprint, "frame": frame.pk, "number": "3", "exchange": "on", "reason": "看照片",
    }  # fmt: skip
    wrong = {**TOO_LONG, "number": ("77", "capture.repair_number_unknown")}
    return _stage(world, session, good, wrong, foreign={"frame": 10**6})


@form_case(forms.EnterClock)
def enter_clock(world: World) -> Stage:
    wrong = {"offset_s": ("一分钟", "capture.clock_offset"), "camera": ("1/SN9", "pages.not_offered")}
    return _stage(world, _wrong_session(world), {"camera": "1/SN1", "offset_s": "-3,5"}, wrong)


def _waiting(world: World) -> tuple[CaptureSession, Repair]:
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.REPAIR_FOUR_EYES.name, value=True, source="测试",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    session = _wrong_session(world)
    return session, _apply(world, session)


@form_case(forms.AgreeRepair)
def agree_repair(world: World) -> Stage:
    session, repair = _waiting(world)
    return _stage(world, session, {"repair": repair.pk}, {}, foreign={"repair": 10**6})


@form_case(forms.WithdrawRepair)
def withdraw_repair(world: World) -> Stage:
    session, repair = _waiting(world)
    return _stage(world, session, {"repair": repair.pk, "reason": "看错了"}, TOO_LONG, foreign={"repair": 10**6})


@form_case(forms.UndoRepair)
def undo_repair(world: World) -> Stage:
    session = _wrong_session(world)
    repair = _apply(world, session)
    return _stage(world, session, {"repair": repair.pk, "reason": "看错了"}, TOO_LONG, foreign={"repair": 10**6})


def _compared(world: World) -> tuple[CaptureSession, FaceHint]:
    """A session whose rule set compares faces, with one hint that asks."""
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key=keys.COMPARE_FACES.name, value=True, source="同意书",
        effective_from=date(2020, 1, 1),
    )  # fmt: skip
    session = open_session(world)
    people, frames = photographed(world, session, 3)
    FaceConsent.objects.create(candidate=people[0].candidate, paper="册 3")
    alarm = Alarm.objects.create(
        session=session, kind=FACES, frame=frames[0], sentence={"zh": "像一人", "en": "alike"},
        remedy={"zh": "请看", "en": "look"},
    )  # fmt: skip
    hint = FaceHint.objects.create(
        session=session, kind="two_names", frame=frames[0], other=frames[1], score=0.7, calibration="c", source="同意书",
        alarm=alarm,
    )  # fmt: skip
    return session, hint


def _by_crew(world: World, session: CaptureSession, good: dict, wrong: dict, **more) -> Stage:
    return Stage(reverse("pairing:board", args=[session.pk]), staff(world, Role.PHOTOGRAPHER), good, wrong, **more)


@form_case(forms.SettleFaces)
def settle_faces(world: World) -> Stage:
    session, hint = _compared(world)
    good = {"alarm": hint.alarm_id, "note": "双胞胎"}
    return _by_crew(world, session, good, {"note": (LONG, "pages.too_long")}, foreign={"alarm": 10**6})


@form_case(forms.NoteConsents)
def note_consents(world: World) -> Stage:
    session, _ = _compared(world)
    wrong = {"paper": (LONG, "pages.too_long"), "not_signed": ("000", "pairing.consent_unknown")}
    return _by_crew(world, session, {"paper": "册 4", "not_signed": ""}, wrong)


@form_case(forms.WithdrawConsent)
def withdraw_consent(world: World) -> Stage:
    session, _ = _compared(world)
    people = session.check_ins.order_by("pk").values_list("candidate__student_no", flat=True)
    wrong = {"student_no": ("000", "pairing.consent_unknown")}
    return _by_crew(world, session, {"student_no": people[0]}, wrong)
