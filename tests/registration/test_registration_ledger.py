"""The registration ledger: who stands in it with a photograph, who without, and that nothing in it changes."""

import io
import shutil
import time
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from openpyxl import load_workbook

from fetched import fetched
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core import key_rotation
from gradphoto.apps.core.encryption import key_id_of
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.models import Export
from gradphoto.apps.registration.actions import (
    apply_review,
    approve_at_head_office,
    approve_nationally,
    register_without_photo,
)
from gradphoto.apps.registration.bulk import register_unverified
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.registration.triggers import GUARD
from gradphoto.apps.verification.models import CaseStatus
from gradphoto.engine.keyring import KeyFile, Keyring, Purpose
from verification.graduate_world import (
    add_graduate,
    at_once,
    audited,
    confirmed_case,
    jpeg,
    let_the_day_pass,
    open_case,
    run_jobs,
    set_verifying,
    several_connections,
    staff,
)
from world import add_candidate, build_world, put

pytestmark = pytest.mark.django_db


def registered(world, n: int, **more) -> LedgerEntry:
    review = apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, n, **more))
    approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    return approve_nationally(world.actor(Role.NATIONAL_REVIEWER), review)


def close(world) -> None:
    put(Campaign.objects.all(), status="closed")
    world.campaign.refresh_from_db()


def test_the_database_refuses_a_photograph_without_a_review_behind_it():
    world = build_world()
    case = open_case(world, 1)
    line = {
        "campaign": world.campaign, "number": 1, "candidate": case.candidate, "name": "甲", "id_number": "x",
        "facts": {}, "at": timezone.now(),
    }  # fmt: skip
    for wrong in (
        {"kind": "with_photo", "portrait": case.portrait},
        {"kind": "with_photo"},
        {"kind": "without_photo", "portrait": case.portrait},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            LedgerEntry.objects.create(**line, **wrong)


def test_a_line_is_sealed_anew_under_another_key_and_stays_what_it_was(settings, tmp_path):
    shutil.copy(settings.KEYRING.source.path, tmp_path / "keys.json")
    settings.KEYRING = Keyring(KeyFile(tmp_path / "keys.json", create=False))
    entry = registered(build_world(), 1)
    number = entry.id_number.decrypt()
    new = key_rotation.begin(Purpose.FIELD)
    key_rotation.seal_anew()
    entry.refresh_from_db()
    assert (key_id_of(entry.id_number.sealed()), entry.id_number.decrypt()) == (new.key_id, number)


def test_a_line_of_the_ledger_is_never_changed_nor_struck_out():
    world = build_world()
    entry = registered(world, 1)
    entry.name = "别名"
    for attempt in (
        entry.save,
        entry.delete,
        lambda: LedgerEntry.objects.update(name="别名"),
        lambda: LedgerEntry.objects.all().delete(),
    ):
        with pytest.raises(TypeError):
            attempt()
    # Not by the application, and not by whoever has the database open.
    for statement in ("UPDATE registration_ledgerentry SET name = '别名'", "DELETE FROM registration_ledgerentry"):
        with (
            pytest.raises(IntegrityError, match="registration"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert LedgerEntry.objects.get().name != "别名"
    assert GUARD.missing(connection) == set()


def test_r171_the_unverified_are_registered_without_a_photograph_at_closing():
    world = build_world()
    entry = registered(world, 1)
    waiting = confirmed_case(world, 2)
    late, disputed = open_case(world, 3), open_case(world, 4)
    put(type(disputed).objects.filter(pk=disputed.pk), status=CaseStatus.DISPUTED)
    never_shot = add_candidate(world, 5)
    close(world)
    let_the_day_pass(world)
    assert register_unverified(world.actor(Role.REGISTRAR), world.campaign) == 3
    lines = {line.candidate_id: line for line in LedgerEntry.objects.all()}
    assert set(lines) == {entry.candidate_id, late.candidate_id, disputed.candidate_id, never_shot.pk}
    assert waiting.candidate_id not in lines
    without = {line.kind for pk, line in lines.items() if pk != entry.candidate_id}
    assert without == {"without_photo"}
    assert all(line.portrait is None for pk, line in lines.items() if pk != entry.candidate_id)
    late.refresh_from_db()
    assert late.status == CaseStatus.EXPIRED
    assert sorted(line.number for line in lines.values()) == [1, 2, 3, 4]
    assert register_unverified(world.actor(Role.REGISTRAR), world.campaign) == 0


def test_r12_one_season_closes_while_the_other_goes_on():
    world = build_world()
    spring, autumn = open_case(world, 1, season=Season.SPRING), open_case(world, 2, season=Season.AUTUMN)
    never_shot = add_candidate(world, 3)
    let_the_day_pass(world)
    assert register_unverified(world.actor(Role.REGISTRAR), world.campaign, season=Season.SPRING) == 1
    assert LedgerEntry.objects.get().candidate == spring.candidate
    autumn.refresh_from_db()
    assert autumn.status == CaseStatus.OPEN
    assert not LedgerEntry.objects.filter(candidate=never_shot).exists()


def test_closing_is_the_registrars_and_not_before_verification():
    world = build_world()
    add_graduate(world, 1)
    with pytest.raises(Refusal, match=r"registration\.too_early"):
        register_unverified(world.actor(Role.REGISTRAR), world.campaign)
    set_verifying(world)
    for actor in (world.actor(Role.COLLEGE_OFFICER), world.stranger(Role.REGISTRAR)):
        with pytest.raises(PermissionRefusal):
            register_unverified(actor, world.campaign)


def test_whoever_confirmed_is_never_registered_without_his_photograph():
    world = build_world()
    case = confirmed_case(world, 1)
    close(world)
    with pytest.raises(Refusal, match=r"registration\.was_confirmed"):
        register_without_photo(world.actor(Role.NATIONAL_REVIEWER), case.candidate)


def test_whoever_may_still_verify_is_not_registered_yet():
    world = build_world()
    case = open_case(world, 1)
    with pytest.raises(Refusal, match=r"verification\.before_closing_day"):
        register_without_photo(world.actor(Role.REGISTRAR), case.candidate)


def test_nobody_is_registered_twice():
    world = build_world()
    person = add_candidate(world, 1)
    close(world)
    register_without_photo(world.actor(Role.REGISTRAR), person)
    with pytest.raises(Refusal, match=r"registration\.already_registered"):
        register_without_photo(world.actor(Role.REGISTRAR), person)


@pytest.mark.django_db(transaction=True)
def test_numbers_run_without_gap_when_many_are_approved_at_once(tmp_path):
    world = build_world()
    reviews = [apply_review(world.actor(Role.COLLEGE_OFFICER), confirmed_case(world, n)) for n in range(1, 6)]
    for review in reviews:
        approve_at_head_office(world.actor(Role.HEAD_OFFICE), review)
    reviewer = world.actor(Role.NATIONAL_REVIEWER)
    with several_connections(tmp_path):
        outcomes = at_once(*(partial(approve_nationally, reviewer, review) for review in reviews))
        assert sorted(entry.number for entry in outcomes) == [1, 2, 3, 4, 5]


def test_the_ledger_page_tells_with_and_without_apart_and_masks_numbers():
    world = build_world()
    entry = registered(world, 1)
    late = open_case(world, 2, season=Season.AUTUMN)
    let_the_day_pass(world)
    register_unverified(world.actor(Role.REGISTRAR), world.campaign)
    browser = staff(world, Role.REGISTRAR)
    page = browser.get("/registration/ledger/").content.decode()
    assert entry.candidate.id_number.decrypt() not in page
    assert f"/registration/ledger/{entry.pk}/photo/" in page
    only = browser.get("/registration/ledger/?kind=without_photo").content.decode()
    assert late.candidate.student_no in only
    assert entry.candidate.student_no not in only
    assert late.candidate.student_no in browser.get("/registration/ledger/?season=autumn").content.decode()
    assert browser.get(f"/registration/ledger/{entry.pk}/photo/").content == jpeg(1)
    without = LedgerEntry.objects.get(kind="without_photo")
    assert browser.get(f"/registration/ledger/{without.pk}/photo/").status_code == 404
    stranger = staff(world, Role.REGISTRAR, stranger=True)
    assert entry.candidate.student_no not in stranger.get("/registration/ledger/").content.decode()
    assert stranger.get(f"/registration/ledger/{entry.pk}/photo/").status_code == 404


def test_the_export_is_a_workbook_with_photographs_text_numbers_and_an_audit_entry():
    world = build_world()
    entry = registered(world, 1)
    open_case(world, 2, season=Season.AUTUMN)
    let_the_day_pass(world)
    register_unverified(world.actor(Role.REGISTRAR), world.campaign)
    browser = staff(world, Role.HEAD_OFFICE)
    browser.post("/registration/ledger/", {"campaign": world.campaign.pk})
    assert run_jobs() == 1
    export = Export.objects.get()
    sheet = load_workbook(io.BytesIO(fetched(export, browser))).active
    head = [str(cell.value).split()[0] for cell in sheet[2]]
    rows = [dict(zip(head, (cell for cell in row), strict=True)) for row in sheet.iter_rows(min_row=3)]
    with_photo, without = rows
    assert with_photo["身份证号码"].value == entry.candidate.id_number.decrypt()
    assert with_photo["身份证号码"].data_type == "s"
    assert (with_photo["照片文件名"].value, with_photo["拍摄序号"].value) == ("00001.jpg", "00001")
    assert (with_photo["毕业季"].value, without["毕业季"].value) == ("春季", "秋季")
    assert (with_photo["登记类别"].value, without["登记类别"].value) == ("有图像", "无图像")
    assert without["照片文件名"].value in (None, "")
    assert [image.anchor._from.row for image in sheet._images] == [2]
    assert len(audited("registration.export_ledger")) == 1
    assert len(audited("pages.fetch_export")) == 1


def test_the_ledgers_file_is_taken_home_with_a_recent_proof_only():
    world = build_world()
    registered(world, 1)
    browser = staff(world, Role.HEAD_OFFICE)
    browser.post("/registration/ledger/", {"campaign": world.campaign.pk})
    assert run_jobs() == 1
    export, begun = Export.objects.get(), time.time()
    with time_machine.travel(begun + 40 * 60, tick=True):
        asked = browser.get(f"/exports/{export.pk}/file/")
        assert asked.url.startswith("/accounts/reauthenticate/?next=")
    assert not audited("pages.fetch_export")
    assert fetched(export, browser).startswith(b"PK")


def test_a_re_issued_export_job_changes_nothing_that_is_done():
    world = build_world()
    registered(world, 1)
    staff(world, Role.REGISTRAR).post("/registration/ledger/", {"campaign": world.campaign.pk})
    run_jobs()
    export = Export.objects.get()
    first = export.blob_id
    export.job.refresh_from_db()
    type(export.job).objects.update(state="queued", attempts=0)
    run_jobs()
    export.refresh_from_db()
    assert export.blob_id == first
    assert len(audited("pages.export_written")) == 1
    assert fetched(export).startswith(b"PK")


@pytest.mark.parametrize("role", [Role.COLLEGE_OFFICER, Role.LEARNING_CENTRE])
def test_colleges_see_the_ledger_but_do_not_export_it(role):
    world = build_world()
    browser = staff(world, role)
    assert browser.get("/registration/ledger/").status_code == 200
    assert browser.post("/registration/ledger/", {"campaign": world.campaign.pk}).status_code == 403


def test_the_registrar_closes_on_the_page_in_the_background_and_says_that_he_is_sure():
    world = build_world()
    open_case(world, 1)
    let_the_day_pass(world)
    browser = staff(world, Role.REGISTRAR)
    asked = {"reason": "截止日已到", "sure": "yes"}
    closing = f"/registration/ledger/close/?campaign={world.campaign.pk}"
    assert "人还没有确认，将登记为无图像" in browser.get(closing).content.decode()
    for lacking in ("sure", "reason"):
        partly = {name: value for name, value in asked.items() if name != lacking}
        assert browser.post(closing, partly).status_code == 422
    browser.post(closing, asked)
    run_jobs()
    assert LedgerEntry.objects.get().kind == "without_photo"


def test_a_name_that_looks_like_a_formula_stays_a_name():
    world = build_world()
    person = add_candidate(world, 1, name="=1+1")
    close(world)
    register_without_photo(world.actor(Role.REGISTRAR), person)
    staff(world, Role.REGISTRAR).post("/registration/ledger/", {"campaign": world.campaign.pk})
    run_jobs()
    sheet = load_workbook(io.BytesIO(fetched(Export.objects.get()))).active
    assert (sheet["F3"].value, sheet["F3"].data_type) == ("=1+1", "s")
