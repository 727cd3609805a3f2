"""The list of errata cases and the page of one: its history, its files, and what is to be done next."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from gradphoto.apps.campaigns.models import Season
from gradphoto.apps.core import blobs
from gradphoto.apps.core.actions import REGISTRY, offered
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.models import AuditEntry, Blob
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.errata import exporting, lists, papers, steps
from gradphoto.apps.errata.drafting import Contact, edit_case
from gradphoto.apps.errata.guidance import next_step
from gradphoto.apps.errata.kinds import Channel, ErrataKind
from gradphoto.apps.errata.models import (
    Attachment,
    AttachmentKind,
    CaseStatus,
    ErrataCase,
    ErrataExport,
    ErrataForm,
    ErrataItem,
    FormStatus,
)
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import holds, seats
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
from gradphoto.apps.verification.queries import newest_delivered
from gradphoto.engine.wording import Wording

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_LIMIT_MB = 20
FILE_KINDS = (Kind.PDF, Kind.JPEG, Kind.PNG)
WORDS: dict[str, Wording] = {
    "errata.draft_case": Wording("起草", "Drafted"),
    "errata.edit_case": Wording("修改", "Changed"),
    "errata.seal_case": Wording("盖章", "Sealed"),
    "errata.send_case": Wording("寄出", "Sent"),
    "errata.receive_case": Wording("登记收到", "Received"),
    "errata.seat_for_reshoot": Wording("到场重拍", "In the chair again"),
    "errata.correct_case": Wording("更正", "Corrected"),
    "errata.correct_record": Wording("名册生效", "Record corrected"),
    "errata.reissue_case": Wording("补发", "Re-issued"),
    "errata.reshoot_case": Wording("登记重拍", "Reshot"),
    "errata.return_result": Wording("退回再办", "Sent back"),
    "errata.confirm_case": Wording("确认", "Confirmed"),
    "errata.file_case": Wording("归档留底", "Copy filed"),
    "errata.refuse_case": Wording("不受理", "Refused"),
    "errata.withdraw_case": Wording("撤回", "Withdrawn"),
    "errata.attach_file": Wording("添加附件", "File added"),
}


@page("errata.read")
def case_list(request: SignedInRequest) -> HttpResponse:
    """Every case in the viewer's scope: searched, filtered, sorted, with what is left of its time."""
    wanted = lists.CaseFilter.read(request.GET)
    shown = Paginator(lists.with_rows(wanted.cases(request.actor)), lists.PAGE_SIZE).get_page(request.GET.get("page"))
    mine = scoped(request.actor, ErrataCase)
    may_draft = holds(request.user, "errata.draft")
    context = {
        "wanted": wanted,
        "page": shown,
        "rows": lists.rows_of(shown.object_list),
        "late": lists.overdue(mine).count(),
        "open_forms": _open_forms(request, shown.object_list),
        "kinds": ErrataKind.choices,
        "statuses": CaseStatus.choices,
        "seasons": Season.choices,
        "departments": Organisation.objects.filter(errata_cases__in=mine).distinct(),
        "may_draft": may_draft,
        "disputed": lists.disputes_to_take(request.actor).count() if may_draft else 0,
        "today": timezone.localdate(),
    }
    return render(request, "errata/list.html", context)


@page("errata.read")
def export(request: SignedInRequest) -> HttpResponse:
    """The filtered list as xlsx: a short one at once, a long one in the background."""
    wanted = lists.CaseFilter.read(request.GET)
    home = seats(request.actor, "errata.read")[0]
    if wanted.cases(request.actor).count() > exporting.AT_ONCE:
        return redirect("errata:exported", pk=exporting.export_later(request.actor, home, wanted=wanted).pk)
    rows = lists.rows_of(lists.with_rows(wanted.cases(request.actor)))
    data = papers.export_cases(request.actor, home, rows=rows)
    return download(data, f"errata-{timezone.localdate():%Y%m%d}.xlsx", XLSX)


@page("errata.read")
def exported(request: SignedInRequest, pk: int) -> HttpResponse:
    """One export of a long list: its progress, and the file with ``?file=1`` to who asked for it."""
    mine = ErrataExport.objects.filter(requested_by=request.user.pk).select_related("job", "blob")
    found = get_scoped(request.actor, mine, pk=pk)
    if request.GET.get("file") and found.blob is not None:
        exporting.fetch_export(request.actor, found)
        return download(blobs.read(found.blob), f"errata-{timezone.localdate():%Y%m%d}.xlsx", XLSX)
    return render(request, "errata/exported.html", {"export": found})


def download(data: bytes, name: str, media_type: str) -> HttpResponse:
    """A file to keep, under a name that tells nobody's."""
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(data, content_type=media_type, headers={"Content-Disposition": disposition})


def _case(request: SignedInRequest, pk: int) -> ErrataCase:
    cases = ErrataCase.objects.select_related(
        "campaign__school", "campaign__rule_set", "department", "session", "package__campaign", "form__campaign",
        "reshoot__session", "drafted_by",
    )  # fmt: skip
    return get_scoped(request.actor, cases, pk=pk)


@page("errata.read")
def case_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One case: whom it concerns, how far it is, what is next and who does it."""
    case = _case(request, pk)
    items = list(case.items.select_related("candidate__department", "candidate__verification_case"))
    context = {
        "case": case,
        "items": items,
        "open_forms": _open_forms(request, [case]),
        "people_count": len({item.candidate_id for item in items}),
        "run": _run(items),
        "portrait": _portrait(request, case, items),
        "may_repair": holds(request.user, "capture.repair"),
        "reports": case.reports.select_related("report__package") if _sees_reports(request) else (),
        "next_step": next_step(case),
        "left": lists.time_left(case, {}),
        "steps": _steps(request, case),
        "history": _history(case),
        "attachments": case.attachments.select_related("blob", "added_by"),
        "attachment_kinds": AttachmentKind.choices,
        "channels": Channel.choices,
        "sessions": _open_sessions(request, case),
        "nonce": uuid.uuid4(),
        "own_draft": case.kind == ErrataKind.DATA_WRONG and case.drafted_by_id == request.user.pk,
        "may_draft": holds(request.user, "errata.draft"),
        "may_attach": holds(request.user, "errata.attach"),
        "today": timezone.localdate(),
    }
    return render(request, "errata/detail.html", context)


def _open_forms(request: SignedInRequest, cases: Iterable[ErrataCase]) -> set[int]:
    """The forms of these cases whose pages open to the viewer: the case shows the others' numbers only."""
    forms = {case.form_id for case in cases if case.form_id is not None}
    if not forms or not holds(request.user, "errata.read_forms"):
        return set()
    return set(scoped(request.actor, ErrataForm).filter(pk__in=forms).values_list("pk", flat=True))


def _run(items: Sequence[ErrataItem]) -> tuple[int, int] | None:
    """The first and the last shooting number of the case: the run that the pairing's page marks."""
    numbers = [item.shooting_number for item in items if item.shooting_number is not None]
    return (min(numbers), max(numbers)) if numbers else None


def _portrait(request: SignedInRequest, case: ErrataCase, items: Sequence[ErrataItem]) -> Portrait | None:
    """The delivered photograph that a case of one person is about, for those who may open it."""
    people = {item.candidate_id: item.candidate for item in items}
    if len(people) != 1 or not holds(request.user, "delivery.read"):
        return None
    (person,) = people.values()
    person.campaign = case.campaign
    return newest_delivered(person)


def _sees_reports(request: SignedInRequest) -> bool:
    return holds(request.user, "errata.receive")


def _steps(request: SignedInRequest, case: ErrataCase) -> set[str]:
    """The buttons of the page: what state and role offer, less what belongs to the form or to other kinds."""
    names = set(offered(request.actor, case))
    ways = {"errata.correct_case": "corrected", "errata.reissue_case": "reissued", "errata.reshoot_case": "reshot"}
    names -= {name for name, result in ways.items() if result not in case.facts.results}
    if not steps.mends(request.actor, case):
        names -= {"errata.correct_case", "errata.reissue_case"}
    if "reshot" not in case.facts.results:
        names.discard("errata.seat_for_reshoot")
    elif case.reshoot_id is None:
        names.discard("errata.reshoot_case")
    else:
        names -= {"errata.seat_for_reshoot", "errata.correct_case"}
    if case.form is not None and case.form.status != FormStatus.RECEIVED:
        names -= {"errata.send_case", "errata.receive_case"}
    if case.needs_seal and case.status == CaseStatus.DRAFTED:
        names.discard("errata.send_case")
    return {name.removeprefix("errata.") for name in names}


def _history(case: ErrataCase) -> list[tuple[AuditEntry, Wording]]:
    """What happened to the case, oldest first, from the audit trail."""
    drafted = AuditEntry.objects.filter(action="errata.draft_case", detail__case=case.pk)
    later = AuditEntry.objects.filter(target_type="errata.erratacase", target_key=str(case.pk))
    entries = [*drafted, *later.order_by("at", "pk")]
    return [(entry, WORDS.get(entry.action, Wording(entry.action, entry.action))) for entry in entries]


def _open_sessions(request: SignedInRequest, case: ErrataCase) -> Any:
    if case.status != CaseStatus.RECEIVED or "reshot" not in case.facts.results:
        return ()
    return scoped(request.actor, CaptureSession).filter(campaign=case.campaign_id, status=SessionStatus.OPEN)


def day_of(request: SignedInRequest, name: str = "on") -> date:
    """A date from the form; today where it was left empty."""
    text = request.POST.get(name, "")
    try:
        return date.fromisoformat(text) if text else timezone.localdate()
    except ValueError:
        raise invalid(
            "errata.date", "日期不对。", "This is no date.", "在日历中选择日期。", "Pick it in the calendar."
        ) from None


def sending(request: SignedInRequest) -> dict[str, Any]:
    """When, how and to whom something was sent."""
    channel = request.POST.get("channel", "")
    if channel not in Channel.values:
        raise invalid("errata.channel", "请选择方式。", "Choose the way.", "例如快递、传真。", "E.g. courier or fax.")
    return {"on": day_of(request), "channel": Channel(channel), "to": request.POST.get("to", "")}


def _result(request: SignedInRequest) -> dict[str, Any]:
    return {"on": day_of(request), "note": request.POST.get("note", "")}


def _reason(request: SignedInRequest) -> dict[str, Any]:
    return {"reason": request.POST.get("reason", "")}


def _seat(request: SignedInRequest) -> dict[str, Any]:
    wanted = request.POST.get("session", "")
    session = get_scoped(request.actor, CaptureSession, pk=int(wanted) if wanted.isdecimal() else 0)
    try:
        nonce = uuid.UUID(request.POST.get("nonce", ""))
    except ValueError:
        nonce = uuid.uuid4()
    return {"session": session, "nonce": nonce}


_TAKES: dict[str, Callable[[SignedInRequest], dict[str, Any]]] = {
    "send_case": sending,
    "receive_case": lambda request: {"on": day_of(request)},
    "correct_case": _result,
    "reissue_case": _result,
    "reshoot_case": _result,
    "seat_for_reshoot": _seat,
    "return_result": _reason,
    "refuse_case": _reason,
    "withdraw_case": _reason,
    "confirm_case": lambda request: {},
    "file_case": lambda request: {"place": request.POST.get("place", "")},
}


@page("errata.read")
@require_POST
def take_step(request: SignedInRequest, pk: int) -> HttpResponse:
    """Move a case on."""
    case = _case(request, pk)
    name = request.POST.get("step", "")
    if name not in _TAKES:
        raise invalid("errata.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    REGISTRY[f"errata.{name}"].function(request.actor, case, **_TAKES[name](request))
    messages.success(request, say(WORDS[f"errata.{name}"].format()) + say(Wording("：已登记。", ": entered.")))
    return redirect("errata:detail", pk=pk)


@page("errata.draft")
@require_POST
def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Change contact facts and words of a draft."""
    contact = contact_of(request)
    edit_case(request.actor, _case(request, pk), contact=contact, description=request.POST.get("description", ""))
    messages.success(request, say(Wording("已修改。", "Changed.")))
    return redirect("errata:detail", pk=pk)


def contact_of(request: SignedInRequest) -> Contact:
    """The contact facts of a posted form, as they are."""
    return Contact(*(request.POST.get(name, "") for name in ("contact", "telephone", "address")))


def file_of(request: SignedInRequest) -> tuple[bytes, str]:
    """The uploaded file: a PDF or a picture of bounded size, known by its content."""
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid("errata.no_file", "没有选择文件。", "No file was chosen.", "请选择 PDF、JPEG 或 PNG。", "Choose a PDF, JPEG or PNG.")  # fmt: skip
    return read_upload(upload, *FILE_KINDS, limit_mb=FILE_LIMIT_MB)


@page("errata.attach")
@require_POST
def attach(request: SignedInRequest, pk: int) -> HttpResponse:
    """Keep a file with the case."""
    case = _case(request, pk)
    data, media_type = file_of(request)
    kind = request.POST.get("kind", "")
    steps.attach_file(
        request.actor,
        case,
        kind=AttachmentKind(kind) if kind in AttachmentKind.values else AttachmentKind.OTHER,
        data=data,
        media_type=media_type,
        note=request.POST.get("note", ""),
    )
    messages.success(request, say(Wording("附件已保存。", "The file is kept.")))
    return redirect("errata:detail", pk=pk)


@page("errata.read")
def attachment(request: SignedInRequest, pk: int) -> HttpResponse:
    """A file of a case."""
    found = get_scoped(request.actor, Attachment.objects.select_related("blob", "case__campaign"), pk=pk)
    return blob_answer(found.blob, f"{found.case}-{found.pk}")


def blob_answer(blob: Blob, name: str) -> HttpResponse:
    """A stored scan or picture: shown by the browser as what its content is, never run."""
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}.get(blob.media_type, "bin")
    headers = {"Content-Disposition": f'inline; filename="{name}.{ending}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(blobs.read(blob), content_type=blob.media_type, headers=headers)
