"""One class of graduates from roster file to ledger, with the real parts, and what must hold all along the way."""

import io
import logging
import os
import re

import openpyxl
import pytest
from django.test import Client, RequestFactory
from django.urls import get_resolver

from budget import examples
from gradphoto.apps.capture.models import Alarm, CheckIn, Frame, Hold
from gradphoto.apps.core import audit_proof, blobs, jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.models import AuditEntry, Job, JobState
from gradphoto.apps.delivery.models import Package, Portrait
from gradphoto.apps.errata.models import Attachment, ErrataCase, ErrataForm
from gradphoto.apps.fees import ledger
from gradphoto.apps.fees.models import Account, Charge, Collection, HandIn, Receipt
from gradphoto.apps.orgs.models import Membership, Organisation, OrganisationKind, Role, User
from gradphoto.apps.pages.models import Export
from gradphoto.apps.registration.models import LedgerEntry
from gradphoto.apps.roster.imports import mark
from gradphoto.apps.roster.models import Candidate, CorrectionCase, Milestone, RosterImport, Signature, SignedTable
from gradphoto.apps.schedule.models import CaptureSession, CollectionRoom, GroupPhoto
from gradphoto.apps.verification.models import Correction, VerificationCase
from gradphoto.demo.journey import Journey
from permissions.test_permissions_numbers import address_of, addresses

# By day it runs on PostgreSQL alone: on SQLite the browser walks the same journey (tests/browser).
pytestmark = [] if os.environ.get("GRADPHOTO_TEST_DATABASE") == "postgresql" else [pytest.mark.nightly]
BACKEND = "django.contrib.auth.backends.ModelBackend"
ID_NUMBER = re.compile(r"990101\d{11}[\dX]")


def finish(job: Job) -> None:
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, (job.kind, job.error_code, job.error)


@pytest.fixture
def told(caplog):
    caplog.set_level(logging.INFO)
    lines: list[str] = []
    journey = Journey("demo-password", lines.append, finish, most_people=40)
    journey.run()
    return lines


@pytest.mark.django_db(transaction=True)
def test_a_class_travels_from_roster_to_ledger(told, caplog):
    _roster_kept_good_rows_and_told_bad_ones()
    _rows_were_signed_in_every_way_and_one_error_waits()
    _money_went_up_with_its_receipts_and_a_group_photograph_is_booked()
    _every_number_has_its_one_frame()
    _outputs_have_their_own_crop_and_provenance()
    _packages_keep_receivers_and_seasons_apart()
    _ledger_has_photos_for_the_confirmed_only()
    assert all(report.whole for report in audit_proof.verify())
    _no_id_number_in(caplog.text, "\n".join(told))
    _every_url_answers_every_role_as_it_should()


def _roster_kept_good_rows_and_told_bad_ones():
    made = RosterImport.objects.get()
    assert (made.row_count, made.good_count, made.bad_count) == (212, 205, 7)
    assert {f.code for f in made.findings.all()} == {
        "roster.name_space", "roster.id_check_digit", "roster.id_15_digits", "roster.duplicate",
        "roster.birth_date_contradicts_id", "roster.political_status_unknown", "roster.required",
    }  # fmt: skip
    assert not ID_NUMBER.search("".join(f.value for f in made.findings.all()))
    assert mark.ask_marked_up(Actor.system("test"), made) is None, (
        "a copy of so few rows is there at once, when it is asked for"
    )
    book = openpyxl.load_workbook(io.BytesIO(mark.take_marked_up(Actor.system("test"), made)))
    assert book.sheetnames == ["问题清单", "名册"]
    assert Candidate.objects.count() == 205


def _rows_were_signed_in_every_way_and_one_error_waits():
    accepted = Candidate.objects.filter(status="accepted")
    assert set(Signature.objects.values_list("way", flat=True)) == {"system", "paper", "phone", "table"}
    for step in ("check", "student", "counsellor", "leader", "registry"):
        assert not accepted.exclude(signatures__step=step, signatures__voided_at=None).exists(), step
    assert CorrectionCase.objects.get().candidate.status == "issued"


def _money_went_up_with_its_receipts_and_a_group_photograph_is_booked():
    assert ledger.prove().right
    to_school, to_centre, waiting = HandIn.objects.order_by("pk")
    assert to_school.amount_fen == to_centre.amount_fen == 2000 * to_school.people_count
    assert (waiting.status, waiting.season, waiting.means) == ("listed", "autumn", "postal")
    assert set(Receipt.objects.values_list("hand_in", flat=True)) == {to_school.pk, to_centre.pk}
    photo = GroupPhoto.objects.get()
    people = Charge.objects.filter(item="group_photo").values_list("candidate__class_name", flat=True)
    assert set(people) == {photo.class_name}
    assert set(Charge.objects.filter(item="group_photo").values_list("status", flat=True)) == {"due", "collected"}


def _every_number_has_its_one_frame():
    numbers = list(CheckIn.objects.order_by("shooting_number").values_list("shooting_number", flat=True))
    assert numbers == list(range(1, 40)), "39 of 40 came; numbers have no gap (R97)"
    assert Frame.objects.filter(status="accepted").count() == 39
    assert Frame.objects.filter(status="rejected").count() == 2, "closed eyes and no face were shot again"
    assert Hold.objects.get().reason == "not_listed"
    assert not Alarm.objects.exists()
    session = CaptureSession.objects.order_by("date").first()
    assert session.status == "closed"


def _outputs_have_their_own_crop_and_provenance():
    sizes = set(Portrait.objects.values_list("profile", "width_px", "height_px"))
    assert sizes == {("mb2017_99", 480, 640), ("legacy_2009", 144, 192), ("print_48x33", 390, 567)}
    assert Portrait.objects.count() == 39 * 3
    for portrait in Portrait.objects.select_related("frame"):
        facts = portrait.provenance
        assert facts["source_sha256"] == portrait.frame.blob_id
        assert facts["output_sha256"] == portrait.blob_id
        across, down = portrait.width_px / facts["crop_width"], portrait.height_px / facts["crop_height"]
        assert across == pytest.approx(down, rel=1e-6), "pixels never stretch"
    one = Portrait.objects.filter(profile="mb2017_99").first()
    data = blobs.read(one.blob)
    assert 20 * 1024 <= len(data) <= 40 * 1024


def _packages_keep_receivers_and_seasons_apart():
    spring, autumn = Package.objects.order_by("number")
    assert (spring.season, spring.organisation.kind) == ("spring", OrganisationKind.SCHOOL)
    assert (autumn.season, autumn.organisation.kind) == ("autumn", OrganisationKind.LEARNING_CENTRE)
    for package in (spring, autumn):
        seasons = set(package.items.values_list("portrait__candidate__season", flat=True))
        assert seasons == {package.season}
        assert package.photo_count == package.items.count() > 0
    unconfirmed = CheckIn.objects.filter(status="shot")
    assert unconfirmed.count() == 3
    assert not unconfirmed.filter(portraits__package_items__isnull=False).exists()


def _ledger_has_photos_for_the_confirmed_only():
    for entry in LedgerEntry.objects.select_related("candidate__verification_case"):
        confirmed = entry.candidate.verification_case.status == "confirmed"
        assert (entry.kind == "with_photo") is confirmed
        assert (entry.portrait_id is not None) is confirmed
    assert LedgerEntry.objects.filter(kind="without_photo").exists()
    assert LedgerEntry.objects.filter(kind="with_photo").exists()
    applied = Correction.objects.get()
    assert ("师范" in applied.case.candidate.major) is (applied.applied_at is not None)
    export = Export.objects.get(listing="registration.ledger")
    assert export.row_count == LedgerEntry.objects.count()


def _no_id_number_in(*texts: str):
    assert not any(ID_NUMBER.search(text) for text in texts)
    details = "".join(str(entry.detail) for entry in AuditEntry.objects.all())
    assert not ID_NUMBER.search(details)


_IMPORT_PAGES = (
    "roster:import", "roster:marked_up", "roster:mapping", "roster:import_progress", "roster:import_fixes",
    "roster:import_decide", "roster:import_discard",
)  # fmt: skip
_CASE_PAGES = ("roster:case", "roster:attach_proof", "roster:proof", "roster:show_proof", "roster:decide_case")


_OF_A_CAMPAIGN = ("registration:close",)
"""Pages without a number that need a campaign, of which a stranger's school has none."""


def _pages():
    """Every address of the staff with an existing record for its number: (name, url, whether it has one)."""
    records = {
        "people": User.objects.get(username="registrar").pk,
        "campaigns": Candidate.objects.first().campaign_id,
        "roster": Candidate.objects.filter(verification_case__isnull=False).first().pk,
        "fees": Candidate.objects.filter(charges__status="handed_in").first().pk,
        "fees:charge_step": Charge.objects.first().pk,
        **dict.fromkeys(("fees:collection", "fees:issue"), Collection.objects.first().pk),
        **dict.fromkeys(("fees:hand_in", "fees:hand_in_step", "fees:hand_in_paper"), HandIn.objects.first().pk),
        **dict.fromkeys(("fees:receipt", "fees:receipt_pdf", "fees:cancel_receipt"), Receipt.objects.first().pk),
        "fees:close_day": Account.objects.filter(kind="person").first().pk,
        "fees:notify": "test",
        **dict.fromkeys(_IMPORT_PAGES, RosterImport.objects.first().pk),
        **dict.fromkeys(_CASE_PAGES, CorrectionCase.objects.first().pk),
        "roster:table_scan": SignedTable.objects.first().pk,
        "roster:drop_milestone": Milestone.objects.first().pk,
        "schedule": CaptureSession.objects.first().slots.first().pk,
        **dict.fromkeys(("schedule:room", "schedule:readiness_paper"), CollectionRoom.objects.first().pk),
        **dict.fromkeys(("schedule:calendar", "schedule:department_leaflets"), Candidate.objects.first().department_id),
        **dict.fromkeys(("schedule:group_photo", "schedule:group_step"), GroupPhoto.objects.first().pk),
        "schedule:duty_list": CaptureSession.objects.first().pk,
        "capture": CaptureSession.objects.order_by("date").first().pk,
        "capture:check_in_step": CheckIn.objects.first().pk,
        "capture:decide_frame": Frame.objects.first().pk,
        "capture:frame_image": Frame.objects.first().pk,
        "review:frame": Frame.objects.first().pk,
        "review:decide": Frame.objects.first().pk,
        "review:reassess": Candidate.objects.first().campaign_id,
        "capture:person": CheckIn.objects.first().candidate_id,
        "capture:decide_hold": Hold.objects.first().pk,
        "capture:settle_alarm": 1,
        "makeup": 1,  # no make-up in this journey: the pages themselves are in tests/makeup
        "makeup:missed": CaptureSession.objects.order_by("date").first().pk,
        "makeup:closing": CaptureSession.objects.order_by("date").first().pk,
        "delivery": Package.objects.first().pk,
        "delivery:make": Candidate.objects.first().campaign_id,
        "delivery:build": Candidate.objects.first().campaign_id,
        "delivery:portrait_image": Portrait.objects.first().pk,
        "core": Job.objects.first().pk,
        "verification": VerificationCase.objects.first().pk,
        "errata": ErrataCase.objects.first().pk,
        "errata:form": ErrataForm.objects.first().pk,
        "errata:form_paper": ErrataForm.objects.first().pk,
        "errata:form_scan": ErrataForm.objects.exclude(scan=None).first().pk,
        "errata:attachment": Attachment.objects.first().pk,
        "registration": VerificationCase.objects.exclude(review=None).first().review.pk,
        "pages": Export.objects.first().pk,
        "registration:entry_photo": LedgerEntry.objects.filter(kind="with_photo").first().pk,
    }
    for name, needed, converters in addresses():
        number = records.get(name, records.get(name.partition(":")[0], 1))
        if (url := address_of(name, needed, converters, number)) is not None:
            yield name, url, bool(needed)


def _every_url_answers_every_role_as_it_should():
    """Who may gets an answer, others 403; a stranger with every role of another school finds nothing (404)."""
    root = Organisation.objects.get(kind=OrganisationKind.NATIONAL_CENTRE)
    strange_school = Organisation.objects.create(kind=OrganisationKind.SCHOOL, name="他校", parent=root)
    stranger = User.objects.create(username="stranger")
    for role in Role:
        Membership.objects.create(user=stranger, organisation=strange_school, role=role)
    outside = Client()
    outside.force_login(stranger, BACKEND)
    pages = list(_pages())
    assert len(pages) > 150
    wrong = []
    for name, url, has_record in pages:
        assert hasattr(get_resolver().resolve(url).func, "allowed_roles"), f"{name} does not say who may open it"
        guest, answer = Client().get(url).status_code, outside.get(url).status_code
        if guest != 302 or answer not in ((404, 405) if has_record or name in _OF_A_CAMPAIGN else (200, 302, 405)):
            wrong.append((name, "guest", guest, "stranger", answer))
    for role in Role:
        user = User.objects.filter(memberships__role=role).exclude(pk=stranger.pk).first() or _newcomer(role)
        person = Client()
        person.force_login(user, BACKEND)
        closed = [page for page in pages if role not in get_resolver().resolve(page[1]).func.allowed_roles]
        assert person.get(closed[0][1]).status_code == 403, (role, closed[0][0])
        wrong += [(name, role) for name, url, _ in closed if not _refused(user, url)]
        for name, url, _ in (page for place, page in enumerate(pages) if _opens(role, place, page[1])):
            if (status := person.get(url).status_code) not in (200, 302, 404, 405, 409):
                wrong.append((name, role, status))
    assert not wrong, wrong


def _opens(role: Role, place: int, url: str) -> bool:
    """Whether this role opens the page here: one of those that may, in turn, and each of them at night."""
    allowed = sorted(get_resolver().resolve(url).func.allowed_roles)
    return role in allowed if examples(1) > 1 else role == allowed[place % len(allowed)]


def _newcomer(role: Role) -> User:
    """Somebody of the school with a role that nobody has in the demo."""
    school = Organisation.objects.filter(kind=OrganisationKind.SCHOOL).order_by("pk").first()
    user = User.objects.create(username=f"newcomer-{role}")
    Membership.objects.create(user=user, organisation=school, role=role)
    return user


def _refused(user: User, url: str) -> bool:
    """Whether the view itself refuses this person, without a page about it: there are thousands."""
    view, args, kwargs = get_resolver().resolve(url)
    request = RequestFactory().get(url)
    request.user = user
    try:
        view(request, *args, **kwargs)
    except PermissionRefusal:
        return True
    return False
