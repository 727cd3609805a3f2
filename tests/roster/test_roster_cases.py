"""Errors noted, proven and decided (R31-R36)."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.core.models import AuditEntry, Blob
from gradphoto.apps.orgs.models import Membership, Role, User
from gradphoto.apps.roster import cases, steps
from gradphoto.apps.roster.models import (
    CandidateStatus,
    CaseSource,
    CorrectionCase,
    CorrectionStatus,
    ProofKind,
    Route,
    Signature,
)
from world import add_candidate, made_up_id_number

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
S = CandidateStatus


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


PDF, PNG = b"%PDF-1.7 made up", _png()


@pytest.fixture
def college(world):
    return world.actor(Role.COLLEGE_OFFICER)


@pytest.fixture
def registry(world):
    return world.actor(Role.REGISTRAR)


def proofs(actor, case, *kinds):
    for n, kind in enumerate(kinds):
        cases.attach_proof(actor, case, kind=kind, data=PDF + bytes([n]), media_type="application/pdf")


def refused(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_r35_noted_then_the_card_is_shown_then_corrected(world, college, registry):
    person = add_candidate(world, 1, status=S.SIGNED)
    case = cases.note_error(college, person, field="name", value="测试新", note="与身份证不符")
    assert refused(steps.countersign_candidate, world.actor(Role.COUNSELLOR), person) == "roster.error_open"
    show = {"route": Route.CARD, "original_seen": True}
    assert refused(cases.show_proof, college, case, **show) == "roster.proof_missing"
    proofs(college, case, ProofKind.ID_CARD)
    assert refused(cases.show_proof, college, case, route=Route.CARD) == "roster.original_not_seen"
    with pytest.raises(StepRefusal):
        cases.grant_case(registry, case)
    cases.show_proof(college, case, **show)
    with pytest.raises(PermissionRefusal):
        cases.grant_case(college, case)
    cases.grant_case(registry, case)
    person.refresh_from_db()
    case.refresh_from_db()
    assert (person.name, person.status) == ("测试新", S.CHECKED)
    assert (case.status, case.decided_by) == (CorrectionStatus.CORRECTED, registry.key)


@pytest.mark.parametrize(("route", "copies"), [(Route.ADMISSION, 3), (Route.STATUS, 2)])
def test_r32_r33_approval_forms_have_their_copies_and_a_second_person(world, registry, college, route, copies):
    person = add_candidate(world, 1, status=S.ISSUED)
    case = cases.fail_first_audit(registry, person, field="name", reason="与录取数据不一致")
    assert case.source == CaseSource.FIRST_AUDIT
    proofs(registry, case, ProofKind.FORM, ProofKind.OTHER)
    show = {"route": route, "value": "测试新"}
    assert refused(cases.show_proof, registry, case, copies=copies - 1, **show) == "roster.copies_missing"
    cases.show_proof(registry, case, copies=copies, **show)
    assert refused(cases.grant_case, registry, case) == "roster.four_eyes"
    second = User.objects.create(username="second")
    Membership.objects.create(user=second, organisation=world.school, role=Role.REGISTRAR)
    cases.grant_case(type(registry).of(User.objects.get(pk=second.pk)), case)
    person.refresh_from_db()
    assert person.name == "测试新"


def test_r34_identity_change_needs_certificate_card_and_the_original(world, college, registry):
    person = add_candidate(world, 1)
    case = cases.note_error(college, person, field="id_number", value=made_up_id_number(40))
    proofs(college, case, ProofKind.CERTIFICATE)
    show = {"route": Route.IDENTITY, "original_seen": True}
    assert refused(cases.show_proof, college, case, **show) == "roster.proof_missing"
    proofs(college, case, ProofKind.CERTIFICATE, ProofKind.ID_CARD)
    cases.show_proof(college, case, **show)
    cases.grant_case(registry, case)
    person.refresh_from_db()
    assert person.id_number.decrypt() == made_up_id_number(40)
    assert (person.sex, person.status) == ("female", S.ACCEPTED)


def test_a_refused_case_changes_nothing_and_lets_the_row_go_on(world, college, registry):
    person = add_candidate(world, 1, status=S.CHECKED)
    case = cases.fail_first_audit(registry, person, field="name", reason="与录取数据不一致")
    assert refused(steps.sign_candidate, college, person) == "roster.error_open"
    assert refused(cases.withdraw_case, college, case, reason="看错") == "roster.audit_is_the_registrys"
    cases.refuse_case(registry, case, reason="证明不足")
    steps.sign_candidate(college, person)
    person.refresh_from_db()
    assert person.status == S.SIGNED


def test_one_open_case_a_field_and_its_value_is_checked_at_once(world, college):
    person = add_candidate(world, 1, status=S.CHECKED)
    bad = {"field": "birth_date", "value": "20040307"}
    assert refused(cases.note_error, college, person, **bad) == "roster.birth_date_contradicts_id"
    case = cases.note_error(college, person, field="major", value="软件工程")
    assert refused(cases.note_error, college, person, field="major", value="英语") == "roster.error_noted_already"
    cases.withdraw_case(college, case, reason="核对无误")
    assert cases.note_error(college, person, field="major", value="英语").pk


def test_the_college_adopts_what_needs_no_proof(world, college):
    person = add_candidate(world, 1, status=S.CHECKED)
    key = cases.note_error(college, person, field="name", value="测试新")
    assert refused(cases.adopt_case, college, key) == "roster.proof_needed"
    other = cases.note_error(college, person, field="native_place", value="湖南省平江县")
    cases.adopt_case(college, other)
    person.refresh_from_db()
    assert person.native_place == "湖南省平江县"


def test_the_claimed_value_is_sealed_and_stays_out_of_the_trail(world, college):
    number = made_up_id_number(41)
    person = add_candidate(world, 1, status=S.CHECKED)
    case = cases.note_error(college, person, field="id_number", value=number, note=f"应为{number}")
    stored = CorrectionCase.objects.filter(pk=case.pk).values_list("claimed", "note")[0]
    assert number not in str(stored)
    assert number not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.fixture
def browser(world):
    client = Client()
    client.force_login(world.people[Role.COLLEGE_OFFICER], BACKEND)
    return client


def test_proofs_are_known_by_content_and_bounded_in_size(world, browser, college):
    case = cases.note_error(college, add_candidate(world, 1, status=S.CHECKED), field="name", value="测试新")
    address = f"/roster/cases/{case.pk}/"
    for data, name, code in (
        (b"MZ this is a program", "card.pdf", "core.upload_wrong_kind"),
        (b"", "card.pdf", "core.upload_empty"),
        (PDF + bytes(cases.PROOF_LIMIT_MB * 1024 * 1024), "big.pdf", "core.upload_too_large"),
    ):
        answer = browser.post(
            address, {"form": "attach_proof", "kind": "id_card", "file": SimpleUploadedFile(name, data)}
        )
        assert (answer.status_code, code in answer.content.decode()) == (422, True)
    assert not Blob.objects.exists()
    browser.post(address, {"form": "attach_proof", "kind": "id_card", "file": SimpleUploadedFile("张三.png", PNG)})
    proof = case.proofs.get()
    shown = browser.get(f"/roster/cases/{case.pk}/proof/?proof={proof.pk}")
    assert (shown.content, shown["Content-Type"]) == (PNG, "image/png")
    assert "no-store" in shown["Cache-Control"]
    assert AuditEntry.objects.filter(action="roster.read_proof").count() == 1


def test_the_case_goes_its_way_through_the_pages(world, browser):
    person = add_candidate(world, 1, status=S.CHECKED)
    noted = browser.post(
        f"/roster/{person.pk}/", {"form": "note_error", "field": "name", "value": "测试新", "note": "与身份证不符"}
    )
    case = CorrectionCase.objects.get()
    assert noted.url == f"/roster/cases/{case.pk}/"
    browser.post(noted.url, {"form": "attach_proof", "kind": "id_card", "file": SimpleUploadedFile("a.pdf", PDF)})
    page = browser.get(noted.url).content.decode()
    assert "证明齐全" in page
    assert "测试新" in page
    browser.post(noted.url, {"form": "show_proof", "route": "card", "original_seen": "yes"})
    registry = Client()
    registry.force_login(world.people[Role.REGISTRAR], BACKEND)
    assert person.name in registry.get("/roster/cases/").content.decode()
    registry.post(noted.url, {"form": "grant_case"})
    person.refresh_from_db()
    assert person.name == "测试新"
    assert person.name not in registry.get("/roster/cases/").content.decode()
    stranger = Client()
    stranger.force_login(world.strangers[Role.REGISTRAR], BACKEND)
    assert stranger.get(noted.url).status_code == 404
    assert not Signature.objects.exists()
