"""Every document for every role in a school with two, one or no college: made as PDF and xlsx, or a refusal in words.

The documents are found in the source (``documents_found``): a new one without a case here fails.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from budget import examples
from documents.document_world import signed_in, world_of
from documents.documents_found import documents, list_files, roles_for
from gradphoto.apps.campaigns.actions import set_contact
from gradphoto.apps.campaigns.models import ContactSide
from gradphoto.apps.delivery.models import Package
from gradphoto.apps.errata.models import ErrataForm
from gradphoto.apps.fees.models import BankImport, HandIn, Receipt
from gradphoto.apps.makeup.models import SelfCollection
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.exporting import MAKERS
from gradphoto.apps.registration.actions import LEDGER
from gradphoto.apps.roster.models import AdmissionsCheck, BulkStep, CorrectionCase, RosterImport
from gradphoto.apps.roster.papers.catalogue import PAPERS
from gradphoto.apps.schedule.models import CaptureSession, CollectionRoom, Slot
from gradphoto.apps.schedule.papers import token_of
from gradphoto.apps.selfphoto.handing_out import LINKS
from gradphoto.apps.selfphoto.references import REFERENCES
from gradphoto.engine.documents import typeset
from world import World

FORMATS = ("pdf", "xlsx")
NIGHTLY = examples(1) > 1
PDF, ZIPPED = b"%PDF", b"PK"


@dataclass(frozen=True)
class Ask:
    """One request for a document: what stands in the address, in the query, in the body."""

    args: tuple[Any, ...] = ()
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None


def _one(world: World) -> Iterator[Ask]:
    """A document of the whole campaign, or of nothing more than who asks."""
    yield Ask()


def _campaign(world: World) -> Iterator[Ask]:
    yield Ask((world.campaign.pk,))


def _each(model: Any, **query: Any) -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        for one in model.objects.order_by("pk"):
            yield Ask((one.pk,), query)

    return asks


def _units(world: World) -> Iterator[Ask]:
    for unit in (world.department, world.other_department, world.learning_centre):
        yield Ask((unit.pk,))


def _classes(world: World) -> Iterator[Ask]:
    for slot in Slot.objects.order_by("pk")[:2]:
        yield Ask((token_of(slot),))


def _seasons(world: World) -> Iterator[Ask]:
    for season in ("spring", "autumn"):
        yield Ask(query={"season": season})
        yield Ask(query={"season": season, "department": world.department.pk})


def _templates(world: World) -> Iterator[Ask]:
    for kind in ("organisations", "people"):
        yield Ask((kind,))


def _hand_outs(world: World) -> Iterator[Ask]:
    for unit in (world.department, world.other_department):
        yield Ask((world.campaign.pk,), {"department": unit.pk, "season": "spring", "class": "计科2201"})


def _cards(world: World) -> Iterator[Ask]:
    for package in Package.objects.all():
        for unit in (world.department, world.other_department):
            yield Ask((package.pk,), body={"department": unit.pk, "class": "计科2201"})


def _summaries(world: World) -> Iterator[Ask]:
    yield Ask()
    for unit in (world.department, world.other_department, world.school):
        yield Ask(query={"organisation": unit.pk})


def _papers(world: World) -> Iterator[Ask]:
    for season in ("spring", "autumn") if NIGHTLY else ("spring",):
        for kind in PAPERS:
            for made_as in FORMATS:
                yield Ask(
                    query={"season": season},
                    body={"form": "make_paper", "row": world.campaign.pk, "kind": kind, "made_as": made_as},
                )


def _case_forms(world: World) -> Iterator[Ask]:
    for case in CorrectionCase.objects.all():
        for kind in ("admission", "status", "identity"):
            yield Ask((case.pk,), body={"form": "case_form", "kind": kind})


def _slips(world: World) -> Iterator[Ask]:
    yield Ask(body={"form": "invite", "person": world.people[Role.COUNSELLOR].pk, "way": "slip"})


def _slip(world: World) -> Iterator[Ask]:
    person = world.people[Role.COUNSELLOR].pk
    yield Ask((person,), body={"form": "invite", "person": person, "way": "slip"})


CASES: dict[str, Callable[[World], Iterator[Ask]]] = {
    "capture:appearance_export": _one,
    "capture:missed_export": _each(CaptureSession),
    "delivery:hand_out": _hand_outs,
    "delivery:print_cards": _cards,
    "delivery:protocol": _each(Package),
    "desk:dashboard": _one,
    "desk:people": _one,
    "errata:form_paper": _each(ErrataForm),
    "errata:summary": _summaries,
    "fees:hand_in_paper": _each(HandIn),
    "fees:hand_ins_export": _one,
    "fees:journal": _one,
    "fees:orders_export": _one,
    "fees:receipt_export": _one,
    "fees:receipt_pdf": _each(Receipt),
    "fees:reconcile_export": _one,
    "fees:refunds_export": _one,
    "fees:shooting_list": _seasons,
    "fees:shooting_lists_export": _one,
    "fees:statements_export": _one,
    "fees:statement_report": _each(BankImport),
    "makeup:closing_sheet": _each(CaptureSession),
    "makeup:collection_report": _each(SelfCollection),
    "makeup:missed": _each(CaptureSession),
    "pairing:board": _each(CaptureSession),
    "people:list": _slips,
    "people:person": _slip,
    "people:tables_export": _templates,
    "people:template": _templates,
    "review:statistics": _one,
    "roster:bulk_export": _each(BulkStep),
    "roster:case": _case_forms,
    "roster:differences_export": _each(AdmissionsCheck),
    "roster:import_export": _each(RosterImport),
    "roster:marked_up": _each(RosterImport),
    "roster:papers": _papers,
    "roster:receipts": _one,
    "roster:template": _one,
    "schedule:annex_five": _one,
    "schedule:annex_one": _one,
    "schedule:class_flow_pdf": _classes,
    "schedule:class_leaflet_pdf": _classes,
    "schedule:department_leaflets": _units,
    "schedule:duty_list": _each(CaptureSession),
    "schedule:flow": _one,
    "schedule:leaflet": _one,
    "schedule:point_table": _one,
    "schedule:province": _one,
    "schedule:readiness_paper": _each(CollectionRoom),
    "schedule:readiness_papers": _one,
    "schedule:room_sign": _each(CaptureSession),
    "schedule:scene_form": _each(CaptureSession),
    "verification:reminder": _one,
}


@pytest.fixture
def once(monkeypatch):
    """The same paper of the same data is typeset once: it is asked for by ten roles."""
    real = typeset
    kept: dict[str, bytes] = {}

    def remembered(template: str, data: Any, **more: Any) -> bytes:
        key = repr((template, data, sorted(more.items(), key=str)))
        if key not in kept:
            kept[key] = real(template, data, **more)
        return kept[key]

    for module in list(sys.modules.values()):
        if getattr(module, "typeset", None) is real:
            monkeypatch.setattr(module, "typeset", remembered)


def test_every_document_of_the_source_has_a_case():
    assert documents() == set(CASES)
    assert set(MAKERS) == {LEDGER, LINKS, REFERENCES}, "those of photographing oneself: tests/selfphoto"
    assert list_files()


def _asking(name: str, colleges: int) -> list[str]:
    """The roles that ask: all who may in the nightly run, else those that see most, a part, and the other side."""
    allowed = roles_for(name) or frozenset({str(Role.REGISTRAR)})
    if NIGHTLY:
        return sorted(allowed)
    wanted = (Role.REGISTRAR, Role.COLLEGE_OFFICER, Role.COLLECTION_CENTRE)[: 3 if colleges == 2 else 1]
    return sorted(allowed & set(map(str, wanted))) or sorted(allowed)[:1]


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("colleges", [2, pytest.param(1, marks=pytest.mark.nightly), 0])
def test_r40_r58_every_document_for_every_role_is_made_or_refused_in_words(colleges, once):
    """A school's part has a column that a college's part lacks: annex 4 of two colleges was a 500 once."""
    world = world_of(colleges)
    browsers = {role: signed_in(world, role) for role in Role.values}
    lacking, wrong = set(CASES), []
    # What is made of one record does not know how many colleges there are.
    whole = {name for name, asks in CASES.items() if asks in (_one, _papers, _seasons, _summaries)}
    for name in sorted(set(CASES) | list_files() if colleges == 2 or NIGHTLY else whole):
        asking = _asking(name, colleges)
        first = str(Role.REGISTRAR) if str(Role.REGISTRAR) in asking else asking[0]
        for role in asking:
            # Who may have the paper may have it either way: by day one of them asks for both.
            formats = FORMATS if NIGHTLY or (role == first and colleges == 2) else ("xlsx",)
            for ask in CASES.get(name, _one)(world):
                if (ask.body or {}).get("made_as", formats[-1]) not in formats:
                    continue
                for made_as in formats if ask.body is None and name in CASES else ("",):
                    told, answer = requested(browsers[role], name, ask, made_as)
                    if told not in ("pdf", "workbook", "page", "elsewhere", "refused"):
                        wrong.append((name, role, made_as, ask, told, answer))
                    if told in ("pdf", "workbook"):
                        lacking.discard(name)
    assert wrong == []
    if colleges == 2:
        assert lacking == set(), "addresses without a document of anybody"
        assert lacking_liaisons(world) == []


BETWEEN_BOTH_SIDES = (
    "delivery:protocol", "errata:form_paper", "makeup:closing_sheet", "schedule:annex_five", "schedule:annex_one",
    "schedule:duty_list", "schedule:point_table", "schedule:readiness_paper", "schedule:scene_form",
)  # fmt: skip
"""Papers with which the school and the centre reach each other; what students sign and hang up names an office."""


def lacking_liaisons(world: World) -> list[tuple[str, str]]:
    """R202: papers without the telephone, fax, mail or post of a side."""
    for side, phone in (("school", "0730-8640001"), ("centre", "0731-82250811")):
        set_contact(
            world.actor(Role.REGISTRAR), world.campaign, side=ContactSide(side), name=f"{side}甲", telephone=phone,
            fax=f"{phone}9", email=f"{side}@example.com", address="迎宾路153号", postcode="410011",
        )  # fmt: skip
    lacking = []
    for name in BETWEEN_BOTH_SIDES:
        role = Role.REGISTRAR if str(Role.REGISTRAR) in roles_for(name) else Role.COLLECTION_CENTRE
        browser = signed_in(world, role)
        answers = (browser.get(f"{reverse(name, args=ask.args)}?format=xlsx&as=xlsx") for ask in CASES[name](world))
        bodies = (b"".join(one) if one.streaming else one.content for one in answers)
        words = next(filter(None, map(text_of, bodies)), "")
        wanted = ("0730-8640001", "传真 0731-822508119", "centre@example.com", "迎宾路153号 410011")
        lacking += [(name, one) for one in wanted if one not in words]
    return lacking


def text_of(body: bytes) -> str:
    """Every word of a paper, as PDF or workbook; "" of what is neither. Lines of a PDF are joined."""
    if body.startswith(PDF):
        return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body)).replace("\r\n", "")
    if not body.startswith(ZIPPED):
        return ""
    sheets = openpyxl.load_workbook(io.BytesIO(body))
    return " ".join(str(c) for sheet in sheets for row in sheet.iter_rows(values_only=True) for c in row if c)


def requested(browser: Client, name: str, ask: Ask, made_as: str) -> tuple[str, Any]:
    """What came: a whole PDF or workbook, a page, a way elsewhere, a refusal in words; anything else is wrong."""
    address = reverse(name, args=ask.args)
    query = "&".join(
        f"{key}={value}" for key, value in {**ask.query, "format": made_as, "as": made_as}.items() if value
    )
    address += f"?{query}"
    answer = browser.get(address) if ask.body is None else browser.post(address, ask.body)
    if answer.status_code == 302:
        return "elsewhere", answer.url
    body = b"".join(answer) if answer.streaming else answer.content
    if answer.status_code in (400, 403, 404, 405, 409, 422):
        return ("refused" if "</html>" in body.decode() or answer.status_code == 405 else "bare"), body[:200]
    if answer.status_code != 200:
        return f"status {answer.status_code}", body[:300]
    if body.startswith(PDF):
        return ("pdf" if len(pypdfium2.PdfDocument(body)) else "empty"), len(body)
    if body.startswith(ZIPPED):
        return ("workbook" if openpyxl.load_workbook(io.BytesIO(body)).sheetnames else "empty"), len(body)
    return ("page" if "</html>" in body.decode("utf-8", "replace") else "other"), body[:100]
