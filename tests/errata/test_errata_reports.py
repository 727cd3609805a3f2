"""A report of the school's check becomes an errata case with one click and ends with it (R154-R158, R174)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from errata.errata_world import CONTACT, TODAY, at_the_agency, deliver_photograph, draft
from gradphoto.apps.core.errors import PermissionRefusal, Refusal
from gradphoto.apps.delivery.actions import report_photo, settle_report, withdraw_report
from gradphoto.apps.delivery.models import DeliveryReport, Package, ReportKind, ReportStatus
from gradphoto.apps.errata import steps
from gradphoto.apps.errata.drafting import Wrong, draft_case
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.models import AttachmentKind, CaseReport, CaseStatus, ErrataCase, Origin
from gradphoto.apps.errata.reported import case_of_report
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from verification.graduate_world import add_graduate, staff
from world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = build_world()
    for n in (1, 2, 3):
        add_graduate(world, n)
    Package.objects.update(delivered_at=timezone.now(), check_due=timezone.localdate() + timedelta(days=20))
    return world


def report(world, kind=ReportKind.MISSING, n=1, note="") -> DeliveryReport:
    package = Package.objects.get()
    person = package.items.get(shooting_number=n).portrait.candidate
    return report_photo(world.actor(Role.REGISTRAR), package, candidate=person, kind=kind, note=note)


def case_for(world, found, kind=ErrataKind.MISSING) -> ErrataCase:
    return case_of_report(world.actor(Role.REGISTRAR), found, contact=CONTACT, kind=kind)


def test_one_click_makes_the_case_with_what_is_known_and_the_list_shows_its_clock(world):
    draft(world, report(world, n=2).candidate, ErrataKind.BLURRED)  # whoever drafted before has left a contact
    found = report(world, note="光盘中没有")
    office = staff(world, Role.REGISTRAR)
    answer = office.post(reverse("errata:report_case", args=[found.pk]))
    case = ErrataCase.objects.get(kind=ErrataKind.MISSING)
    assert answer.url == reverse("errata:detail", args=[case.pk])
    assert (case.origin, case.package, case.description) == (Origin.DELIVERY, found.package, "光盘中没有")
    assert [item.candidate for item in case.items.all()] == [found.candidate]
    at_the_agency(world, case)
    page = office.get(f"/delivery/{found.package_id}/reports/").content.decode()
    assert str(case) in page
    assert f"{case.due_on:%Y-%m-%d}" in page
    assert "个工作日" in page
    assert "核对登记" in office.get(answer.url).content.decode()


def test_without_a_known_contact_the_draft_page_opens_filled_in_and_links_what_it_drafts(world):
    found, office = report(world, ReportKind.DAMAGED, note="折痕"), staff(world, Role.REGISTRAR)
    answer = office.post(reverse("errata:report_case", args=[found.pk]))
    page = office.get(answer.url).content.decode()
    assert found.candidate.name in page
    assert "折痕" in page
    facts = {"contact": CONTACT.name, "telephone": CONTACT.telephone, "address": CONTACT.address, "description": "折痕"}
    office.post(answer.url, facts)
    assert CaseReport.objects.get(report=found).case.kind == ErrataKind.DAMAGED


def test_wrong_data_need_their_right_value_and_open_the_draft_page(world):
    draft(world, report(world, n=2).candidate)
    found = report(world, ReportKind.WRONG)
    answer = staff(world, Role.REGISTRAR).post(reverse("errata:report_case", args=[found.pk]), {"kind": "data_wrong"})
    assert "kind=data_wrong" in answer.url
    assert f"report={found.pk}" in answer.url
    assert not CaseReport.objects.exists()


def test_a_report_joins_the_case_that_is_open_for_this_person_and_error(world):
    found = report(world)
    case = draft(world, found.candidate)
    assert case_for(world, found) == case
    assert case_for(world, found) == case, "a second click makes no second case"
    assert ErrataCase.objects.count() == 1


def test_closing_the_case_closes_the_report_and_nothing_else_does(world):
    found = report(world)
    case = case_for(world, found)
    at_the_agency(world, case)
    registrar, centre = world.actor(Role.REGISTRAR), world.actor(Role.COLLECTION_CENTRE)
    for step in (lambda: settle_report(centre, found, note="已补"), lambda: withdraw_report(registrar, found)):
        with pytest.raises(Refusal) as refused:
            step()
        assert refused.value.code == "delivery.report_has_case"
    steps.reissue_case(centre, case, on=TODAY(), note="已补发")
    steps.attach_file(centre, case, kind=AttachmentKind.REPLY, data=b"%PDF-1.7 SF 1", media_type="application/pdf")
    deliver_photograph(world, case.items.get().candidate)
    steps.confirm_case(registrar, case)
    found.refresh_from_db()
    assert (found.status, found.settled_note) == (ReportStatus.SETTLED, f"{case} 已补发")


def test_a_refused_case_closes_the_report_with_the_corrector_s_reason(world):
    found = report(world)
    case = case_for(world, found)
    at_the_agency(world, case)
    steps.refuse_case(world.actor(Role.COLLECTION_CENTRE), case, reason="底片已销毁")
    found.refresh_from_db()
    assert found.status == ReportStatus.SETTLED
    assert "底片已销毁" in found.settled_note


def test_a_withdrawn_case_takes_its_report_back_and_a_withdrawn_report_its_draft(world):
    registrar = world.actor(Role.REGISTRAR)
    first = report(world)
    steps.withdraw_case(registrar, case_for(world, first), reason="找到了")
    first.refresh_from_db()
    assert first.status == ReportStatus.WITHDRAWN
    second = report(world, n=2)
    case = case_for(world, second)
    withdraw_report(registrar, second)
    case.refresh_from_db()
    assert (second.status, case.status) == (ReportStatus.WITHDRAWN, CaseStatus.WITHDRAWN)


def test_a_case_that_somebody_drafted_himself_outlives_the_report_that_joined_it(world):
    found = report(world)
    case = draft(world, found.candidate)
    case_for(world, found)
    withdraw_report(world.actor(Role.REGISTRAR), found)
    case.refresh_from_db()
    assert case.status == CaseStatus.DRAFTED


def test_the_collection_centre_and_strangers_make_no_case_of_a_school_s_report(world):
    found = report(world)
    for actor in (world.actor(Role.COLLECTION_CENTRE), world.stranger(Role.REGISTRAR)):
        with pytest.raises(PermissionRefusal):
            case_of_report(actor, found, contact=CONTACT, kind=ErrataKind.MISSING)


def test_the_list_of_reports_costs_no_query_a_report(world):
    office, counts = staff(world, Role.REGISTRAR), []
    for more in ((1,), (2, 3)):
        for n in more:
            case_for(world, report(world, n=n))
        with CaptureQueriesContext(connection) as asked:
            office.get(f"/delivery/{Package.objects.get().pk}/reports/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_r98_shifted_data_open_the_pairing_of_their_session_with_the_run_marked(world):
    people = [item.portrait.candidate for item in Package.objects.get().items.filter(shooting_number__gte=2)]
    case = draft_case(
        world.actor(Role.REGISTRAR),
        world.campaign,
        kind=ErrataKind.DATA_SHIFTED,
        people=[Wrong(person) for person in people],
        contact=CONTACT,
        session=CaptureSession.objects.get(),
    )
    office = staff(world, Role.REGISTRAR)
    page = office.get(reverse("errata:detail", args=[case.pk])).content.decode()
    where = f"{reverse('pairing:board', args=[case.session_id])}?first=2&amp;last=3#timeline"
    assert where in page
    repair = office.get(where.replace("&amp;", "&")).content.decode()
    assert repair.count('class="is-marked"') == 2
    college = staff(world, Role.COLLEGE_OFFICER).get(reverse("errata:detail", args=[case.pk])).content.decode()
    assert "capture/sessions" not in college
