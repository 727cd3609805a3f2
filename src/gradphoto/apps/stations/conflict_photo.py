"""The station's photograph of a person who is in dispute: nobody decides between two numbers without seeing both faces."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from gradphoto.apps.capture.previews import small_copy
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.stations.models import Conflict


@page("stations.manage")
def conflict_photo(request: SignedInRequest, pk: int) -> HttpResponse:
    """A small copy of what the packet brought; 404 where its file has not come."""
    record = get_scoped(request.actor, Conflict.objects.select_related("record__kit"), pk=pk).their_frame
    if record is None:
        raise Http404
    blob = Blob.objects.get(pk=record.payload["sha256"])
    return HttpResponse(small_copy(blobs.read(blob)), content_type="image/jpeg")
