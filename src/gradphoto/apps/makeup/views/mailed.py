"""The upload of a mailed photograph's scan or an electronic image (R146)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.makeup.mailed import take_mailed
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.engine.wording import Wording

_LIMIT_MB = 30


@page("makeup.take_mailed")
def mailed(request: SignedInRequest, pk: int) -> HttpResponse:
    """One picture and how it came."""
    case = get_scoped(request.actor, MakeUpCase.objects.select_related("candidate__campaign"), pk=pk)
    if request.method != "POST":
        return render(request, "makeup/mailed.html", {"case": case, "person": case.candidate, "limit_mb": _LIMIT_MB})
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid("makeup.no_file", "没有选择照片。", "No photograph was chosen.",
                      "请选择 JPG 照片。", "Choose the JPG.")  # fmt: skip
    data, _ = read_upload(upload, Kind.JPEG, limit_mb=_LIMIT_MB)
    # The file's own name may tell who it is: it is not kept.
    made = take_mailed(
        request.actor, case, data=data, file_name=f"mailed-{case.pk}.jpg", origin=request.POST.get("origin", "")
    )
    told = Wording(
        f"已接收，拍摄序号 {made.number_label}，待人工复核。",
        f"Taken in as {made.number_label}; a person reviews it next.",
    )
    messages.success(request, say(told))
    return redirect("makeup:case", pk=pk)
