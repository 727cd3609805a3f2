"""Off the approved list (R21), and two rows that are probably one person (R31)."""

import pytest

from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.papers.catalogue import PAPERS
from gradphoto.apps.roster.steps import reinstate_candidate, strike_candidate
from gradphoto.engine.roster import RawRow, compare_with_admissions
from verification.graduate_world import staff
from world import add_candidate, made_up_id_number

pytestmark = pytest.mark.django_db


def test_r21_the_registry_takes_a_person_off_the_approved_list_with_a_reason_on_record(world):
    person = add_candidate(world)
    page = staff(world, Role.REGISTRAR).get(f"/roster/{person.pk}/").content.decode()
    assert "从核准名单删除" in page
    staff(world, Role.REGISTRAR).post(f"/roster/{person.pk}/", {"form": "strike_candidate", "reason": "开除学籍"})
    person.refresh_from_db()
    assert (person.status, person.status_reason) == (CandidateStatus.REMOVED, "开除学籍")
    assert AuditEntry.objects.filter(action="roster.strike_candidate").exists()
    assert person in PAPERS["deleted"].people(Candidate.objects.all())
    reinstate_candidate(world.actor(Role.REGISTRAR), person, reason="申诉成立")
    assert Candidate.objects.get(pk=person.pk).status == CandidateStatus.ISSUED


def test_r21_only_the_registry_and_never_without_a_reason(world):
    person = add_candidate(world)
    with pytest.raises(PermissionRefusal):
        strike_candidate(world.actor(Role.COLLEGE_OFFICER), person, reason="退学")
    with pytest.raises(Refusal):
        strike_candidate(world.actor(Role.REGISTRAR), person, reason=" ")
    assert Candidate.objects.get(pk=person.pk).status == CandidateStatus.ACCEPTED


def test_r31_another_number_beside_the_same_name_sex_and_birth_date_is_one_difference():
    def row(n, name="李明", born="20040305", sex="男", which=1):
        return RawRow(n, {"name": name, "sex": sex, "birth_date": born, "id_number": made_up_id_number(which),
                          "student_no": f"{n}"})  # fmt: skip

    found = compare_with_admissions([row(1, which=1)], [row(7, which=2)])
    assert [(one.row_number, one.reference_row, one.field, one.code) for one in found] == [
        (1, 7, "id_number", "roster.probably_same_person")
    ]
    assert made_up_id_number(1) not in repr(found)
    twins = compare_with_admissions([row(1, which=1)], [row(7, which=2), row(8, which=3)])
    assert {one.code for one in twins} == {"roster.not_in_admissions", "roster.not_in_roster"}
    others = compare_with_admissions([row(1, which=1)], [row(7, which=2, sex="女")])
    assert {one.code for one in others} == {"roster.not_in_admissions", "roster.not_in_roster"}
