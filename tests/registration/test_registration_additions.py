"""Registered without a photograph (R171, R214): told apart, and a photograph added only by four eyes and a new line."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fetched import fetched
from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import InvalidInput, PermissionRefusal, Refusal
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.orgs.models import Membership, Role
from gradphoto.apps.pages.models import Export
from gradphoto.apps.registration.actions import register_without_photo
from gradphoto.apps.registration.adding import approve_photo, propose_photo, reject_photo
from gradphoto.apps.registration.correcting import approve_correction, propose_correction
from gradphoto.apps.registration.models import AdditionStatus, EntryKind, LedgerEntry, PhotoAddition
from gradphoto.apps.verification.actions import expire_case
from verification.graduate_world import jpeg, let_the_day_pass, open_case, run_jobs, staff
from world import put

pytestmark = pytest.mark.django_db
CONSENT = "本人当面核对并签字，确认书存教务处"


def late(world, n=1, **more) -> LedgerEntry:
    """Somebody whose photograph was delivered, who did not confirm it in time and is registered without it."""
    case = open_case(world, n, **more)
    let_the_day_pass(world)
    expire_case(world.actor(Role.REGISTRAR), case)
    return register_without_photo(world.actor(Role.REGISTRAR), case.candidate)


def proposal(world, entry) -> PhotoAddition:
    return propose_photo(world.actor(Role.REGISTRAR), entry, reason=CONSENT)


def test_a_photograph_is_added_as_a_line_of_its_own_and_the_earlier_line_stays(world):
    entry = late(world)
    columns = [one.attname for one in LedgerEntry._meta.concrete_fields if one.name != "id_number"]
    before = LedgerEntry.objects.filter(pk=entry.pk).values(*columns).get()
    addition = proposal(world, entry)
    made = approve_photo(world.actor(Role.NATIONAL_REVIEWER), addition)
    assert LedgerEntry.objects.filter(pk=entry.pk).values(*columns).get() == before
    assert (made.kind, made.number, made.review) == (EntryKind.PHOTO_ADDED, entry.number + 1, None)
    assert blobs.read(made.portrait.blob) == jpeg(1)
    assert made.facts["adds_photo"] == {"number": entry.number, "reason": CONSENT}
    assert made.facts["shooting_number"] == 1
    addition.refresh_from_db()
    assert (addition.status, addition.result) == (AdditionStatus.APPROVED, made)


def test_four_eyes_who_proposed_does_not_approve(world):
    addition = proposal(world, late(world))
    both = world.people[Role.REGISTRAR]
    Membership.objects.create(user=both, organisation=world.national, role=Role.NATIONAL_REVIEWER)
    with pytest.raises(Refusal) as refused:
        approve_photo(world.actor(Role.REGISTRAR), addition)
    assert refused.value.code == "registration.same_person"


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.HEAD_OFFICE, Role.COLLEGE_OFFICER])
def test_only_the_national_centre_decides(world, role):
    addition = proposal(world, late(world))
    with pytest.raises(PermissionRefusal):
        approve_photo(world.actor(role), addition)


def test_a_proposal_needs_its_proof_a_delivered_photograph_and_is_made_once(world):
    entry, registrar = late(world), world.actor(Role.REGISTRAR)
    with pytest.raises(InvalidInput):
        propose_photo(registrar, entry, reason="  ")
    put(Package.objects.all(), status="ready")
    with pytest.raises(Refusal) as refused:
        propose_photo(registrar, entry, reason=CONSENT)
    assert refused.value.code == "registration.no_photo_delivered"
    put(Package.objects.all(), status="delivered")
    addition = proposal(world, entry)
    with pytest.raises(Refusal) as refused:
        proposal(world, entry)
    assert refused.value.code == "registration.photo_waits"
    reject_photo(world.actor(Role.NATIONAL_REVIEWER), addition, reason="缺确认书")
    again = proposal(world, entry)
    approve_photo(world.actor(Role.NATIONAL_REVIEWER), again)
    with pytest.raises(Refusal) as refused:
        proposal(world, entry)
    assert refused.value.code == "registration.has_photo"


def test_what_was_proposed_is_not_approved_once_it_is_no_longer_the_delivered_photograph(world):
    addition = proposal(world, late(world))
    put(Package.objects.all(), status="ready")
    with pytest.raises(Refusal) as refused:
        approve_photo(world.actor(Role.NATIONAL_REVIEWER), addition)
    assert refused.value.code == "registration.photo_outdated"
    assert not LedgerEntry.objects.filter(kind=EntryKind.PHOTO_ADDED).exists()


def test_a_later_correction_keeps_the_added_photograph(world):
    entry = late(world)
    made = approve_photo(world.actor(Role.NATIONAL_REVIEWER), proposal(world, entry))
    asked = propose_correction(world.actor(Role.REGISTRAR), made, field="major", entered="软件工程", reason="转专业")
    corrected = approve_correction(world.actor(Role.HEAD_OFFICE), asked)
    assert (corrected.portrait, corrected.facts["shooting_number"]) == (made.portrait, 1)


def test_the_list_holds_whoever_has_none_now_with_days_and_filters(world):
    first, second = late(world, 1), late(world, 2, season=Season.AUTUMN)
    office = staff(world, Role.REGISTRAR)
    page = office.get("/registration/ledger/without-photo/").content.decode()
    assert first.facts["student_no"] in page
    assert "有照片，可补登" in page
    only = office.get("/registration/ledger/without-photo/?season=autumn").content.decode()
    assert first.facts["student_no"] not in only
    approve_photo(world.actor(Role.NATIONAL_REVIEWER), proposal(world, first))
    put(Package.objects.filter(season="autumn"), status="ready")
    page = office.get("/registration/ledger/without-photo/?photo=none").content.decode()
    assert first.facts["student_no"] not in page
    assert second.facts["student_no"] in page
    assert first.facts["student_no"] not in office.get("/registration/ledger/without-photo/").content.decode()
    stranger = staff(world, Role.REGISTRAR, stranger=True).get("/registration/ledger/without-photo/").content.decode()
    assert second.facts["student_no"] not in stranger


def test_the_walk_from_the_list_to_the_new_line(world):
    entry, office, centre = late(world), staff(world, Role.REGISTRAR), staff(world, Role.NATIONAL_REVIEWER)
    where = f"/registration/ledger/{entry.pk}/"
    assert "提出补登图像" in office.get(where).content.decode()
    assert "提出补登图像" not in centre.get(where).content.decode()
    office.post(where, {"form": "propose_photo", "reason": CONSENT})
    addition = PhotoAddition.objects.get()
    assert "张图像待补登审核" in centre.get("/").content.decode()
    page = centre.get("/registration/ledger/additions/").content.decode()
    assert CONSENT in page
    assert centre.get(f"/registration/ledger/additions/{addition.pk}/photo/").content == jpeg(1)
    approve = {"form": "approve_photo", "row": addition.pk}
    assert office.post("/registration/ledger/additions/", approve).status_code == 403
    centre.post("/registration/ledger/additions/", approve)
    page = office.get(where).content.decode()
    assert "补登图像" in page
    assert f"为第 {entry.number} 条补登图像" in page
    assert "提出补登图像" not in page


def test_the_list_is_exported_with_its_days_and_without_whoever_has_one_now(world):
    first, second = late(world, 1), late(world, 2)
    approve_photo(world.actor(Role.NATIONAL_REVIEWER), proposal(world, first))
    office = staff(world, Role.REGISTRAR)
    office.post("/registration/ledger/", {"campaign": world.campaign.pk, "kind": "lacking"})
    run_jobs()
    made = Export.objects.get()
    sheet = openpyxl.load_workbook(io.BytesIO(fetched(made))).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[6] for row in rows] == [second.facts["student_no"]]
    assert rows[0][-2:] == ("0", "无图像")


def test_the_list_costs_no_query_a_person(world):
    office, counts = staff(world, Role.REGISTRAR), []
    for people in ((1,), (2, 3, 4)):
        for n in people:
            late(world, n)
        with CaptureQueriesContext(connection) as asked:
            office.get("/registration/ledger/without-photo/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
