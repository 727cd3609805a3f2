"""The person's pages under /my-photo/: phone first, no staff sign-in; consent, camera, result, status."""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gradphoto.apps.access.client import client_of
from gradphoto.apps.access.throttling import TooManyAttempts, tell_to_wait
from gradphoto.apps.capture.verdicts import standard_of
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.pages.fields import RefusedValue
from gradphoto.apps.pages.forms import INPUT_STATUS, sent_form
from gradphoto.apps.selfphoto import consent as consents
from gradphoto.apps.selfphoto import sign_in, status
from gradphoto.apps.selfphoto.consent_texts import COMPARE, PHOTOGRAPH
from gradphoto.apps.selfphoto.forms.own import (
    CODE_MAX,
    ENTRIES,
    ConsentForm,
    SubmitForm,
    WayForm,
    WayIn,
    WithdrawConsentForm,
    WithdrawForm,
)
from gradphoto.apps.selfphoto.models import PortraitStatus, PortraitTry, Purpose, SelfPortrait
from gradphoto.apps.selfphoto.sign_in import SESSIONS, portal_view, sitter_required
from gradphoto.apps.selfphoto.submission import hand_in
from gradphoto.apps.selfphoto.submission import withdraw as take_back
from gradphoto.apps.selfphoto.telling import verdict_of
from gradphoto.apps.selfphoto.terms import Terms, require_may_try, terms_of, why_not
from gradphoto.apps.selfphoto.uploads import CHUNK_BYTES, MOST_BYTES
from gradphoto.engine.portrait import live_hints
from gradphoto.engine.standards.profiles import PhotoProfile


@functools.cache
def hints_address() -> str:
    """The folder's address with a slash at its end; empty where the files are not installed.

    Looked at once a process: static files are read at its start, too.
    """
    return static(f"{live_hints.FOLDER}/") if live_hints.is_installed(live_hints.folder_in()) else ""


_PREFILLED = "my_photo_code"
_CAMERA_POLICY = {
    "script-src": ["'self'", "'wasm-unsafe-eval'"],  # the face model of the live hints is WebAssembly
    "img-src": ["blob:"],  # the still, before it is sent
    "media-src": ["'self'", "blob:"],
}
"""What the camera page may do beyond every other page; nothing of it lets text become code."""


@portal_view
@require_GET
def link(request: HttpRequest, code: str) -> HttpResponse:
    """The QR's link: the code leaves the address bar at once. The answer is the same for every code."""
    request.session[_PREFILLED] = code if len(code) <= CODE_MAX else ""
    return redirect("myphoto:enter")


@portal_view
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Who one is, with one of three secrets; or one answer that tells nothing."""
    if request.method != "POST":
        return render(request, "selfphoto/own/enter.html", _enter_page(request))
    form = sent_form(request, sent_form(request, WayForm).chosen())
    try:
        key = _entered(request, form)
    except (sign_in.EntryRefusal, TooManyAttempts) as error:
        context = _enter_page(request, form) | {"error": error}
        answer = render(request, "selfphoto/own/enter.html", context, status=error.status)
        return tell_to_wait(answer, error)
    request.session.pop(_PREFILLED, None)
    return SESSIONS.hand_over(redirect("myphoto:mine"), key)


def _enter_page(request: HttpRequest, sent: WayIn | None = None) -> dict[str, Any]:
    """Every way that is open, the one that was tried with what was typed."""
    code = request.session.get(_PREFILLED, "")
    ways = {way: kind(initial={"code": code}) for way, kind in ENTRIES.items()}
    if sent is not None:
        ways[sent.way] = sent
    if not sign_in.reads_collection_codes():
        ways.pop("collection")
    return {"ways": ways, "tried": sent.way if sent else "link", "code": code}


def _entered(request: HttpRequest, form: WayIn) -> str:
    client, given = client_of(request), form.entered()
    if form.way == "card":
        person = sign_in.by_card(
            school_code=given["school_code"], student_no=given["student_no"], name=given["name"],
            code=given["card_code"], client=client,
        )  # fmt: skip
        return sign_in.begin(request, person, None)
    if form.way == "collection":
        person = sign_in.by_collection_code(
            code=given["collection_code"], student_no=given["student_no"], client=client
        )
        return sign_in.begin(request, person, None)
    person, link = sign_in.by_link(
        code=given["code"], student_no=given["student_no"], name=given["name"], client=client
    )
    return sign_in.begin(request, person, link)


def _portrait(request: HttpRequest) -> SelfPortrait:
    return request.portrait  # type: ignore[attr-defined]


def _frame(request: HttpRequest, **more: Any) -> dict[str, Any]:
    """What every page of the person knows."""
    portrait = _portrait(request)
    terms, refused = terms_of(portrait.candidate.campaign), why_not(portrait)
    return {
        "entry": portrait,
        "person": portrait.candidate,
        "deadline": terms.until,
        "days_left": terms.days_left,
        "rules": terms,
        "may_try": refused is None,
        "why_not": refused,
        **more,
    }


@sitter_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Where the own photograph stands, and what comes next."""
    portrait = _portrait(request)
    if portrait.status == PortraitStatus.INVITED:
        return redirect("myphoto:consent")
    return _mine_page(request, WithdrawForm())


def _mine_page(request: HttpRequest, form: WithdrawForm) -> HttpResponse:
    context = _frame(request, **status.page_of(_portrait(request)), withdraw_form=form)
    return render(request, "selfphoto/own/mine.html", context, status=INPUT_STATUS if form.errors else 200)


@sitter_required
@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponse:
    """The texts with version and day; what was agreed to stands on it with its own day."""
    if request.method != "POST":
        return _consent_page(request, None)
    form = sent_form(request, ConsentForm)
    try:
        consents.agree(request.actor, _portrait(request), purposes=form.purposes())  # type: ignore[attr-defined]
    except Refusal as error:
        if error.field != "photograph":
            raise
        return _consent_page(request, error)
    return redirect("myphoto:camera")


def _consent_page(request: HttpRequest, error: Refusal | None) -> HttpResponse:
    portrait = _portrait(request)
    given = {one.purpose: one for one in portrait.consents.filter(withdrawn_at=None)}
    terms = terms_of(portrait.candidate.campaign)
    more = {"text": PHOTOGRAPH, "compare_text": COMPARE if terms.comparison else None, "given": given, "error": error}
    return render(request, "selfphoto/own/consent.html", _frame(request, **more), status=error.status if error else 200)


@sitter_required
@require_POST
def withdraw_consent(request: HttpRequest) -> HttpResponse:
    """One purpose is taken back; without the photograph's own consent everything ends here."""
    form, portrait = sent_form(request, WithdrawConsentForm), _portrait(request)
    if not form.is_valid():
        return redirect("myphoto:consent")
    if form.cleaned_data["purpose"] == Purpose.COMPARE:
        consents.withdraw_comparison(request.actor, portrait)  # type: ignore[attr-defined]
        return redirect("myphoto:consent")
    if portrait.status == PortraitStatus.SUBMITTED:
        take_back(request.actor, portrait, reason="撤回同意")  # type: ignore[attr-defined]
    consents.end(request.actor, portrait)  # type: ignore[attr-defined]
    return redirect("myphoto:mine")


@csp_update(_CAMERA_POLICY)
@sitter_required
@require_GET
def camera(request: HttpRequest) -> HttpResponse:
    """The camera with the profile's frame; who may not photograph now is told why on the status page."""
    portrait = _portrait(request)
    if portrait.status == PortraitStatus.INVITED:
        return redirect("myphoto:consent")
    refused = why_not(portrait)
    if refused is not None:
        return render(request, "selfphoto/own/refusal.html", _frame(request, error=refused), status=refused.status)
    terms = require_may_try(portrait)
    profile = standard_of(portrait.candidate.campaign)
    more = {
        "profile": profile,
        "frame": status.frame_of(profile),
        "tries": status.tries_of(portrait, terms),
        "chunk_bytes": CHUNK_BYTES,
        "most_bytes": MOST_BYTES,
        "most_mb": MOST_BYTES // 1024**2,
        "upload_url": reverse("myphoto:uploads"),
        "gallery": terms.gallery,
        "backdrops": _backdrops(profile, terms),
        "hints_url": hints_address(),
    }
    return render(request, "selfphoto/own/camera.html", _frame(request, **more))


def _backdrops(profile: PhotoProfile, terms: Terms) -> list[dict[str, Any]]:
    """The colours that a hint holds the preview to; none where the rule set replaces the backdrop anyway."""
    if terms.new_background:
        return []
    return [{"code": one.code, "rgb": one.rgb, "tolerance": one.tolerance} for one in profile.backdrops]


def own_try(request: HttpRequest, pk: UUID) -> PortraitTry:
    """The person's own try; another's is as unknown as one that never was."""
    found = _portrait(request).tries.select_related("portrait__candidate__campaign").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@sitter_required
@require_GET
def one_try(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The result of one try: all that was found, drawn on it, and what is right already."""
    return _try_page(request, own_try(request, pk), SubmitForm())


def _try_page(request: HttpRequest, tried: PortraitTry, form: SubmitForm) -> HttpResponse:
    context = _frame(request, form=form)
    can_submit = status.may_submit(tried.portrait)
    context["verdict"] = verdict_of(tried, context["rules"], can_try=context["may_try"], can_submit=can_submit)
    return render(request, "selfphoto/own/try.html", context, status=INPUT_STATUS if form.errors else 200)


@sitter_required
@require_POST
def submit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand a try in; twice is once."""
    form, tried = sent_form(request, SubmitForm), own_try(request, pk)
    if not form.is_valid():
        return _try_page(request, tried, form)
    try:
        hand_in(request.actor, _portrait(request), tried, **form.cleaned_data)  # type: ignore[attr-defined]
    except Refusal as error:
        if error.field != "explanation":
            raise
        form.add_error("explanation", RefusedValue(error))
        request.portrait.refresh_from_db()  # type: ignore[attr-defined]
        return _try_page(request, own_try(request, pk), form)
    return redirect("myphoto:mine")


@sitter_required
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take a waiting photograph back."""
    form = sent_form(request, WithdrawForm)
    if not form.is_valid():
        return _mine_page(request, form)
    take_back(request.actor, _portrait(request), **form.cleaned_data)  # type: ignore[attr-defined]
    return redirect("myphoto:mine")


@portal_view
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the pages."""
    SESSIONS.end(request)
    return redirect("myphoto:enter")
