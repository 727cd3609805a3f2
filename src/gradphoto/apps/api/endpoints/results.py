"""What came of it: verification by the graduates, the registration ledger, the ledger as a file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Query, Router, Status

from gradphoto.apps.api.authentication import ByToken, Caller, caller_of, on_record
from gradphoto.apps.api.endpoints.shared import PathKey, answers, campaign_of
from gradphoto.apps.api.paging import Cursor, Limit, paged
from gradphoto.apps.api.schemas import ExportOut, ExportWanted, Ledger, Verifications
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.exporting import exports_of, fetch_export, file_answer
from gradphoto.apps.pages.models import Export
from gradphoto.apps.registration.actions import LEDGER
from gradphoto.apps.registration.actions import export_ledger as ask_for_ledger
from gradphoto.apps.registration.models import ExportFormat, LedgerEntry
from gradphoto.apps.verification.models import VerificationCase

router = Router(tags=["results"])
_Status = Literal["", "open", "viewed", "corrected", "confirmed", "disputed", "answered", "expired"]
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/campaigns/{int:campaign}/verification", auth=ByToken("verification.read"), response=answers(Verifications),
    operation_id="list_verification",
)  # fmt: skip
def list_verification(
    request: HttpRequest, campaign: PathKey, cursor: Cursor, limit: Limit, status: Annotated[_Status, Query("")]
) -> Any:
    """Who was asked to verify, and how far each is."""
    actor = caller_of(request).actor
    cases = scoped(actor, VerificationCase.objects.select_related("candidate"), "verification.read")
    cases = cases.filter(candidate__campaign=campaign_of(actor, campaign))
    found, following = paged(cases.filter(status=status) if status else cases, cursor, limit)
    items = [
        {
            "candidate": one.candidate_id, "student_no": one.candidate.student_no, "status": one.status,
            "opened_at": one.opened_at, "viewed_at": one.viewed_at, "confirmed_at": one.confirmed_at,
        }
        for one in found
    ]  # fmt: skip
    return {"items": items, "next": following}


@router.get(
    "/campaigns/{int:campaign}/ledger",
    auth=ByToken("registration.read"),
    response=answers(Ledger),
    operation_id="list_ledger",
)
def list_ledger(request: HttpRequest, campaign: PathKey, cursor: Cursor, limit: Limit) -> Any:
    """The lines of the registration ledger, oldest first; a line is never changed, a later one adds to it."""
    actor = caller_of(request).actor
    lines = scoped(actor, LedgerEntry.objects.select_related("portrait__blob"), "registration.read")
    found, following = paged(lines.filter(campaign=campaign_of(actor, campaign)), cursor, limit)
    items = [
        {
            "number": one.number, "kind": one.kind, "candidate": one.candidate_id, "student_no": one.facts["student_no"],
            "name": one.name, "has_photograph": one.portrait is not None, "at": one.at,
            "photograph_sha256": one.portrait.blob.evidence if one.portrait else "",
        }
        for one in found
    ]  # fmt: skip
    return {"items": items, "next": following}


@router.post(
    "/campaigns/{int:campaign}/ledger/exports", auth=ByToken("registration.export"), response=answers(ExportOut, 202),
    operation_id="export_ledger",
)  # fmt: skip
def export_ledger(request: HttpRequest, campaign: PathKey, body: ExportWanted) -> Any:
    """The ledger as a file, ID numbers included: needs the right numbers.whole, too. A job writes it."""
    caller = caller_of(request)
    caller.require("numbers.whole")
    target = campaign_of(caller.actor, campaign)
    with on_record(caller):
        export = ask_for_ledger(caller.actor, target, season=body.season, file_format=ExportFormat(body.format))
    return Status(202, _told(export))


@router.get(
    "/exports/{int:pk}", auth=ByToken("registration.export"), response=answers(ExportOut), operation_id="get_export"
)
def get_export(request: HttpRequest, pk: PathKey) -> Any:
    """Whether a file is ready."""
    return _told(_export(caller_of(request), pk))


@router.get(
    "/exports/{int:pk}/file", auth=ByToken("registration.export"), response=answers(None), operation_id="get_export_file",
    openapi_extra={"responses": {200: {"description": "the file", "content": {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _BINARY, "application/zip": _BINARY,
    }}}},
)  # fmt: skip
def get_export_file(request: HttpRequest, pk: PathKey) -> HttpResponse | StreamingHttpResponse:
    """The file, seven days long."""
    caller = caller_of(request)
    caller.require("numbers.whole")
    export = _export(caller, pk)
    with on_record(caller):
        fetch_export(caller.actor, export)
    return file_answer(export)


def _export(caller: Caller, pk: int) -> Export:
    """A ledger that the token's person asked for, of the token's own unit; no other file of that person's."""
    found = scoped(caller.actor, exports_of(caller.actor, LEDGER)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _told(export: Export) -> dict[str, Any]:
    return {
        "id": export.pk, "file_name": export.file_name, "rows": export.row_count if export.is_ready else None,
        "ready": export.is_ready, "expires_at": export.expires_at, "job": export.job_id,
    }  # fmt: skip
