"""An ending is proven by its effect: each kind has what must be true, looked up by the system (C5, R98, R156-R158, R167)."""

import pytest
from django.utils import timezone

from errata.errata_world import CONTACT, TODAY, at_the_agency, deliver_photograph, draft, missing_case
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.errata import steps
from gradphoto.apps.errata.drafting import Wrong, draft_case
from gradphoto.apps.errata.effects import _OF_KIND, conditions
from gradphoto.apps.errata.kinds import Channel, ErrataKind
from gradphoto.apps.errata.models import AttachmentKind, CaseStatus, ErrataCase
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pairing.models import Repair, RepairState
from gradphoto.apps.schedule.models import CaptureSession
from verification.graduate_world import add_graduate

pytestmark = pytest.mark.django_db


def mended(world, case: ErrataCase) -> ErrataCase:
    """The corrector says that it is mended."""
    at_the_agency(world, case)
    steps.correct_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    return case


def end(world, case: ErrataCase) -> None:
    steps.confirm_case(world.actor(Role.REGISTRAR), case)


def refused(world, case: ErrataCase) -> str:
    with pytest.raises(Refusal, match=r"errata\.not_proven") as told:
        end(world, case)
    return told.value.message.zh


@pytest.mark.parametrize("kind", [ErrataKind.BLURRED, ErrataKind.OTHER_PERSON])
def test_a_wrong_image_is_done_once_the_delivered_photograph_comes_from_another_frame(world, kind):
    person = add_graduate(world, 1)
    case = mended(world, draft(world, person, kind))
    assert "另一张原片" in refused(world, case)
    deliver_photograph(world, person)
    end(world, case)
    assert case.status == CaseStatus.CONFIRMED


def test_r156_a_missing_photograph_is_done_once_a_file_was_made_and_delivered(world):
    case = missing_case(world)
    at_the_agency(world, case)
    steps.reissue_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    assert "交付学校" in refused(world, case)
    deliver_photograph(world, case.items.get().candidate)
    end(world, case)


def test_r156_where_only_the_print_is_missing_the_senders_answer_is_on_file(world):
    case = draft(world, add_graduate(world, 1), ErrataKind.MISSING)
    at_the_agency(world, case)
    steps.reissue_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    assert "答复" in refused(world, case)
    answer(world, case)
    end(world, case)


@pytest.mark.parametrize("by", ["package", "answer"])
def test_r156_a_damaged_print_is_done_once_a_new_one_came(world, by):
    person = add_graduate(world, 1)
    case = draft(world, person, ErrataKind.DAMAGED)
    at_the_agency(world, case)
    steps.reissue_case(world.actor(Role.COLLECTION_CENTRE), case, on=TODAY())
    assert "新打印的照片" in refused(world, case)
    if by == "answer":
        answer(world, case)
    else:
        deliver_photograph(world, person)
    end(world, case)
    assert case.status == CaseStatus.CONFIRMED


def test_every_kind_has_its_conditions():
    assert set(_OF_KIND) == set(ErrataKind)


def answer(world, case) -> None:
    steps.attach_file(
        world.actor(Role.COLLECTION_CENTRE),
        case,
        kind=AttachmentKind.REPLY,
        data=b"%PDF-1.7",
        media_type="application/pdf",
    )


@pytest.mark.parametrize("kind", [ErrataKind.SCHOOL_WRONG, ErrataKind.NO_IMAGE])
def test_r167_what_others_mend_is_done_once_their_answer_is_on_file(world, kind):
    case = draft(world, add_graduate(world, 1), kind)
    registrar = world.actor(Role.REGISTRAR)
    if kind is ErrataKind.NO_IMAGE:
        steps.send_case(registrar, case, on=TODAY(), channel=Channel.EMAIL, to="学信网")
        steps.receive_case(registrar, case, on=TODAY())
        steps.correct_case(registrar, case, on=TODAY())
    else:
        mended(world, case)
    assert "答复" in refused(world, case)
    answer(world, case)
    end(world, case)


def test_r98_shifted_data_are_done_once_the_pairing_is_repaired_and_everyone_has_another_photograph(world):
    people = [add_graduate(world, n) for n in (1, 2)]
    session = CaptureSession.objects.get()
    case = draft_case(
        world.actor(Role.REGISTRAR), world.campaign, kind=ErrataKind.DATA_SHIFTED, people=[Wrong(one) for one in people],
        contact=CONTACT, session=session,
    )  # fmt: skip
    mended(world, case)
    assert "对应已修复" in refused(world, case)
    before = Repair.objects.create(session=session, state=RepairState.APPLIED, reason="错位", before="x")
    Repair.objects.filter(pk=before.pk).update(at=case.drafted_at - timezone.timedelta(days=1))
    assert "对应已修复" in refused(world, case), "a repair before the case mends nothing of it"
    Repair.objects.filter(pk=before.pk).update(at=timezone.now())
    deliver_photograph(world, people[0])
    assert "还差 1 人" in refused(world, case)
    deliver_photograph(world, people[1])
    end(world, case)
    assert all(condition.met for condition in conditions(case))
