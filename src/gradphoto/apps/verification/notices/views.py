"""Pages of the notices: writing a round, uploading addresses, and the proof for every person (R203)."""

from __future__ import annotations

import io
import uuid
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.verification.lifecycle import UNVERIFIED
from gradphoto.apps.verification.lists import CaseFilter, departments_of
from gradphoto.apps.verification.models import VerificationCase
from gradphoto.apps.verification.notices import actions
from gradphoto.apps.verification.notices.channels import is_configured
from gradphoto.apps.verification.notices.contacts import LIMIT_MB, read_contacts
from gradphoto.apps.verification.notices.models import (
    REACHED,
    Channel,
    ContactPoint,
    Notice,
    NoticeKind,
    NoticeRound,
    NoticeState,
)
from gradphoto.apps.verification.notices.texts import FIELDS, TEXT_MAX, Language, proposed
from gradphoto.engine.wording import Wording
from gradphoto.engine.workbooks import open_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN_BAD_ROWS = 10


@page("verification.notify")
def notices(request: SignedInRequest) -> HttpResponse:
    """How many were told, the rounds so far, and the form for another."""
    cases = scoped(request.actor, VerificationCase)
    reached = Notice.objects.filter(state__in=REACHED).values("candidate")
    kind = request.GET.get("kind", "")
    kind = kind if kind in NoticeKind.values else NoticeKind.REMINDER.value
    language = request.GET.get("in", "")
    language = language if language in Language.values else Language.CHINESE.value
    rounds = scoped(request.actor, NoticeRound).select_related("campaign", "job", "created_by")
    context = {
        "total": cases.count(),
        "told": cases.filter(candidate__in=reached).count(),
        "unverified": cases.filter(status__in=UNVERIFIED).count(),
        "untold": cases.filter(status__in=UNVERIFIED).exclude(candidate__in=reached).count(),
        "contacts": scoped(request.actor, ContactPoint).values("candidate").distinct().count(),
        "rounds": rounds.annotate(
            people=Count("notices"), reached=Count("notices", filter=Q(notices__state__in=REACHED))
        )[:20],
        "campaigns": scoped(request.actor, Campaign).exclude(status="closed").select_related("school"),
        "departments": departments_of(request.actor),
        "seasons": Season.choices,
        "kinds": NoticeKind.choices,
        "kind": kind,
        "channels": [choice for choice in Channel.choices if choice[0] != Channel.IN_PERSON],
        "languages": Language.choices,
        "language": language,
        "unconfigured": [
            label for value, label in Channel.choices if value != Channel.IN_PERSON and not is_configured(value)
        ],
        "nonce": uuid.uuid4(),
        "text": proposed(kind, language),
        "text_max": TEXT_MAX,
        "fields": FIELDS,
    }
    return render(request, "verification/notices/notices.html", context)


@page("verification.notify")
@require_POST
def send(request: SignedInRequest) -> HttpResponse:
    """Send one text to the chosen people: all with a case, or only the unverified."""
    campaign = _campaign(request)
    wanted = CaseFilter.read(request.POST)
    cases = wanted.cases(request.actor).filter(candidate__campaign=campaign)
    kind, channel = request.POST.get("kind", ""), request.POST.get("channel", "")
    if kind not in NoticeKind.values or channel not in Channel.values:
        raise invalid(
            "verification.notice_kind",
            "通知类别或方式不对。",
            "Kind or channel of the notice is unknown.",
            "请刷新页面后重新选择。",
            "Reload the page and choose again.",
        )
    if kind != NoticeKind.OPENED:
        cases = cases.filter(status__in=UNVERIFIED)
    made = actions.send_notices(
        request.actor,
        campaign,
        kind=NoticeKind(kind),
        channel=Channel(channel),
        text=request.POST.get("text", ""),
        cases=list(cases),
        nonce=_nonce(request),
    )
    return redirect("verification:notice_round", pk=made.pk)


def _nonce(request: SignedInRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("nonce", ""))
    except ValueError:
        return None


@page("verification.notify")
@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponse:
    """Try again whom a round did not reach."""
    made = get_scoped(request.actor, NoticeRound.objects.select_related("job"), pk=pk)
    tried = actions.send_again(request.actor, made)
    messages.success(request, say(Wording("正在补发给 {n} 人。", "Trying {n:person|persons} again.").format(n=tried)))
    return redirect("verification:notice_round", pk=pk)


def _campaign(request: SignedInRequest) -> Campaign:
    chosen = request.POST.get("campaign", "")
    return get_scoped(request.actor, Campaign, pk=int(chosen) if chosen.isdecimal() else 0)


@page("verification.notify")
@require_POST
def contacts(request: SignedInRequest) -> HttpResponse:
    """Take addresses from a table; rows that give none are told by their number."""
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile):
        raise invalid(
            "verification.contact_file",
            "没有选择文件。",
            "No file was chosen.",
            "请选择含学号、手机、邮箱的表格。",
            "Choose a table with student number, telephone and e-mail.",
        )
    data, _ = read_upload(upload, Kind.TABLE, limit_mb=LIMIT_MB)
    table = read_contacts(data)
    kept = actions.keep_contacts(request.actor, _campaign(request), found=table.found)
    messages.success(request, say(Wording("已保存 {n} 项联系方式。", "{n:address|addresses} kept.").format(n=kept)))
    for bad in table.bad[:_SHOWN_BAD_ROWS]:
        where = Wording("第 {n} 行：", "Row {n}: ").format(n=bad.row)
        messages.warning(request, f"{say(where)}{say(bad.why)}")
    if len(table.bad) > _SHOWN_BAD_ROWS:
        rest = Wording("另有 {n} 行未采用。", "{n} more rows were not taken.").format(
            n=len(table.bad) - _SHOWN_BAD_ROWS
        )
        messages.warning(request, say(rest))
    return redirect("verification:notices")


@page("verification.notify")
def notice_round(request: SignedInRequest, pk: int) -> HttpResponse:
    """One round: who was reached, who was not and why; as xlsx with ``?format=xlsx``."""
    made = get_scoped(request.actor, NoticeRound.objects.select_related("campaign", "job", "created_by"), pk=pk)
    found = scoped(request.actor, Notice).filter(round=made).select_related("candidate__department")
    state = request.GET.get("state", "")
    shown = found.filter(state=state) if state in NoticeState.values else found
    if request.GET.get("format") == "xlsx":
        name = f"notices-{made.pk}-{timezone.localdate():%Y%m%d}.xlsx"
        return HttpResponse(
            _proof(made, shown),
            content_type=XLSX,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
    counted = dict(found.order_by().values_list("state").annotate(n=Count("pk")))
    context: dict[str, Any] = {
        "round": made,
        "state": state,
        "may_try_again": (made.job is None or made.job.is_over)
        and bool(counted.keys() & {NoticeState.FAILED.value, NoticeState.OUTBOX.value, NoticeState.NO_ADDRESS.value}),
        "counts": [(value, label, counted[value]) for value, label in NoticeState.choices if value in counted],
        "page": Paginator(shown, 100).get_page(request.GET.get("page")),
    }
    return render(request, "verification/notices/round.html", context)


def _proof(made: NoticeRound, found: QuerySet[Notice]) -> bytes:
    out = io.BytesIO()
    with open_workbook(out) as book:
        sheet = book.add_worksheet("告知证明")
        head = book.add_format({"bold": True, "border": 1, "bg_color": "#E8F1F9"})
        sheet.write_string(0, 0, f"{made.campaign.title} · {made}")
        sheet.write_string(1, 0, made.text)
        titles = ("院系", "班级", "学号", "姓名", "方式", "状态", "时间", "回执")
        for column, title in enumerate(titles):
            sheet.write_string(2, column, title, head)
        for row, notice in enumerate(found, start=3):
            person = notice.candidate
            at = timezone.localtime(notice.at).strftime("%Y-%m-%d %H:%M") if notice.at else ""
            texts = (
                person.department.name, person.class_name, person.student_no, person.name,
                str(notice.get_channel_display()), str(notice.get_state_display()), at, notice.reference,
            )  # fmt: skip
            for column, text in enumerate(texts):
                sheet.write_string(row, column, text)
        sheet.set_column(0, len(titles) - 1, 18)
    return out.getvalue()


@page("verification.notify")
@require_POST
def told(request: SignedInRequest) -> HttpResponse:
    """Put on record that the ticked graduates were told in person."""
    picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal()][:200]
    cases = scoped(request.actor, VerificationCase).filter(pk__in=picked)
    for case in cases:
        actions.note_told(request.actor, case)
    said = Wording("已记录 {n} 人当面告知。", "{n:person|persons} recorded as told in person.").format(n=len(cases))
    messages.success(request, say(said))
    return redirect("verification:list")
