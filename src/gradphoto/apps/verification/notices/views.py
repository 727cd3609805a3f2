"""Pages of the notices: writing a round, uploading addresses, and the proof for every person (R203)."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.lists import NOTICES, ROUNDS
from gradphoto.apps.verification.models import Opening, VerificationCase
from gradphoto.apps.verification.notices import actions
from gradphoto.apps.verification.notices.audience import contacts_of, people_of, told_contacts, told_of
from gradphoto.apps.verification.notices.channels import is_configured
from gradphoto.apps.verification.notices.contacts import BadContact
from gradphoto.apps.verification.notices.forms import NOTICE_FORMS, KeepContacts
from gradphoto.apps.verification.notices.models import (
    REACHED,
    TO_CONTACTS,
    UNSENT,
    Channel,
    ContactPoint,
    Notice,
    NoticeKind,
    NoticeRound,
    NoticeState,
)
from gradphoto.apps.verification.notices.texts import FIELDS, Language, filled, proposed
from gradphoto.engine.wording import Wording

_SHOWN_BAD_ROWS = 10


@page("verification.notify")
def notices(request: SignedInRequest) -> HttpResponse:
    """How many were told, the rounds so far, the form for another, and addresses from a table."""
    if request.method == "POST":
        form = posted_form(request, NOTICE_FORMS, None)
        return form_action(
            request, form, again=lambda form: _notices(request, form), done=lambda made: _done(request, form, made)
        )
    return _notices(request)


def _done(request: SignedInRequest, form: ActionForm, made: NoticeRound | int) -> HttpResponse:
    if isinstance(made, NoticeRound):
        return redirect("verification:notice_round", pk=made.pk)
    if isinstance(form, KeepContacts):
        _tell_bad_rows(request, form.table.bad)
        _tell_unknown(request, form.unknown)
    return redirect("verification:notices")


def _tell_bad_rows(request: SignedInRequest, found: Sequence[BadContact]) -> None:
    for bad in found[:_SHOWN_BAD_ROWS]:
        messages.warning(request, f"{say(Wording('第 {n} 行：', 'Row {n}: ').format(n=bad.row))}{say(bad.why)}")
    if len(found) > _SHOWN_BAD_ROWS:
        rest = Wording("另有 {n} 行未采用。", "{n} more rows were not taken.").format(n=len(found) - _SHOWN_BAD_ROWS)
        messages.warning(request, say(rest))


def _tell_unknown(request: SignedInRequest, numbers: Sequence[str]) -> None:
    """Student numbers of the table that are nobody's of the sender: named, so that none is dropped in silence."""
    if numbers:
        shown = "、".join(numbers[:_SHOWN_BAD_ROWS]) + ("……" if len(numbers) > _SHOWN_BAD_ROWS else "")
        told = Wording(
            "{n} 个学号不在您的名册中，未采用：{them}",
            "{n:student number|student numbers} not on your roster, not taken: {them}",
        )
        messages.warning(request, say(told.format(n=len(numbers), them=shown)))


def _preview(request: SignedInRequest, kind: str, text: str) -> dict[str, object]:
    """What a real person would get: the one asked for by student number, else the first for whom the kind is meant."""
    campaign = scoped(request.actor, Campaign).exclude(status="closed").first()
    number = request.GET.get("student_no", "").strip()
    if campaign is None:
        return {}
    if kind in TO_CONTACTS:
        contact = contacts_of(campaign, kind).first()
        values = told_contacts(campaign).values
        shown = filled(text, contact, None, timezone.localdate(), values) if contact else ""
        return {"preview": shown, "preview_of": contact, "student_no": number}
    people = people_of(request.actor, campaign, kind).select_related("campaign__school")
    person = people.filter(student_no=number).first() if number else people.first()
    if person is None:
        return {"preview": "", "preview_of": None, "student_no": number}
    told = told_of(campaign, kind, [person.pk]).get(person.pk)
    closes = Opening.objects.filter(campaign=campaign, season=person.season).values_list("closes_on", flat=True).first()
    shown = filled(text, person, closes, timezone.localdate(), told.values if told else None)
    return {"preview": shown, "preview_of": person, "student_no": number}


def _notices(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    cases = scoped(request.actor, VerificationCase)
    reached = Notice.objects.filter(state__in=REACHED).values("candidate")
    kind = _one_of(NoticeKind, request.GET.get("kind"), NoticeKind.REMINDER)
    language = _one_of(Language, request.GET.get("in"), Language.CHINESE)
    campaign = scoped(request.actor, Campaign).exclude(status="closed").first()
    start = {"kind": kind, "text": proposed(kind, language, campaign)}
    context = {
        "total": cases.count(),
        "told": cases.filter(candidate__in=reached).count(),
        "unverified": cases.filter(status__in=UNVERIFIED).count(),
        "untold": cases.filter(status__in=UNVERIFIED).exclude(candidate__in=reached).count(),
        "contacts": scoped(request.actor, ContactPoint).values("candidate").distinct().count(),
        "listing": ROUNDS.page(request),
        "kinds": NoticeKind.choices,
        "kind": kind,
        "languages": Language.choices,
        "language": language,
        "unconfigured": [
            label for value, label in Channel.choices if value != Channel.IN_PERSON and not is_configured(value)
        ],
        "fields": FIELDS,
        "page_forms": PageForms(request.actor, None, NOTICE_FORMS, posted, send_notices=start),
        "rule_url": f"{reverse('campaigns:rule', args=[campaign.pk])}?key=notice.{kind}" if campaign else "",
        **_preview(request, kind, start["text"]),
    }
    return render(request, "verification/notices/notices.html", context)


def _one_of(kind: type[NoticeKind] | type[Language], value: str | None, other: str) -> str:
    return value if value in kind.values else str(other)


@page("verification.notify")
@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try again whom a round did not reach."""
    made = get_scoped(request.actor, NoticeRound.objects.select_related("job"), pk=pk)
    tried = actions.send_again(request.actor, made)
    messages.success(request, say(Wording("正在补发给 {n} 人。", "Trying {n:person|persons} again.").format(n=tried)))
    return redirect("verification:notice_round", pk=pk)


@page("verification.notify")
def notice_round(request: SignedInRequest, pk: int) -> HttpResponse:
    """One round: who was reached, who was not and why; the file is the proof."""
    made = get_scoped(request.actor, NoticeRound.objects.select_related("campaign", "job", "created_by"), pk=pk)
    listing = NOTICES.page(request, round=pk)
    unsent = scoped(request.actor, Notice).filter(round=made, state__in=(*UNSENT, NoticeState.NO_ADDRESS)).exists()
    context = {
        "round": made,
        "listing": listing,
        "tabs": [one for one in listing.tabs("state") if one.count or not one.value],
        "may_try_again": (made.job is None or made.job.is_over) and unsent,
    }
    return render(request, "verification/notices/round.html", context)
