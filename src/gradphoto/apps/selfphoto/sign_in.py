"""The sign-in of the own photograph: a link's code, an image card, or a collection code, with who one is (R144, R165).

As at every door of the graduates: whatever is wrong is one sentence after the same work, and the secret is what is looked
up, so that a stranger learns nothing of who exists. Attempts are slowed down by ``access.throttling`` alone, in one count
with the other pages of the student.
"""

from __future__ import annotations

import functools
import hmac
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from gradphoto.apps.access.client import Client
from gradphoto.apps.access.models import AccessAttempt, EntryPoint
from gradphoto.apps.access.sessions import SessionCookie
from gradphoto.apps.access.throttling import (
    TooManyAttempts,
    mark_succeeded,
    record_attempt,
    record_failure,
    tell_to_wait,
)
from gradphoto.apps.campaigns.models import Campaign, CampaignStatus, Rule
from gradphoto.apps.campaigns.rules import value_or_none
from gradphoto.apps.campaigns.settings_keys import COLLECTION_CODE
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import View
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.roster.permissions import by_the_student, student
from gradphoto.apps.roster.sign_in import subject_of
from gradphoto.apps.roster.typed import plain
from gradphoto.apps.selfphoto.links import portrait_of
from gradphoto.apps.selfphoto.models import PersonalLink, PhotoSession, SelfPortrait
from gradphoto.apps.selfphoto.terms import require_terms, terms_of
from gradphoto.apps.verification import sign_in as portal
from gradphoto.engine.devices.collection_code import codec_of
from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.names import loose_key
from gradphoto.engine.wording import Wording

SESSIONS = SessionCookie(PhotoSession, "gradphoto_my_photo", "myphoto:enter")
_RUNNING = (CampaignStatus.COLLECTING, CampaignStatus.VERIFYING)
_MOST_CAMPAIGNS_READ = 20
_PEOPLE = ("candidate__campaign__school", "candidate__campaign__rule_set", "candidate__department")
_GOING_ON = SESSIONS.going_on(
    PhotoSession.objects.select_related("link", "portrait", *(f"portrait__{name}" for name in _PEOPLE))
)


class EntryRefusal(Refusal):
    """The one answer to everything that does not open the page."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "selfphoto.not_recognised",
            Wording(
                "所填信息不一致，或链接已失效。",
                "What you entered does not match, or the link has ended.",
            ),
            Wording(
                "请对照学院发给您的链接单逐字填写；仍无法进入请联系学院。",
                "Copy it exactly from the slip that your college gave you. If it still fails, ask your college.",
            ),
        )


def by_link(*, code: str, student_no: str, name: str, client: Client) -> tuple[Candidate, PersonalLink]:
    """Whom a link's code, student number and name name together.

    Raises ``TooManyAttempts`` or ``EntryRefusal``; every attempt is kept, without what was entered.
    """
    attempt = record_attempt(EntryPoint.SELF_PHOTO, subject=subject_of(student_no), client=client)
    links = PersonalLink.objects.select_related(*(f"portrait__{one}" for one in _PEOPLE))
    link = links.filter(code_index=blind_index(plain(code).replace(" ", ""))).first()
    offered = blind_index(f"{plain(student_no)}|{loose_key(name)}")
    person = link.portrait.candidate if link else None
    expected = blind_index(f"{plain(person.student_no)}|{loose_key(person.name)}" if person else "no such link")
    if not hmac.compare_digest(offered, expected) or link is None or not link.is_live:
        record_failure(attempt)
        raise EntryRefusal
    _let_in(attempt, link.portrait.candidate, link)
    return link.portrait.candidate, link


def by_card(*, school_code: str, student_no: str, name: str, code: str, client: Client) -> Candidate:
    """Whom an image card names (R165): who has one already and is to be photographed again."""
    try:
        person, attempt = portal.identify(
            school_code=school_code, student_no=student_no, name=name, code=code, client=client
        )
    except portal.CardRefusal:
        raise EntryRefusal from None
    found = Candidate.objects.select_related("campaign__school", "campaign__rule_set", "department").get(pk=person.pk)
    _let_in(attempt, found, None)
    return found


def by_collection_code(*, code: str, student_no: str, client: Client) -> Candidate:
    """Whom a collection code (采集码) names, read by the adapter that the campaign's rule set names."""
    attempt = record_attempt(EntryPoint.SELF_PHOTO, subject=subject_of(student_no), client=client)
    person = _holder(code, student_no)
    if person is None:
        record_failure(attempt)
        raise EntryRefusal
    _let_in(attempt, person, None)
    return person


def reads_collection_codes() -> bool:
    """Whether some campaign whose people may photograph themselves now names an adapter that is installed."""
    named = Rule.objects.filter(key=COLLECTION_CODE.name, withdrawn_reason="")
    running = Campaign.objects.filter(status__in=_RUNNING, rule_set__in=named.values("rule_set"))
    for campaign in running.select_related("rule_set", "school")[:_MOST_CAMPAIGNS_READ]:
        adapter = value_or_none(campaign, COLLECTION_CODE)
        if adapter and codec_of(adapter) is not None and terms_of(campaign).groups:
            return True
    return False


def _holder(code: str, student_no: str) -> Candidate | None:
    """The approved person with the student number whose code this is: the adapter of their own campaign reads it."""
    running = Q(campaign__status__in=_RUNNING)
    people = Candidate.objects.select_related("campaign__school", "campaign__rule_set", "department")
    for person in people.filter(running, student_no=plain(student_no), status__in=APPROVED)[:20]:
        adapter = value_or_none(person.campaign, COLLECTION_CODE)
        codec = codec_of(adapter) if adapter else None
        if codec is None or not codec.knows(code.strip()):
            continue
        try:
            holder = codec.read(code.strip())
        except DeviceError:
            continue
        same_number = hmac.compare_digest(blind_index(holder.id_number), person.id_number_index)
        if same_number and holder.student_no in ("", person.student_no):
            return person
    return None


@transaction.atomic
def _let_in(attempt: AccessAttempt, person: Candidate, link: PersonalLink | None) -> None:
    mark_succeeded(attempt)
    enter(student(person.pk), person, link=link)


@action("selfphoto.enter", permission=by_the_student)
def enter(actor: Actor, candidate: Candidate, *, link: PersonalLink | None) -> None:
    """The person opens the own page: one entry in the trail. Without a link the terms must let them in."""
    if link is None:
        require_terms(candidate)
        portrait_of(candidate)
    elif link.used_at is None:
        PersonalLink.objects.filter(pk=link.pk).update(used_at=timezone.now())


def begin(request: HttpRequest, candidate: Candidate, link: PersonalLink | None) -> str:
    """A session under a fresh key, which is returned for ``SESSIONS.hand_over``; it ends with its link."""
    return SESSIONS.begin(request, portrait=candidate.self_portrait, link=link)


def signed_in_portrait(request: HttpRequest, *, renew: bool = True) -> SelfPortrait | None:
    """The record of the present session; None when there is none, it is over, or its link has ended."""
    found = SESSIONS.current(request, _GOING_ON, renew=renew)
    if found is None:
        return None
    if found.link is not None and not found.link.is_live:
        SESSIONS.end(request)
        return None
    return found.portrait


def portal_view(view: View) -> View:
    """The frame of the person's pages: a refusal is told inside it, not on a staff page."""

    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            status = error.status if isinstance(error, Refusal) else 422
            answer = render(request, "selfphoto/own/refusal.html", {"error": error}, status=status)
            return tell_to_wait(answer, error) if isinstance(error, TooManyAttempts) else answer

    return open_page


def sitter_required(view: View) -> View:
    """A page that needs the person: the record is in ``request.portrait``, the actor in ``request.actor``."""

    @portal_view
    @functools.wraps(view)
    def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _take_in(request):
            return SESSIONS.way_in(request, "myphoto:enter")
        return view(request, *args, **kwargs)

    return open_page


def json_view(view: View) -> View:
    """The same for addresses that a script asks: whatever is refused is JSON with code, sentence and remedy."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not _take_in(request):
            return told(_signed_out(), 401)
        try:
            return view(request, *args, **kwargs)
        except GradPhotoError as error:
            return told(error, error.status if isinstance(error, Refusal) else 422)

    return answer


def told(error: GradPhotoError, status: int, **more: object) -> JsonResponse:
    """A refusal as JSON, in the language of the page."""
    said = {"code": error.code, "message": say(error.message), "remedy": say(error.remedy)}
    return JsonResponse({"error": said, **more}, status=status, headers={"Cache-Control": "no-store"})


def _take_in(request: HttpRequest) -> bool:
    portrait = signed_in_portrait(request)
    if portrait is None:
        return False
    request.portrait = portrait  # type: ignore[attr-defined]
    request.actor = student(portrait.candidate_id)  # type: ignore[attr-defined]
    return True


def _signed_out() -> GradPhotoError:
    return GradPhotoError(
        "selfphoto.signed_out",
        Wording("登录已失效。", "You are signed out."),
        Wording("请重新扫码或从链接进入；已上传的部分还在。", "Enter by your link again; what was uploaded is kept."),
    )
