"""The papers of a package: image cards, printed once, and the hand-over protocol."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.core import blobs
from gradphoto.apps.core.addresses import site_address
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.delivery import actions
from gradphoto.apps.delivery.card_sheet import PrintedCard, card_sheets
from gradphoto.apps.delivery.checking import classes_of
from gradphoto.apps.delivery.forms import ClassOfPackage, ReissueCards
from gradphoto.apps.delivery.handover import handover_protocol
from gradphoto.apps.delivery.models import ImageCard, Package, PackageItem
from gradphoto.apps.delivery.queries import people_of
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.pages.downloads import PDF, download
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, form_action, posted_form, sent_values

_SEASONS = {"spring": "春季", "autumn": "秋季"}
_FOUND_AT_MOST = 20
CARDS_AT_ONCE = 270
"""Thirty pages: what a browser waits for, and a person checks, in one go."""


def _package(request: SignedInRequest, pk: int) -> Package:
    found = Package.objects.select_related("campaign__school", "campaign__centre", "organisation")
    return get_scoped(request.actor, found, pk=pk)


@page("delivery.check")
def cards(request: SignedInRequest, pk: int) -> HttpResponse:
    """Class by class: how many cards are on paper already; cards are issued anew here."""
    if request.method == "POST":
        return form_action(
            request,
            posted_form(request, (ReissueCards,), _package(request, pk)),
            again=lambda form: _cards(request, pk, form),
            done=lambda made: redirect("delivery:cards", pk=pk),
        )
    return _cards(request, pk)


def _reissue(
    request: SignedInRequest, package: Package, posted: ActionForm | None, key: str, **of: object
) -> ReissueCards:
    """The form of a class or of one card; the one that was refused in its place."""
    if isinstance(posted, ReissueCards) and posted.key == key:
        return posted
    return ReissueCards(request.actor, package, key=key, initial=of)


def _cards(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    package = _package(request, pk)
    mine = ImageCard.objects.filter(candidate__in=people_of(package))
    printed = {
        (department, name): count
        for department, name, count in mine.filter(printed_at__isnull=False)
        .values_list("candidate__department", "candidate__class_name")
        .annotate(n=Count("pk"))
    }
    rows = [
        (
            part,
            printed.get((part.department.pk, part.name), 0),
            _reissue(request, package, posted, f"class-{n}", department=part.department.pk, class_name=part.name),
        )
        for n, part in enumerate(classes_of(package))
    ]
    words = request.GET.get("q", "").strip()
    found = mine.filter(Q(candidate__student_no__startswith=words) | Q(candidate__name=words)) if words else mine.none()
    cards = first_rows(found.select_related("candidate__department").order_by("candidate__student_no"), _FOUND_AT_MOST)
    context = {
        "package": package,
        "rows": rows,
        "words": words,
        "found": cards.drawn(lambda card: (card, _reissue(request, package, posted, f"card-{card.pk}", card=card.pk))),
    }
    return render(request, "delivery/cards.html", context)


@page("delivery.check")
@require_POST
def print_cards(request: SignedInRequest, pk: int) -> HttpResponse:
    """The unprinted cards of one class as PDF. It is made before the codes are erased: a failure costs no code."""
    package = _package(request, pk)
    asked = sent_values(request, ClassOfPackage)
    items = _unprinted(package, asked["department"], asked["class_name"])
    if not items or package.delivered_at is None:
        raise refuse(
            "delivery.nothing_to_print",
            "没有待打印的图像信息卡。",
            "There is no card to print.",
            "卡片在交付后生成，校对码只打印一次；遗失或损坏的请重发。",
            "Cards are issued on delivery and printed once; a lost or spoiled one is issued anew.",
        )
    pdf = card_sheets(
        [_printed(package, item) for item in items],
        title=f"图像信息卡 {package}",
        portal=site_address(),
        dated=timezone.localtime(),
    )
    actions.print_cards(request.actor, package, cards=[item.portrait.candidate.image_card for item in items])
    name = f"cards-{package}-{items[0].portrait.candidate.student_no}.pdf"
    return download(pdf, name, PDF)


def _unprinted(package: Package, department: int, class_name: str) -> list[PackageItem]:
    waiting = package.items.filter(
        portrait__candidate__department=department,
        portrait__candidate__class_name=class_name,
        portrait__candidate__image_card__printed_at=None,
        portrait__candidate__image_card__isnull=False,
    )
    full = waiting.select_related("portrait__blob", "portrait__candidate__image_card", "portrait__check_in")
    return list(full.order_by("portrait__candidate__student_no")[:CARDS_AT_ONCE])


def _printed(package: Package, item: PackageItem) -> PrintedCard:
    person, school = item.portrait.candidate, package.campaign.school
    return PrintedCard(
        name=person.name,
        student_no=person.student_no,
        school_code=school.code,
        school=school.name,
        season=f"{package.campaign.cohort_year}届{_SEASONS[person.season]}{person.leaves_as}",
        class_name=person.class_name,
        shooting_number=item.portrait.check_in.number_label,
        code=person.image_card.code.decrypt(),
        issue=person.image_card.issue,
        photo=blobs.read(item.portrait.blob),
    )


@page("delivery.follow_check")
def protocol(request: SignedInRequest, pk: int) -> HttpResponse:
    """The hand-over protocol as PDF."""
    package = _package(request, pk)
    if package.delivered_at is None:
        raise refuse(
            "delivery.not_delivered",
            "尚未交付。",
            "It is not delivered yet.",
            "交付后才能打印交接单。",
            "The protocol is printed after the delivery.",
        )
    pdf = handover_protocol(package).to_pdf(request.LANGUAGE_CODE)
    return download(pdf, f"handover-{package}.pdf", PDF, inline=True)
