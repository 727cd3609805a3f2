"""The pre-assigned number: given once when the list is issued, the same on list and card, kept ever after (R47, R101)."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pypdfium2
import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils.timezone import localdate

from fees.fee_world import class_of, pay
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core import blobs
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.fees import shooting_lists
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, CandidateStatus, Document, SignedPage
from gradphoto.apps.roster.papers.catalogue import PAPERS
from gradphoto.apps.roster.papers.issuing import Selection, sheets
from pages.form_cases import pdf
from verification.graduate_world import staff
from world import add_candidate, save

pytestmark = pytest.mark.django_db


def issue(world, role: Role = Role.REGISTRAR, season: Season = Season.SPRING, **more):
    campaign = Campaign.objects.get(pk=world.campaign.pk)
    people = shooting_lists.to_be_shot(world.actor(role), campaign, season, to_issue=True, **more)
    return shooting_lists.issue(world.actor(role), campaign, people, address=str, made_as="pdf")


def numbers() -> dict[str, int | None]:
    return dict(Candidate.objects.values_list("student_no", "preassigned_number"))


def rows(answer) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    return [row for row in book.active.iter_rows(values_only=True) if re.fullmatch(r"2022\d{6}", str(row[1] or ""))]


def test_r47_the_number_is_stored_once_and_kept_when_others_drop_out(world):
    people = class_of(world, 4)
    pay(world, people)
    [made] = issue(world)
    assert numbers() == {f"202200000{n}": n for n in (1, 2, 3, 4)}
    [again] = issue(world)
    assert again.document == made.document, "the same list keeps its document number"
    people[1].status = CandidateStatus.REMOVED
    save(people[1], "status")
    pay(world, [add_candidate(world, 0)])  # first by student number, but later on the list
    [next_made] = issue(world)
    assert next_made.document != made.document, "changed data are another document"
    assert numbers() == {"2022000000": 5, **{f"202200000{n}": n for n in (1, 2, 3, 4)}}
    assert [row[0] for row in next_made.form.sections[0].rows] == ["0001", "0003", "0004", "0005"]


def test_b7_a_number_names_one_person_of_the_campaign(world):
    pay(world, class_of(world, 2))
    pay(world, [add_candidate(world, 7, department=world.other_department)], role=Role.REGISTRAR)
    pay(world, [add_candidate(world, 8, season=Season.AUTUMN)])
    issue(world)
    issue(world, season=Season.AUTUMN)
    given = list(numbers().values())
    assert sorted(given) == [1, 2, 3, 4]
    person = Candidate.objects.get(student_no="2022000008")
    person.preassigned_number = 1
    with pytest.raises(IntegrityError):
        save(person)


def test_a_college_numbers_its_own_people_alone(world):
    pay(world, class_of(world, 1))
    pay(world, [add_candidate(world, 7, department=world.other_department)], role=Role.REGISTRAR)
    issue(world, Role.COUNSELLOR)
    assert numbers() == {"2022000001": 1, "2022000007": None}
    everybody = list(Candidate.objects.order_by("student_no"))
    with pytest.raises(PermissionRefusal):
        shooting_lists.preassign_numbers(world.actor(Role.COUNSELLOR), world.campaign, people=everybody)
    with pytest.raises(PermissionRefusal):
        shooting_lists.preassign_numbers(world.stranger(Role.REGISTRAR), world.campaign, people=everybody)


def test_the_download_is_a_draft_until_the_list_is_issued_and_shows_the_stored_numbers_after(world):
    people = class_of(world, 3)
    pay(world, people)
    registrar, centre = staff(world, Role.REGISTRAR), staff(world, Role.COLLECTION_CENTRE)
    address, asked = reverse("fees:shooting_list"), {"season": "spring"}
    before = registrar.get(address, asked)
    assert [row[0] for row in rows(before)] == ["", "", ""]
    assert "draft" in before["Content-Disposition"]
    assert numbers() == dict.fromkeys(numbers()), "a look gives no number"
    answer = registrar.post(reverse("fees:shooting_lists"), {"season": "spring"}, follow=True)
    document = Document.objects.get(kind="shooting_list")
    assert document.number in answer.content.decode()
    for browser in (registrar, centre):
        after = browser.get(address, asked)
        assert [(row[0], row[1]) for row in rows(after)] == [(f"000{n}", f"202200000{n}") for n in (1, 2, 3)]
        assert document.number in after["Content-Disposition"]
    text = "".join(
        page.get_textpage().get_text_range()
        for page in pypdfium2.PdfDocument(registrar.get(address, {**asked, "format": "pdf"}).content)
    )
    for part in ("预拍摄序号", "0003", document.number, "（学工办盖章）"):
        assert part in text, part


def test_r47_the_signed_list_is_scanned_and_filed_by_its_number(world):
    pay(world, class_of(world, 1))
    [made] = issue(world)
    browser = staff(world, Role.COUNSELLOR)
    page = browser.get(reverse("roster:document", args=[made.document.number]))
    assert "毕业班辅导员" in page.content.decode()
    browser.post(
        reverse("roster:document", args=[made.document.number]),
        {
            "form": "attach_signed_page",
            "file": pdf(),
            "signer_0": "王辅导",
            "seal": "学工办",
            "signed_on": str(localdate(made.document.made_at)),
        },
    )
    assert SignedPage.objects.get().document == made.document
    assert "已归档" in staff(world, Role.REGISTRAR).get(reverse("fees:shooting_lists")).content.decode()


def test_every_list_that_was_issued_can_be_reached_searched_and_exported(world):
    """The page showed the newest hundred and no more, without a word."""
    pay(world, class_of(world, 1))
    [made] = issue(world)
    for n in range(22):
        Document.objects.create(
            campaign=world.campaign, organisation=made.document.organisation, kind="shooting_list", season="spring",
            class_name=str(n), number=f"MD-OLD-{n:02d}", digest=made.document.digest, people=1, made_by="王老师",
            made_at=made.document.made_at - timedelta(days=n + 1),
        )  # fmt: skip
    SignedPage.objects.create(
        document=made.document, scan=blobs.put(pdf().read(), "application/pdf"), signatures=[], seal="学工办",
        signed_on=localdate(), attached_by="王老师",
    )  # fmt: skip
    browser, address = staff(world, Role.REGISTRAR), reverse("fees:shooting_lists")
    assert browser.get(address).context["listing"].page.paginator.count == 23
    assert "MD-OLD-21" in browser.get(address, {"page": "2"}).content.decode()
    for asked, count in (
        ({"scan": "filed"}, 1),
        ({"scan": "awaited"}, 22),
        ({"q": "old-0"}, 10),
        ({"season": "autumn"}, 0),
    ):
        page = browser.get(address, asked)
        assert page.context["listing"].page.paginator.count == count, asked
    assert "没有符合条件的名单" in page.content.decode()
    lines = browser.get(reverse("fees:shooting_lists_export"), {"format": "csv"})
    assert len(b"".join(lines.streaming_content).decode().splitlines()) == 24


def test_the_collection_card_bears_the_number(world):
    people = class_of(world, 2)
    pay(world, people[:1])
    issue(world)
    paper = PAPERS["cards"]
    [sheet] = sheets(world.actor(Role.REGISTRAR), paper, Selection(world.campaign, "spring"))
    cards = paper.make(sheet)
    assert [one.preassigned for one in cards.cards] == ["0001", ""]
    text = pypdfium2.PdfDocument(cards.to_pdf("zh"))[0].get_textpage().get_text_range()
    assert re.search(r"预序号\s*0001", text)
