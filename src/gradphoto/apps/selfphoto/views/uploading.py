"""What the camera page's script asks: begin, send a part, finish, read the verdict; always JSON."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gradphoto.apps.core.errors import Refusal, invalid
from gradphoto.apps.pages.forms import sent_form
from gradphoto.apps.selfphoto import uploads as files
from gradphoto.apps.selfphoto.forms.own import BeginUploadForm, FinishUploadForm, UploadForm
from gradphoto.apps.selfphoto.models import PictureSource, PictureUpload, PortraitTry
from gradphoto.apps.selfphoto.sign_in import json_view, sitter_required, told
from gradphoto.apps.selfphoto.status import may_submit
from gradphoto.apps.selfphoto.telling import verdict_of
from gradphoto.apps.selfphoto.terms import terms_of, why_not
from gradphoto.apps.selfphoto.uploads import CHUNK_BYTES, MOST_BYTES, OffsetRefusal, TooLarge
from gradphoto.apps.selfphoto.views.own import own_try
from gradphoto.engine.bounded.strict_json import strict_json

_MOST_JSON_BYTES = 4096
_NO_STORE = {"Cache-Control": "no-store, private", "Vary": "Cookie"}


@json_view
@require_POST
def uploads(request: HttpRequest) -> HttpResponse:
    """Begin an upload, or find the one that was broken off."""
    form = BeginUploadForm(_json(request))
    if not form.is_valid():
        raise _unclear()
    said = form.cleaned_data
    upload, is_new = files.begin_upload(
        request.actor, request.portrait, size=said["size"], sha256=said["sha256"],  # type: ignore[attr-defined]
        source=said["source"], name=said["name"], media_type=said["type"],
    )  # fmt: skip
    return JsonResponse(_standing(upload), status=201 if is_new else 200, headers=_NO_STORE)


@json_view
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where an upload stands, or one part of it."""
    portrait = request.portrait  # type: ignore[attr-defined]
    if request.method != "POST":
        return JsonResponse(_standing(files.own_upload(portrait, pk)), headers=_NO_STORE)
    said = request.headers.get("Upload-Offset", "")
    if not (said.isascii() and said.isdigit() and len(said) < 12):
        raise _unclear()
    if int(request.headers.get("Content-Length") or 0) > CHUNK_BYTES:
        raise TooLarge
    try:
        held = files.append(portrait, pk, offset=int(said), data=request.read(CHUNK_BYTES + 1))
    except OffsetRefusal as error:
        return told(error, error.status, offset=error.offset)
    return JsonResponse(_standing(held), headers=_NO_STORE)


@json_view
@require_POST
def finish_upload(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole is there: judged in this request."""
    form = FinishUploadForm(_json(request))
    if not form.is_valid():
        raise _unclear()
    try:
        made = files.finish(request.actor, request.portrait, pk, how=form.cleaned_data["how"])  # type: ignore[attr-defined]
    except OffsetRefusal as error:
        return told(error, error.status, offset=error.offset)
    return _verdict(request, made)


@json_view
@require_GET
def judgement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The verdict of a try again."""
    return _verdict(request, own_try(request, pk))


@sitter_required
@require_POST
def upload_form(request: HttpRequest) -> HttpResponse:
    """A photograph in one piece, where no script runs."""
    form = sent_form(request, UploadForm)
    if not form.is_valid():
        error = _unclear()
        return render(request, "selfphoto/own/refusal.html", {"error": error}, status=error.status)
    given = form.cleaned_data["photograph"]
    if given.size > MOST_BYTES:
        raise TooLarge
    source = form.cleaned_data["source"] or PictureSource.GALLERY
    made = files.take_whole(request.actor, request.portrait, data=given.read(), source=source)  # type: ignore[attr-defined]
    return redirect("myphoto:try", pk=made.pk)


def _verdict(request: HttpRequest, made: PortraitTry) -> JsonResponse:
    portrait = request.portrait  # type: ignore[attr-defined]
    portrait.refresh_from_db()
    made.portrait = portrait
    terms = terms_of(portrait.candidate.campaign)
    said = verdict_of(made, terms, can_try=why_not(portrait) is None, can_submit=may_submit(portrait))
    return JsonResponse(said, headers=_NO_STORE)


def _standing(upload: PictureUpload) -> dict[str, Any]:
    return {
        "upload": str(upload.pk),
        "url": reverse("myphoto:upload", args=[upload.pk]),
        "finish_url": reverse("myphoto:finish_upload", args=[upload.pk]),
        "offset": upload.size_bytes if upload.made_id else upload.received_bytes,
        "size": upload.size_bytes,
        "chunk_bytes": CHUNK_BYTES,
        "finished": upload.made_id is not None,
        "try": str(upload.made_id) if upload.made_id else None,
    }


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        said = strict_json(request.read(_MOST_JSON_BYTES + 1), most_bytes=_MOST_JSON_BYTES)
    except (ValueError, json.JSONDecodeError):
        raise _unclear() from None
    if not isinstance(said, dict):
        raise _unclear()
    return said


def _unclear() -> Refusal:
    return invalid(
        "selfphoto.upload_facts",
        "上传的说明不完整。",
        "The upload does not say what it brings.",
        "请刷新页面后重试。",
        "Reload the page and try again.",
    )
