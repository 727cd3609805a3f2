"""Lifecycle C1 of a row: the sign chain of R38, corrections that void it, and what leaves or joins the list."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, StepRefusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Membership, Role, User
from gradphoto.apps.roster import steps
from gradphoto.apps.roster.actions import correct_candidate
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Origin, SignatureStep, StatusChangeKind
from world import add_candidate, made_up_id_number

pytestmark = pytest.mark.django_db
S = CandidateStatus


def walk(world, person, until=S.ACCEPTED):
    """Take the row along the chain, each step by the person whose step it is."""
    chain = (
        (S.CHECKED, Role.COLLEGE_OFFICER, steps.check_candidate),
        (S.SIGNED, Role.COLLEGE_OFFICER, steps.sign_candidate),
        (S.COUNTERSIGNED, Role.COUNSELLOR, steps.countersign_candidate),
        (S.ENDORSED, Role.COLLEGE_LEADER, steps.endorse_candidate),
        (S.ACCEPTED, Role.REGISTRAR, steps.accept_candidate),
    )
    for state, role, step in chain:
        step(world.actor(role), person)
        person.refresh_from_db()
        assert person.status == state
        if state == until:
            return person
    return person


def live(person):
    return set(person.signatures.filter(voided_at=None).values_list("step", flat=True))


def code_of(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code


def test_r38_student_counsellor_leader_registry_in_this_order(world):
    person = add_candidate(world, 1, status=S.ISSUED)
    with pytest.raises(StepRefusal):
        steps.countersign_candidate(world.actor(Role.COUNSELLOR), person)
    walk(world, person)
    signed = list(person.signatures.values_list("step", "signer", "way"))
    assert [step for step, _, _ in signed] == list(SignatureStep)
    assert signed[1] == ("student", person.name, "paper")


@pytest.mark.parametrize(
    ("status", "step", "wrong"),
    [
        (S.CHECKED, steps.sign_candidate, Role.REGISTRAR),
        (S.SIGNED, steps.countersign_candidate, Role.COLLEGE_OFFICER),
        (S.COUNTERSIGNED, steps.endorse_candidate, Role.COUNSELLOR),
        (S.COUNTERSIGNED, steps.endorse_candidate, Role.HEAD_OFFICE),
        (S.ENDORSED, steps.accept_candidate, Role.COLLEGE_LEADER),
    ],
)
def test_each_signature_is_the_right_persons(world, status, step, wrong):
    person = add_candidate(world, 1, status=status)
    with pytest.raises(PermissionRefusal):
        step(world.actor(wrong), person)


def test_a_learning_centres_leader_is_the_head_office(world):
    person = add_candidate(world, 1, status=S.COUNTERSIGNED, department=world.learning_centre)
    steps.endorse_candidate(world.actor(Role.HEAD_OFFICE), person)
    person.refresh_from_db()
    assert person.status == S.ENDORSED


def test_four_eyes_counsellor_and_leader_are_not_one_person(world):
    both = User.objects.create(username="both")
    for role in (Role.COUNSELLOR, Role.COLLEGE_LEADER, Role.REGISTRAR):
        Membership.objects.create(user=both, organisation=world.school, role=role)
    person = walk(world, add_candidate(world, 1, status=S.ISSUED), S.SIGNED)
    actor = Actor.of(User.objects.get(pk=both.pk))
    steps.countersign_candidate(actor, person)
    assert code_of(steps.endorse_candidate, actor, person) == "roster.four_eyes"
    steps.endorse_candidate(world.actor(Role.COLLEGE_LEADER), person)
    assert code_of(steps.accept_candidate, actor, person) == "roster.four_eyes"
    steps.accept_candidate(world.actor(Role.REGISTRAR), person)


def test_a_returned_row_has_lost_every_signature(world):
    person = walk(world, add_candidate(world, 1, status=S.ISSUED), S.ENDORSED)
    steps.return_candidate(world.actor(Role.REGISTRAR), person, reason="专业有误")
    person.refresh_from_db()
    assert (person.status, live(person)) == (S.ISSUED, set())
    assert person.signatures.count() == 4
    walk(world, person)


def test_what_was_signed_for_is_signed_again_after_a_correction(world):
    person = walk(world, add_candidate(world, 1, status=S.ISSUED), S.COUNTERSIGNED)
    correct_candidate(world.actor(Role.COLLEGE_OFFICER), person, field="major", value="软件工程", reason="对照学籍")
    person.refresh_from_db()
    assert (person.status, person.major, live(person)) == (S.CHECKED, "软件工程", {"check"})


def test_r35_key_fields_that_were_signed_for_change_by_proof_only(world):
    person = walk(world, add_candidate(world, 1, status=S.ISSUED), S.SIGNED)
    asked = {"field": "name", "value": "测试新", "reason": "对照身份证"}
    assert code_of(correct_candidate, world.actor(Role.COLLEGE_OFFICER), person, **asked) == "roster.proof_needed"
    person.refresh_from_db()
    assert (person.name, person.status) != ("测试新", S.CHECKED)
    unsigned = add_candidate(world, 2, status=S.CHECKED)
    correct_candidate(world.actor(Role.COLLEGE_OFFICER), unsigned, **asked)
    unsigned.refresh_from_db()
    assert (unsigned.name, unsigned.status) == ("测试新", S.CHECKED)


def test_r16_the_approved_list_is_corrected_by_the_registry_and_stays_approved(world):
    person = add_candidate(world, 1)
    asked = {"field": "major", "value": "软件工程", "reason": "对照学籍"}
    refused = code_of(correct_candidate, world.actor(Role.COLLEGE_OFFICER), person, **asked)
    assert refused == "roster.accepted_by_registry"
    correct_candidate(world.actor(Role.REGISTRAR), person, **asked)
    person.refresh_from_db()
    assert (person.major, person.status) == ("软件工程", S.ACCEPTED)


def test_r8_deferred_to_a_later_class_and_taken_back(world):
    person, actor = add_candidate(world, 1), world.actor(Role.COLLEGE_OFFICER)
    assert code_of(steps.defer_candidate, actor, person, reason="实习", to_year=2026) == "roster.deferred_back"
    steps.defer_candidate(actor, person, reason="外出实习")
    person.refresh_from_db()
    assert (person.status, person.deferred_to, person.status_reason) == (S.DEFERRED, 2027, "外出实习")
    steps.reinstate_candidate(actor, person, reason="已返校")
    person.refresh_from_db()
    assert (person.status, person.deferred_to) == (S.ISSUED, None)


def test_r21_deletion_needs_a_reason(world):
    person, actor = add_candidate(world, 1, status=S.CHECKED), world.actor(Role.COLLEGE_OFFICER)
    assert code_of(steps.remove_candidate, actor, person, reason=" ") == "roster.reason_missing"
    steps.remove_candidate(actor, person, reason="学分未修满")
    person.refresh_from_db()
    assert person.status == S.REMOVED


@pytest.mark.usefixtures("still_clock")
def test_r22_a_status_change_is_coded_dated_and_reasoned(world):
    person, actor = add_candidate(world, 1), world.actor(Role.COUNSELLOR)
    ahead = timezone.localdate() + timedelta(days=1)
    asked = {"kind": StatusChangeKind.MAJOR, "reason": "校教通〔2025〕8号"}
    assert code_of(steps.record_status_change, actor, person, changed_on=ahead, **asked) == "roster.change_ahead"
    for _ in range(2):
        steps.record_status_change(actor, person, changed_on=date(2025, 3, 1), **asked)
    change = person.status_changes.get()
    assert (change.kind, change.reason, change.noted_by) == ("major", "校教通〔2025〕8号", "counsellor")
    assert person.status == S.ACCEPTED


def values(n=1, **changed):
    born = date(2004, 3, 5)
    return {
        "student_no": f"2022{n:06d}", "name": "测试新", "sex": "女", "birth_date": f"{born:%Y%m%d}",
        "id_number": made_up_id_number(n, born), "major": "英语", "level": "本科", "season": "春季", **changed,
    }  # fmt: skip


def test_r21_an_omitted_graduate_is_added_by_hand_and_known_as_such(world):
    actor = world.actor(Role.COLLEGE_OFFICER)
    person = steps.add_candidate(
        actor, world.campaign, department=world.department, values=values(7), reason="名册遗漏"
    )
    assert (person.origin, person.added_reason, person.status) == (Origin.ADDED, "名册遗漏", S.ISSUED)
    assert person.season == "spring"
    assert AuditEntry.objects.get(action="roster.add_candidate").detail["reason"] == "名册遗漏"


def test_r31_a_namesake_of_the_same_birth_date_with_another_number_is_asked_for_before_the_row_is_added(world, client):
    """On the page: the box is there once it is asked for, and what stands beside it is who is known already."""
    known = add_candidate(world, 2, name="测试新")
    user = world.people[Role.COLLEGE_OFFICER]
    client.force_login(user)
    page = "/roster/add/"
    typed = values(8) | {
        "form": "add_candidate", "campaign": world.campaign.pk, "department": world.department.pk, "reason": "名册遗漏",
    }  # fmt: skip
    box = 'type="checkbox" name="somebody_else"'
    assert box not in client.get(page).content.decode()
    asked = client.post(page, typed)
    said = asked.content.decode()
    assert asked.status_code == 422
    assert f"疑似同一人：{known.department.name}" in said
    assert box in said
    assert known.id_number.decrypt() not in said
    assert not Candidate.objects.filter(student_no=typed["student_no"]).exists()
    wrong = client.post(page, typed | {"somebody_else": "on", "name": ""})
    assert box in wrong.content.decode(), "another mistake does not hide what was ticked"
    assert client.post(page, typed | {"somebody_else": "on"}).status_code == 302
    added = Candidate.objects.get(student_no=typed["student_no"])
    assert AuditEntry.objects.get(action="roster.add_candidate").detail["somebody_else_than"] == [known.pk]
    assert added.same_person is None
    for n, other in ((9, {"name": "测试另"}), (10, {"sex": "男"})):
        row = values(n, **other)
        if "sex" in other:
            row["id_number"] = made_up_id_number(n, date(2004, 3, 5), male=True)
        assert client.post(page, typed | row).status_code == 302, "a name or a sex apart is nobody to ask about"


def test_an_added_row_is_checked_like_an_imported_one(world):
    actor, known = world.actor(Role.COLLEGE_OFFICER), add_candidate(world, 2)
    for changed, code in (
        ({"birth_date": "20040306"}, "roster.birth_date_contradicts_id"),
        ({"name": ""}, "roster.required"),
        ({"student_no": known.student_no}, "roster.already_listed"),
        ({"major": "长" * 81}, "roster.too_long"),
    ):
        asked = {"department": world.department, "values": values(8, **changed), "reason": "遗漏"}
        assert code_of(steps.add_candidate, actor, world.campaign, **asked) == code
    with pytest.raises(PermissionRefusal):
        steps.add_candidate(actor, world.campaign, department=world.other_department, values=values(9), reason="遗漏")
