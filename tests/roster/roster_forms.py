"""The forms of the roster, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import blobs
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.forms import ROW
from gradphoto.apps.roster import cases, channel
from gradphoto.apps.roster.forms import cases as case_forms
from gradphoto.apps.roster.forms import imports as import_forms
from gradphoto.apps.roster.forms import lists as list_forms
from gradphoto.apps.roster.forms import papers as paper_forms
from gradphoto.apps.roster.forms import persons as person_forms
from gradphoto.apps.roster.forms import plan as plan_forms
from gradphoto.apps.roster.forms import signing as signing_forms
from gradphoto.apps.roster.imports import receive
from gradphoto.apps.roster.models import (
    AdmissionsCheck,
    AdmissionsDifference,
    Candidate,
    CandidateStatus,
    Document,
    ImportDifference,
    ImportFix,
    ProofKind,
    RosterImport,
)
from gradphoto.apps.roster.signing_codes import issue_signing_codes
from pages.form_cases import Stage, form_case, pdf
from verification.graduate_world import staff
from world import World, add_candidate, made_up_id_number, put

LONG = "很长的说明" * 60
TOO_LONG = (LONG, "pages.too_long")
FOREIGN_FIELD = ("season", "pages.not_offered")


def _person(world: World, status: CandidateStatus = CandidateStatus.CHECKED) -> Candidate:
    return add_candidate(world, 1, status=status)


def _stage(world: World, role: Role, good: dict, wrong: dict, status=CandidateStatus.CHECKED) -> Stage:
    return Stage(reverse("roster:detail", args=[_person(world, status).pk]), staff(world, role), good, wrong)


def _strange_person(world: World) -> Candidate:
    strange = Campaign.objects.create(
        cohort_year=2026, title=f"他校 {world.campaign.pk}", school=world.strange_school, centre=world.centre,
        rule_set=world.campaign.rule_set,
    )  # fmt: skip
    person = add_candidate(world, 90, department=world.strange_department)
    person.campaign = strange
    person.save(update_fields=["campaign"])
    return person


@form_case(person_forms.CorrectCandidate)
def correct(world: World) -> Stage:
    good = {"field": "birth_date", "value": "20040306", "reason": "对照身份证"}
    wrong = {"field": FOREIGN_FIELD, "reason": TOO_LONG, "value": ("20040307", "roster.birth_date_contradicts_id")}
    return _stage(world, Role.COLLEGE_OFFICER, good, wrong)


@form_case(person_forms.CorrectCell)
def correct_cell(world: World) -> Stage:
    address = reverse("roster:cell", args=[_person(world).pk]) + "?field=class_name"
    good = {"value": "计科2202", "reason": "转班"}
    wrong = {"reason": TOO_LONG, "value": ("计" * 100, "roster.too_long")}
    return Stage(address, staff(world, Role.COLLEGE_OFFICER), good, wrong)


@form_case(person_forms.NoteError)
def note_error(world: World) -> Stage:
    good = {"field": "name", "value": "测试新", "note": "与身份证不符"}
    return _stage(world, Role.COLLEGE_OFFICER, good, {"field": FOREIGN_FIELD, "note": TOO_LONG})


@form_case(person_forms.FailFirstAudit)
def fail_first_audit(world: World) -> Stage:
    good = {"field": "name", "reason": "与录取数据不一致"}
    number = (f"应为{made_up_id_number(7)}", "roster.reason_holds_id_number")
    return _stage(world, Role.REGISTRAR, good, {"field": FOREIGN_FIELD, "reason": number})


@form_case(person_forms.RecordStatusChange)
def status_change(world: World) -> Stage:
    today = timezone.localdate()
    good = {"kind": "major", "changed_on": str(today), "reason": "校发〔2026〕1号"}
    wrong = {
        "kind": ("none", "pages.not_offered"),
        "changed_on": (str(today + timedelta(days=1)), "pages.day_ahead"),
        "reason": TOO_LONG,
    }
    return _stage(world, Role.COLLEGE_OFFICER, good, wrong)


@form_case(person_forms.RevealIdNumber)
def reveal(world: World) -> Stage:
    return _stage(world, Role.REGISTRAR, {"reason": "核对"}, {"reason": TOO_LONG})


@form_case(person_forms.ReturnCandidate)
def give_back(world: World) -> Stage:
    return _stage(world, Role.REGISTRAR, {"reason": "有误"}, {"reason": TOO_LONG}, CandidateStatus.ENDORSED)


@form_case(person_forms.DeferCandidate)
def defer(world: World) -> Stage:
    wrong = {"reason": TOO_LONG, "to_year": ("1999", "pages.too_small")}
    return _stage(world, Role.REGISTRAR, {"reason": "实习", "to_year": "2028"}, wrong)


@form_case(person_forms.RemoveCandidate)
def remove(world: World) -> Stage:
    return _stage(world, Role.REGISTRAR, {"reason": "退学"}, {"reason": TOO_LONG})


@form_case(person_forms.StrikeCandidate)
def strike(world: World) -> Stage:
    return _stage(world, Role.REGISTRAR, {"reason": "退学"}, {"reason": TOO_LONG}, CandidateStatus.ACCEPTED)


@form_case(person_forms.ReinstateCandidate)
def reinstate(world: World) -> Stage:
    return _stage(world, Role.REGISTRAR, {"reason": "恢复"}, {"reason": TOO_LONG}, CandidateStatus.REMOVED)


@form_case(person_forms.AddCandidate)
def add(world: World) -> Stage:
    good = {
        "campaign": world.campaign.pk, "department": world.department.pk, "season": "春季", "student_no": "2022000077",
        "name": "测试壬", "sex": "女", "birth_date": "20040305", "id_number": made_up_id_number(20),
        "major": "计算机科学与技术", "level": "本科", "reason": "名册遗漏",
    }  # fmt: skip
    wrong = {"season": ("冬季", "pages.not_offered"), "birth_date": ("20040306", "roster.birth_date_contradicts_id")}
    return Stage(
        reverse("roster:add"), staff(world, Role.REGISTRAR), good, {**wrong, "reason": TOO_LONG},
        foreign={"department": world.strange_department.pk, "campaign": _strange_person(world).campaign_id},
    )  # fmt: skip


def _case(world: World):
    return cases.note_error(world.actor(Role.COLLEGE_OFFICER), _person(world), field="name", value="测试新")


@form_case(case_forms.AttachProof)
def attach_proof(world: World) -> Stage:
    good = {"kind": "id_card", "file": pdf()}
    wrong = {"kind": ("letter", "pages.not_offered"), "file": (pdf(b"MZ"), "core.upload_wrong_kind")}
    return Stage(reverse("roster:case", args=[_case(world).pk]), staff(world, Role.COLLEGE_OFFICER), good, wrong)


@form_case(case_forms.ShowProof)
def show_proof(world: World) -> Stage:
    case = _case(world)
    cases.attach_proof(
        world.actor(Role.COLLEGE_OFFICER),
        case,
        kind=ProofKind.ID_CARD,
        data=b"%PDF-1.7 x",
        media_type="application/pdf",
    )
    good = {"route": "card", "original_seen": "on", "copies": "", "value": ""}
    wrong = {"route": ("by ear", "pages.not_offered"), "copies": ("99", "pages.too_large")}
    return Stage(reverse("roster:case", args=[case.pk]), staff(world, Role.COLLEGE_OFFICER), good, wrong)


def _proven(world: World):
    case = _case(world)
    actor = world.actor(Role.COLLEGE_OFFICER)
    cases.attach_proof(actor, case, kind=ProofKind.ID_CARD, data=b"%PDF-1.7 x", media_type="application/pdf")
    cases.show_proof(actor, case, route="card", original_seen=True)
    return case


@form_case(case_forms.RefuseCase)
def refuse(world: World) -> Stage:
    address = reverse("roster:case", args=[_proven(world).pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"reason": "证明不足"}, {"reason": TOO_LONG})


@form_case(case_forms.WithdrawCase)
def withdraw(world: World) -> Stage:
    address = reverse("roster:case", args=[_case(world).pk])
    return Stage(address, staff(world, Role.COLLEGE_OFFICER), {"reason": "看错"}, {"reason": TOO_LONG})


@form_case(paper_forms.MakeCaseForm)
def case_form(world: World) -> Stage:
    address = reverse("roster:case", args=[_case(world).pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"kind": "status"}, {"kind": ("poem", "pages.not_offered")})


@form_case(list_forms.BulkAdvance)
def bulk_advance(world: World) -> Stage:
    good = {"step": "roster.remove_candidate", "reason": "退学", "candidate": [_person(world).pk]}
    wrong = {"step": ("capture.check_in", "pages.not_offered"), "reason": TOO_LONG}
    return Stage(
        reverse("roster:list"), staff(world, Role.REGISTRAR), good, wrong,
        foreign={"candidate": [_strange_person(world).pk]},
    )  # fmt: skip


@form_case(signing_forms.PrintSlips)
def slips(world: World) -> Stage:
    _person(world)
    strange = f"{world.campaign.pk}|{world.strange_department.pk}|spring|计科2201"
    good = {"group": f"{world.campaign.pk}|{world.department.pk}|spring|计科2201"}
    return Stage(reverse("roster:slips"), staff(world, Role.COLLEGE_OFFICER), good, {}, foreign={"group": strange})


@form_case(signing_forms.AttachTable)
def attach_table(world: World) -> Stage:
    person = _person(world)
    group = f"{world.campaign.pk}|{world.department.pk}|spring|计科2201"
    good = {
        "counsellor_name": "王辅导", "leader_name": "李书记", "seal": "计算机学院公章", "signed_on": "2026-11-18",
        "candidate": [person.pk], "file": pdf(),
    }  # fmt: skip
    wrong = {
        "seal": TOO_LONG, "signed_on": ("2099-01-01", "pages.day_ahead"), "leader_name": ("王辅导", "roster.four_eyes"),
        "file": (pdf(b"MZ"), "core.upload_wrong_kind"),
    }  # fmt: skip
    return Stage(
        f"{reverse('roster:attach_table')}?group={quote(group)}", staff(world, Role.COLLEGE_OFFICER), good, wrong,
        foreign={"candidate": [_strange_person(world).pk]},
    )  # fmt: skip


def _phone(world: World, person: Candidate) -> Client:
    phone = Client()
    (slip,) = issue_signing_codes(
        world.actor(Role.COLLEGE_OFFICER), world.campaign, candidates=Candidate.objects.filter(pk=person.pk)
    )
    phone.post(reverse("sign:enter"), {"code": slip.code, "student_no": person.student_no})
    return phone


@form_case(signing_forms.ReportError)
def report_error(world: World) -> Stage:
    good = {"field": "native_place", "value": "湖南省平江县", "note": "户口迁移"}
    return Stage(
        reverse("sign:report"), _phone(world, _person(world)), good, {"field": FOREIGN_FIELD, "note": TOO_LONG}
    )


@form_case(plan_forms.SetMilestone)
def milestone(world: World) -> Stage:
    good = {ROW: world.campaign.pk, "kind": "shooting", "due": "2027-01-03", "source": "校教通"}
    wrong = {"kind": ("none", "pages.not_offered"), "due": ("2027-02-30", "pages.invalid"), "source": TOO_LONG}
    return Stage(reverse("roster:progress"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(case_forms.GrantCase)
def grant(world: World) -> Stage:
    address = reverse("roster:case", args=[_proven(world).pk])
    return Stage(address, staff(world, Role.REGISTRAR), {"note": "同意"}, {"note": TOO_LONG})


@form_case(list_forms.ChooseColumns)
def columns(world: World) -> Stage:
    _person(world)
    wrong = {"names": (["no-such-column"], "pages.not_offered")}
    return Stage(reverse("roster:list"), staff(world, Role.REGISTRAR), {"names": ["level", "major"]}, wrong)


@form_case(signing_forms.SignInPerson)
def sign(world: World) -> Stage:
    person = _person(world)
    good = {"own": "on", "typed_name": person.name}
    return Stage(reverse("sign:row"), _phone(world, person), good, {"typed_name": ("别人", "roster.name_differs")})


@form_case(paper_forms.MakePaper)
def make_paper(world: World) -> Stage:
    _person(world)
    good = {ROW: world.campaign.pk, "kind": "check_table", "made_as": "pdf"}
    wrong = {"kind": ("poem", "pages.not_offered"), "made_as": ("docx", "pages.not_offered")}
    return Stage(reverse("roster:papers"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(paper_forms.AttachSignedPage)
def attach_page(world: World) -> Stage:
    _person(world)
    officer = staff(world, Role.COLLEGE_OFFICER)
    officer.post(
        reverse("roster:papers"),
        {"form": "make_paper", ROW: world.campaign.pk, "kind": "register", "made_as": "pdf"},
    )
    document = Document.objects.latest("pk")
    today = timezone.localdate()
    good = {"signer_0": "王填表", "signer_1": "李负责", "seal": "公章", "signed_on": str(today), "file": pdf()}
    wrong = {
        "seal": TOO_LONG, "signer_0": TOO_LONG, "signed_on": ("2099-01-01", "pages.day_ahead"),
        "file": (pdf(b"MZ"), "core.upload_wrong_kind"),
    }  # fmt: skip
    return Stage(reverse("roster:document", args=[document.number]), officer, good, wrong)


def _table(text: str = "考生号,姓名\n1,甲\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("data.csv", text.encode())


@form_case(paper_forms.CheckAdmissions)
def admissions(world: World) -> Stage:
    wrong = {"file": (SimpleUploadedFile("data.csv", b""), "core.upload_empty")}
    return Stage(
        reverse("roster:admissions"), staff(world, Role.REGISTRAR), {"campaign": world.campaign.pk, "file": _table()},
        wrong, foreign={"campaign": _strange_person(world).campaign_id},
    )  # fmt: skip


def _difference(world: World, candidate: Candidate) -> AdmissionsDifference:
    made = AdmissionsCheck.objects.create(
        campaign=world.campaign, user=world.people[Role.REGISTRAR], source=blobs.put(b"x", "text/csv"), file_name="a.csv",
        finished_at=timezone.now(),
    )  # fmt: skip
    return AdmissionsDifference.objects.create(
        check_run=made, candidate=candidate, field="name", ours="甲", theirs="乙", code="x", route="admission", reason={},
        remedy={},
    )  # fmt: skip


@form_case(paper_forms.NoteAdmissions)
def note_admissions(world: World) -> Stage:
    mine = _difference(world, _person(world))
    strange = _difference(world, _strange_person(world))
    address = reverse("roster:admissions_result", args=[mine.check_run_id])
    return Stage(
        address, staff(world, Role.REGISTRAR), {"difference": [mine.pk], "route": ""}, {},
        foreign={"difference": [strange.pk]},
    )  # fmt: skip


@form_case(paper_forms.AddCohortRule)
def cohort_rule(world: World) -> Stage:
    good = {
        ROW: world.campaign.pk, "intake_year": "2022", "length_of_study": "5", "major": "建筑学", "source": "校教通",
    }  # fmt: skip
    wrong = {
        "intake_year": ("1066", "pages.too_small"), "length_of_study": ("five years", "pages.too_long"),
        "source": TOO_LONG, "major": TOO_LONG,
    }  # fmt: skip
    return Stage(reverse("roster:cohort"), staff(world, Role.REGISTRAR), good, wrong)


@form_case(import_forms.ConfirmChannel)
def confirm(world: World) -> Stage:
    good = {ROW: world.campaign.pk, "school": "示范大学", "teacher": "registrar"}
    wrong = {"school": ("他校", "roster.identity_not_confirmed"), "teacher": TOO_LONG}
    return Stage(reverse("roster:imports"), staff(world, Role.REGISTRAR), good, wrong)


def _open_channel(world: World) -> None:
    channel.confirm_channel(world.actor(Role.REGISTRAR), world.campaign, school="示范大学", teacher="registrar")


@form_case(import_forms.UploadRoster)
def upload(world: World) -> Stage:
    _open_channel(world)
    good = {ROW: world.campaign.pk, "organisation": world.school.pk, "file": _table("学号,姓名\n1,甲\n")}
    wrong = {"file": (SimpleUploadedFile("data.csv", b""), "core.upload_empty")}
    return Stage(
        reverse("roster:imports"), staff(world, Role.REGISTRAR), good, wrong,
        foreign={"organisation": world.strange_school.pk},
    )  # fmt: skip


def _imported(world: World) -> RosterImport:
    _open_channel(world)
    return receive.upload_roster(
        world.actor(Role.REGISTRAR), world.campaign, organisation=world.school, file_name="名册.csv",
        data="学号,姓名\n1,甲\n".encode(),
    )  # fmt: skip


@form_case(import_forms.ReadImport)
def read_import(world: World) -> Stage:
    address = reverse("roster:mapping", args=[_imported(world).pk])
    good = {"column_0": "student_no", "column_1": "name", "default_major": "计算机"}
    wrong = {
        "column_1": ("student_no", "roster.column_twice"), "column_0": ("shoe size", "pages.not_offered"),
        "default_major": TOO_LONG,
    }  # fmt: skip
    return Stage(address, staff(world, Role.REGISTRAR), good, wrong)


def _in_review(world: World) -> RosterImport:
    made = _imported(world)
    put(RosterImport.objects.filter(pk=made.pk), status="review")
    return made


@form_case(import_forms.ChooseFixes)
def choose_fixes(world: World) -> Stage:
    made = _in_review(world)
    fix = ImportFix.objects.create(
        roster_import=made, row=2, field="name", column_title="姓名", before="甲 乙", after="甲乙"
    )
    address = reverse("roster:import", args=[made.pk]) + "?tab=fixes"
    return Stage(
        address, staff(world, Role.REGISTRAR), {"do": "apply", "fix": [fix.pk]}, {"do": ("burn", "pages.not_offered")},
        foreign={"fix": [fix.pk + 999]},
    )  # fmt: skip


@form_case(import_forms.DecideDifferences)
def decide(world: World) -> Stage:
    made = _in_review(world)
    one = ImportDifference(
        roster_import=made, kind="added", row=2, department=world.department, student_no="1", name="甲", record="{}"
    )
    one.save()
    good = {"kind": "added", "do": "accept", "difference": [one.pk]}
    wrong = {"kind": ("burnt", "pages.not_offered"), "do": ("burn", "pages.not_offered")}
    return Stage(
        reverse("roster:import", args=[made.pk]), staff(world, Role.REGISTRAR), good, wrong,
        foreign={"difference": [one.pk + 999]},
    )  # fmt: skip
