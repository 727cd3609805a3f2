"""The student's own page: the slip opens the row, the student signs or says what is wrong, and nobody else can (R24)."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from gradphoto.apps.access.models import AccessAttempt
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster import steps
from gradphoto.apps.roster.models import Candidate, CandidateStatus, CorrectionCase, SigningCode
from gradphoto.apps.roster.permissions import student
from gradphoto.apps.roster.signing_codes import issue_signing_codes
from world import add_candidate

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
S = CandidateStatus


def slip_of(world, person):
    made = issue_signing_codes(
        world.actor(Role.COLLEGE_OFFICER), world.campaign, candidates=Candidate.objects.filter(pk=person.pk)
    )
    return made[0]


def enter(world, person, phone=None):
    phone = phone or Client()
    answer = phone.post("/sign/", {"code": slip_of(world, person).spaced.lower(), "student_no": person.student_no})
    assert answer.url == "/sign/row/"
    return phone


def text(answer):
    return answer.content.decode()


def test_the_personal_link_shows_the_own_row_and_the_signature_goes_on_record(world):
    person = add_candidate(world, 1, status=S.CHECKED)
    slip, phone = slip_of(world, person), Client()
    assert "svg" in slip.qr("https://example.edu/sign/")
    assert phone.get(f"/sign/{slip.code}/").url == "/sign/"
    assert slip.code in text(phone.get("/sign/"))
    phone.post("/sign/", {"code": slip.code, "student_no": person.student_no})
    page = text(phone.get("/sign/row/"))
    assert person.id_number.decrypt() in page, "compared with the card in hand"
    assert "签字确认" in page
    assert "roster.own_check_missing" in text(phone.post("/sign/row/", {"typed_name": person.name}))
    wrong = phone.post("/sign/row/", {"own": "yes", "typed_name": "别人"})
    assert (wrong.status_code, "roster.name_differs" in text(wrong)) == (422, True)
    done = phone.post("/sign/row/", {"own": "yes", "typed_name": f" {person.name}"})
    assert done.url == "/sign/done/"
    assert person.name not in text(phone.get("/sign/done/"))
    person.refresh_from_db()
    signature = person.signatures.get()
    assert (person.status, signature.way, signature.signer) == (S.SIGNED, "phone", person.name)
    assert signature.recorded_by == f"student:{person.pk}"


def test_the_code_is_spent_by_the_signature(world):
    person = add_candidate(world, 1, status=S.CHECKED)
    phone = enter(world, person)
    code = SigningCode.objects.get().code.decrypt()
    phone.post("/sign/row/", {"own": "yes", "typed_name": person.name})
    again = Client().post("/sign/", {"code": code, "student_no": person.student_no})
    assert again.status_code == 403
    assert phone.get("/sign/row/").url == "/sign/done/"


def test_what_is_wrong_lands_at_the_college_and_is_not_signed_for(world):
    person = add_candidate(world, 1, status=S.CHECKED)
    phone = enter(world, person)
    assert "正确内容" in text(phone.get("/sign/report/?field=native_place"))
    sent = phone.post("/sign/report/", {"field": "native_place", "value": "湖南省平江县", "note": "户口迁移"})
    assert sent.url == "/sign/row/"
    page = text(phone.get("/sign/row/"))
    assert "已申报有误" in page
    assert "签字确认" not in page
    case = CorrectionCase.objects.get()
    assert (case.source, case.field, case.right_value, case.note) == (
        "student", "native_place", "湖南省平江县", "户口迁移",
    )  # fmt: skip
    college = Client()
    college.force_login(world.people[Role.COLLEGE_OFFICER], BACKEND)
    assert person.name in text(college.get("/roster/cases/?source=student"))
    college.post(f"/roster/cases/{case.pk}/", {"form": "adopt_case"})
    assert "签字确认" in text(phone.get("/sign/row/")), "the same code serves until the signature"
    bad = phone.post("/sign/report/", {"field": "birth_date", "value": "19990101"})
    assert "roster.birth_date_contradicts_id" in text(bad)


def test_before_the_college_has_checked_he_may_report_but_not_sign(world):
    person = add_candidate(world, 1, status=S.ISSUED)
    phone = enter(world, person)
    assert "学院尚在核对" in text(phone.get("/sign/row/"))
    answer = phone.post("/sign/row/", {"own": "yes", "typed_name": person.name})
    assert "core.step_not_allowed" in text(answer)


def test_nobody_signs_for_another(world):
    person, other = add_candidate(world, 1, status=S.CHECKED), add_candidate(world, 2, status=S.CHECKED)
    for actor in (student(other.pk), Actor.graduate(person.pk), world.actor(Role.COLLEGE_OFFICER)):
        with pytest.raises(PermissionRefusal):
            steps.sign_in_person(actor, person, typed_name=person.name)


def test_r165_every_wrong_entry_gets_the_same_answer(world):
    person, other = add_candidate(world, 1, status=S.CHECKED), add_candidate(world, 2, status=S.CHECKED)
    right = {"code": slip_of(world, person).code, "student_no": person.student_no}
    old = slip_of(world, other).code
    SigningCode.objects.filter(candidate=other).update(expires_at=timezone.now() - timedelta(days=1))
    answers = set()
    for entry in (
        {**right, "code": "2222222222"},
        {**right, "student_no": other.student_no},
        {**right, "student_no": "2022999999"},
        {"code": old, "student_no": other.student_no},
    ):
        answer = Client().post("/sign/", entry)
        body = re.sub(r' value="[^"]*"', "", text(answer))
        answers.add((answer.status_code, body))
    assert len(answers) == 1
    assert len({text(Client().get(f"/sign/{code}/")) for code in (right["code"], "2222222222")}) == 1


def test_wrong_codes_slow_down_one_student_at_one_address_and_never_a_class(world):
    """31 wrong codes of 31 people once locked everybody behind the campus's address, and a stranger the student."""
    person = add_candidate(world, 1, status=S.CHECKED)
    slip = slip_of(world, person)
    right = {"code": slip.code, "student_no": person.student_no}
    for n in range(31):
        Client().post("/sign/", {"code": "XXXXXXXXXX", "student_no": f"1{n}"}, REMOTE_ADDR="10.0.2.2")
    for _ in range(4):
        answer = Client().post("/sign/", {**right, "code": "XXXXXXXXXX"}, REMOTE_ADDR="10.0.9.9")
    assert (answer.status_code, answer["Retry-After"]) == (429, "15")
    assert 'name="student_no"' in text(answer), "the form is there again"
    assert Client().post("/sign/", right, REMOTE_ADDR="10.0.2.2").url == "/sign/row/"
    kept = str(list(AccessAttempt.objects.values()))
    assert person.student_no not in kept
    assert "10.0." not in kept


def test_a_visit_ends_when_the_code_is_voided_or_run_out(world):
    person = add_candidate(world, 1, status=S.CHECKED)
    phone = enter(world, person)
    college = Client()
    college.force_login(world.people[Role.COLLEGE_OFFICER], BACKEND)
    college.post(f"/roster/{person.pk}/", {"form": "void_signing_code"})
    assert phone.get("/sign/row/").url == "/sign/?over"
    phone = enter(world, person)
    SigningCode.objects.update(expires_at=timezone.now())
    assert phone.get("/sign/row/").url == "/sign/?over"


def test_a_second_print_keeps_the_live_codes_and_is_on_record(world):
    first, second = add_candidate(world, 1, status=S.CHECKED), add_candidate(world, 2, status=S.SIGNED)
    college = Client()
    college.force_login(world.people[Role.COLLEGE_OFFICER], BACKEND)
    assert "计科2201" in text(college.get("/roster/slips/"))
    key = f"{world.campaign.pk}|{world.department.pk}|spring|计科2201"
    sheets = [text(college.post("/roster/slips/", {"group": key})) for _ in range(2)]
    code = SigningCode.objects.get()
    assert code.candidate == first
    for sheet in sheets:
        assert f"{code.code.decrypt()[:5]} {code.code.decrypt()[5:]}" in sheet
        assert second.name not in sheet
        assert first.id_number.decrypt() not in sheet
    details = list(AuditEntry.objects.filter(action="roster.issue_signing_codes").values_list("detail", flat=True))
    assert details == [{"printed": 1, "issued": 1}, {"printed": 1, "issued": 0}]
    stranger = Client()
    stranger.force_login(world.strangers[Role.COLLEGE_OFFICER], BACKEND)
    assert stranger.post("/roster/slips/", {"group": key}).status_code == 422
