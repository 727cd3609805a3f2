"""What the self-photograph shows on the pages of the rooms before it: the way to links and states (R9, R144, R148)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.slots import fills
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup.models import MakeUpCase, SelfCollection
from gradphoto.apps.orgs.models import OrganisationKind
from gradphoto.apps.orgs.permissions import holds
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.selfphoto.models import SelfPortrait
from gradphoto.apps.selfphoto.terms import Group, is_photographed, require_terms, terms_of
from gradphoto.engine.wording import Wording

_TITLE = Wording("手机自助拍摄", "Photographing oneself")
Shown = Mapping[int, SafeString]


@fills("person.actions")
def to_own_photograph(
    request: HttpRequest, people: Sequence[Candidate], package: int | None = None, **_: object
) -> Shown:
    """A link for each person whom it concerns; nothing beside a photograph that is packed already."""
    if package or not holds(request.user, "selfphoto.read"):
        return {}
    return {
        person.pk: format_html(
            '<a class="btn btn-outline-secondary" href="{}">{}</a>',
            reverse("selfphoto:person", args=[person.pk]),
            say(_TITLE),
        )
        for person in people
        if _portrait_of(person) or _may_begin(person)
    }


@fills("makeup.case")
def of_a_case(request: HttpRequest, cases: Sequence[MakeUpCase]) -> Shown:
    """Beside the ways to be photographed of a make-up case: by one's own phone, where the rule allows this person."""
    if not holds(request.user, "selfphoto.read"):
        return {}
    told = {case.pk: (case.candidate, _portrait_of(case.candidate)) for case in cases}
    return {
        pk: render_to_string(
            "selfphoto/in_case.html",
            {"person": person, "portrait": portrait, "may_issue": holds(request.user, "selfphoto.issue")},
            request,
        )
        for pk, (person, portrait) in told.items()
        if portrait or _may_begin(person)
    }


@fills("makeup.own")
def of_ones_own_case(request: HttpRequest, cases: Sequence[MakeUpCase]) -> Shown:
    """What the person reads on the own make-up page: that a phone will do, and where the link comes from."""
    told = {case.pk: (case.candidate, _portrait_of(case.candidate)) for case in cases}
    return {
        pk: render_to_string("selfphoto/own/in_case.html", {"entry": portrait}, request)
        for pk, (person, portrait) in told.items()
        if _may_begin(person)
    }


@fills("makeup.collection")
def of_a_collection(request: HttpRequest, collections: Sequence[SelfCollection]) -> Shown:
    """Beside a learning centre's own collection: its people may photograph themselves, where the rule says so."""
    if not holds(request.user, "selfphoto.read"):
        return {}
    shown = {}
    for one in collections:
        terms = terms_of(one.campaign)
        is_centre = one.organisation.kind == OrganisationKind.LEARNING_CENTRE
        if terms.is_over or not (terms.main_way or (is_centre and Group.LEARNING_CENTRE in terms.groups)):
            continue
        asked = {"campaign": one.campaign_id} | ({"department": one.organisation_id} if is_centre else {})
        context = {"url": f"{reverse('selfphoto:list')}?{urlencode(asked)}", "until": terms.until}
        shown[one.pk] = render_to_string("selfphoto/in_collection.html", context, request)
    return shown


def _portrait_of(person: Candidate) -> SelfPortrait | None:
    return SelfPortrait.objects.filter(candidate=person).first()


def _may_begin(person: Candidate) -> bool:
    """Whether the rules let this person photograph themselves today, and nobody has photographed them yet."""
    try:
        require_terms(person)
    except Refusal:
        return False
    return not is_photographed(_portrait_of(person) or SelfPortrait(candidate=person))
