"""The pictures of a try, to its own person alone: the copy on which the verdict is drawn, and the portrait as it would be."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
from gradphoto.apps.capture.verdicts import pipeline
from gradphoto.apps.core import blobs
from gradphoto.apps.selfphoto.sign_in import sitter_required
from gradphoto.apps.selfphoto.terms import terms_of
from gradphoto.apps.selfphoto.views.own import own_try
from gradphoto.engine.standards.profiles import load_profile

_HEADERS = {"Cache-Control": "no-store, private", "Vary": "Cookie"}


@sitter_required
@require_GET
def picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The upright copy; a try that was deleted has none."""
    tried = own_try(request, pk)
    if tried.copy is None:
        raise Http404
    return HttpResponse(blobs.read(tried.copy), content_type="image/jpeg", headers=_HEADERS)


@sitter_required
@require_GET
def portrait(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The finished portrait as delivery would make it, with another backdrop where the rules replace it. Not kept."""
    tried = own_try(request, pk)
    if tried.blob is None or tried.crop is None:
        raise Http404
    campaign = tried.portrait.candidate.campaign
    background = terms_of(campaign).new_background or None
    profile = load_profile(value_of(campaign, PHOTO_PROFILE))
    made = pipeline().make(blobs.read(tried.blob), [profile], render_failed=True, new_background=background)
    if not made.portraits:
        raise Http404
    return HttpResponse(made.portraits[0].data, content_type="image/jpeg", headers=_HEADERS)
