"""The case follows the check-in by whatever way it is moved: the room, a repair of the pairing, its undo (R98, R104)."""

import pytest

from gradphoto.apps.capture.models import CheckIn, RetakeRequest
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing import actions as pairing
from gradphoto.apps.pairing.board import board_of
from gradphoto.apps.schedule.models import CaptureSession
from makeup.makeup_world import make_up_world, today
from repair_world import photographed

pytestmark = pytest.mark.django_db


@pytest.fixture
def captured():
    """A session with three people photographed; the second of them came with a make-up case."""
    world = make_up_world()
    session = CaptureSession.objects.create(campaign=world.campaign, date=today(), place="补拍", status="open")
    check_ins, frames = photographed(world, session, 3)
    case = MakeUpCase.objects.create(
        candidate=check_ins[1].candidate, reason_kind="missed", applied_by="x", status="captured", check_in=check_ins[1]
    )
    return world.actor(Role.REGISTRAR), session, case, check_ins, frames


def _give_to_nobody(actor, session, frame):
    return pairing.rebind_frame(
        actor, session, fingerprint=board_of(session).fingerprint, frame=frame, check_in=None, reason="照片是别人的"
    )


def test_r98_a_repair_that_takes_the_photograph_away_calls_the_person_back(captured):
    actor, session, case, check_ins, frames = captured
    _give_to_nobody(actor, session, frames[1])
    assert CheckIn.objects.get(pk=check_ins[1].pk).status == "retake"
    case.refresh_from_db()
    assert (case.status, case.check_in) == ("attended", None), "captured no more: the person is needed again"
    assert RetakeRequest.objects.get(check_in=check_ins[1]).reason.startswith("照片属于他人")
    assert AuditEntry.objects.filter(action="makeup.reopen_captured").count() == 1, "and it is on record"


def test_an_undone_repair_makes_the_case_captured_again(captured):
    actor, session, case, check_ins, frames = captured
    repair = _give_to_nobody(actor, session, frames[1])
    pairing.undo_repair(actor, session, repair=repair, reason="看错了")
    case.refresh_from_db()
    assert (case.status, case.check_in) == ("captured", check_ins[1])


def test_a_repair_that_does_not_concern_the_person_leaves_the_case(captured):
    actor, session, case, check_ins, frames = captured
    _give_to_nobody(actor, session, frames[2])
    case.refresh_from_db()
    assert (case.status, case.check_in) == ("captured", check_ins[1])
