"""Two pages without a sign-in: a carrier reports what came of a notice; a person says that they read theirs."""

from __future__ import annotations

import logging

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.verification.models import Opening
from gradphoto.apps.verification.notices.jobs import text_of
from gradphoto.apps.verification.notices.receipts import (
    Came,
    Report,
    is_signed,
    notice_of_link,
    read_reports,
    take_receipt,
    take_reports,
)
from gradphoto.engine.errors import GradPhotoError

log = logging.getLogger("gradphoto.notices")
_MOST_BYTES = 1024 * 1024


@csrf_exempt
@require_POST
def reports(request: HttpRequest) -> HttpResponse:
    """Reports of a text-message service or the school's own, under ``X-GradPhoto-Signature``; nothing is read before it is right."""
    if int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        return JsonResponse({"code": "verification.reports_too_large"}, status=413)
    if not is_signed(request.body, request.headers.get("X-GradPhoto-Signature", "")):
        log.warning("verification.reports_unsigned")
        return JsonResponse({"code": "verification.reports_unsigned"}, status=403)
    try:
        taken = take_reports(read_reports(request.body))
    except GradPhotoError as error:
        return JsonResponse({"code": error.code}, status=400)
    return JsonResponse({"taken": taken})


def read_notice(request: HttpRequest, token: str) -> HttpResponse:
    """The person opens the link of their message and confirms; looking alone is nothing, as programs look at links, too."""
    notice = notice_of_link(token)
    if notice is None or notice.round is None:
        return render(request, "verification/notices/read.html", {"notice": None}, status=404)
    if request.method == "POST":
        take_receipt(Actor.system("reader"), notice, report=Report(notice.pk, Came.READ, timezone.now()))
        notice.refresh_from_db()
    closing = dict(Opening.objects.filter(campaign=notice.round.campaign).values_list("season", "closes_on"))
    text = text_of(notice, closing, timezone.localdate()).rpartition("\n")[0]
    return render(request, "verification/notices/read.html", {"notice": notice, "text": text})
