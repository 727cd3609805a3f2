"""Sealed papers that came and that are late (R40); the province's approval as a step with its document (R2, R16)."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from gradphoto.apps.campaigns.actions import start_collecting
from gradphoto.apps.campaigns.models import Campaign, Rule, Season
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.orgs.permissions import HELD_IN, PERMISSIONS
from gradphoto.apps.roster import cases
from gradphoto.apps.roster.approval import note_approval, read_approval
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Document, MilestoneKind, ProvinceApproval, Route
from gradphoto.apps.roster.papers.receipts import State, receipt_lines, receipts_form
from gradphoto.apps.roster.papers.signed import attach_signed_page
from gradphoto.apps.roster.plan import set_milestone
from verification.graduate_world import staff
from world import add_candidate, put

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 scan"


def states(world):
    (line,) = receipt_lines(world.campaign, Candidate.objects.all(), Document.objects.all())
    return {str(one.kind): (one.state, one.is_late) for one in line.receipts}


def print_paper(world, kind):
    address = f"/roster/papers/?{urlencode({'campaign': world.campaign.pk, 'season': 'spring'})}"
    staff(world, Role.COLLEGE_OFFICER).post(
        address, {"form": "make_paper", "row": world.campaign.pk, "kind": kind, "made_as": "pdf"}
    )
    return Document.objects.filter(kind=kind).latest("pk")


def seal(world, document, mark=b""):
    return attach_signed_page(
        world.actor(Role.COLLEGE_OFFICER), document, scan=PDF + mark, media_type="application/pdf",
        names={0: "张三", 1: "李四"}, seal="计算机学院公章", signed_on=timezone.localdate(),
    )  # fmt: skip


def test_r40_each_college_sees_what_came_and_what_is_late(world):
    add_candidate(world, 1, status=CandidateStatus.CHECKED)
    set_milestone(
        world.actor(Role.REGISTRAR), world.campaign, kind=MilestoneKind.DATA_IN,
        due=timezone.localdate() - timedelta(days=1), source="处发[2008]71号",
    )  # fmt: skip
    assert states(world)["register"] == (State.NOT_PRINTED, True)
    assert states(world)["added"] == (State.NOT_NEEDED, False)
    paper = print_paper(world, "register")
    assert states(world)["register"] == (State.PRINTED, True)
    page = staff(world, Role.REGISTRAR).get("/roster/papers/in/").content.decode()
    assert "逾期" in page
    assert paper.number in page
    seal(world, paper)
    assert states(world)["register"] == (State.IN, False)
    Candidate.objects.update(major="软件工程")
    print_paper(world, "register")
    assert states(world)["register"] == (State.OUTDATED, True)


def test_r40_an_approval_is_in_when_every_error_has_its_signed_form(world):
    people = [add_candidate(world, n, status=CandidateStatus.CHECKED) for n in (1, 2)]
    registrar = world.actor(Role.REGISTRAR)
    for person in people:
        cases.fail_first_audit(registrar, person, field="name", reason="录取", route=Route.ADMISSION)
    client = staff(world, Role.COLLEGE_OFFICER)
    for case in (one.correction_cases.get() for one in people):
        client.post(f"/roster/cases/{case.pk}/", {"form": "case_form", "kind": "admission"})
    first, second = Document.objects.filter(kind="admission").order_by("pk")
    seal(world, first)
    assert states(world)["admission"] == (State.PRINTED, False)
    seal(world, second, b" second")
    assert states(world)["admission"] == (State.IN, False)


def test_r40_the_list_to_telephone_by_names_only_what_is_wanted(world):
    add_candidate(world, 1, status=CandidateStatus.CHECKED)
    lines = receipt_lines(world.campaign, Candidate.objects.all(), Document.objects.all())
    rows = receipts_form(world.campaign, lines).sections[0].rows
    assert [row[2] for row in rows] == ["预计毕业生情况登记表", "附表4　人数统计表"]


def test_r40_a_college_sees_its_own_papers_only(world):
    add_candidate(world, 1, status=CandidateStatus.CHECKED)
    add_candidate(world, 2, status=CandidateStatus.CHECKED, department=world.other_department)
    page = staff(world, Role.COLLEGE_OFFICER).get("/roster/papers/in/").content.decode()
    assert world.department.name in page
    assert world.other_department.name not in page


def approve(world, **more):
    values = {
        "season": Season.SPRING,
        "document": "湘教通〔2026〕9号",
        "approved_on": timezone.localdate(),
        "people": 2,
    }
    return note_approval(
        world.actor(Role.REGISTRAR), world.campaign, scan=PDF, media_type="application/pdf", **{**values, **more}
    )


def test_r16_the_approval_is_kept_with_its_scan_and_held_against_the_list(world):
    add_candidate(world, 1)
    made = approve(world)
    page = staff(world, Role.REGISTRAR).get("/roster/approval/").content.decode()
    assert "湘教通〔2026〕9号" in page
    assert "人数不一致" in page
    assert read_approval(world.actor(Role.REGISTRAR), made) == (PDF, "application/pdf")
    assert AuditEntry.objects.filter(action="roster.read_approval").exists()
    with pytest.raises(Refusal) as refusal:
        approve(world)
    assert refusal.value.code == "roster.approval_known"
    with pytest.raises(PermissionRefusal):
        note_approval(
            world.actor(Role.COLLEGE_OFFICER), world.campaign, season=Season.SPRING, document="x",
            approved_on=timezone.localdate(), people=1, scan=PDF, media_type="application/pdf",
        )  # fmt: skip
    assert ProvinceApproval.objects.count() == 1


def test_r16_where_the_notice_demands_it_nothing_is_collected_without_it(world):
    add_candidate(world, 1)
    put(Campaign.objects.filter(pk=world.campaign.pk), status="preparing")
    world.campaign.refresh_from_db()
    Rule.objects.create(
        rule_set=world.campaign.rule_set, key="roster.province_approval", value=True, source="一",
        effective_from="2020-01-01",
    )  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        start_collecting(world.actor(Role.REGISTRAR), world.campaign)
    assert "省教育厅" in refusal.value.message.zh
    approve(world)
    start_collecting(world.actor(Role.REGISTRAR), world.campaign)
    assert Campaign.objects.get(pk=world.campaign.pk).status == "collecting"


def test_r2_the_teaching_secretary_and_the_student_affairs_department_have_their_own_rights(world):
    secretary, affairs = Role.TEACHING_SECRETARY, Role.STUDENT_AFFAIRS
    assert [str(kind) for kind in HELD_IN[secretary]] == ["department"]
    assert [str(kind) for kind in HELD_IN[affairs]] == ["school"]
    assert secretary in PERMISSIONS["errata.draft"].roles, "annex 6 is the teaching office's (R60)"
    assert affairs in PERMISSIONS["verification.remind"].roles, "the graduates are pushed to verify (R172)"
    for role in (secretary, affairs):
        assert role not in PERMISSIONS["roster.accept"].roles
        assert staff(world, role).get("/roster/").status_code == 200
        assert staff(world, role).get("/").status_code == 200
