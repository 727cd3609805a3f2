"""A roster comes in: as a file or as rows; how it was read, what it would change, and the decision."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Header, Query, Router, Status
from ninja.files import UploadedFile

from gradphoto.apps.api.authentication import ByToken, Caller, caller_of, on_record
from gradphoto.apps.api.endpoints.shared import PathKey, answers, campaign_of, unit, unit_of
from gradphoto.apps.api.paging import Cursor, Limit, paged, sentence
from gradphoto.apps.api.pushing import Columns, push, require_key, workbook_of
from gradphoto.apps.api.schemas import MOST_KEY, Decided, Decision, Differences, Findings, ImportOut, RosterRows
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.orgs.scope import get_scoped
from gradphoto.apps.roster.forms.imports import LIMIT_MB
from gradphoto.apps.roster.imports import review
from gradphoto.apps.roster.imports.apply import take_at_once
from gradphoto.apps.roster.models import DifferenceKind, DifferenceState, RosterImport

router = Router(tags=["roster"])
IdempotencyKey = Annotated[
    str,
    Header(
        ...,
        alias="Idempotency-Key",
        description="8 to 80 characters; the same push is done once",
        min_length=8,
        max_length=80,
    ),
]
_OddRows = Literal["", "take", "leave"]


@router.post(
    "/campaigns/{int:campaign}/roster",
    auth=ByToken("roster.push"),
    response=answers(ImportOut, 202),
    operation_id="push_roster_file",
)
def push_roster_file(
    request: HttpRequest,
    response: HttpResponse,
    campaign: PathKey,
    key: IdempotencyKey,
    file: Annotated[UploadedFile, File(..., description="xlsx, xls, csv or dbf, at most 64 MB")],
    unit_key: Annotated[int | None, Form(None, alias="unit", ge=1, le=MOST_KEY, description="whose people these are")],
    mapping: Annotated[
        str, Form("", max_length=4000, description='JSON: {"field": "heading"}; the known headings without it')
    ],
    defaults: Annotated[str, Form("", max_length=4000, description='JSON: {"field": "value"} for the whole file')],
    hidden: Annotated[_OddRows, Form("", description="what becomes of hidden rows")],
    struck: Annotated[_OddRows, Form("", description="what becomes of rows struck through")],
) -> Any:
    """A roster file: kept, its columns named by headings, read in the background. Nothing changes until it is decided."""
    caller = caller_of(request)
    columns = Columns(_pairs(mapping, "mapping"), _pairs(defaults, "defaults"), hidden, struck)
    data, _ = read_upload(file, Kind.TABLE, limit_mb=LIMIT_MB)
    return _pushed(caller, response, campaign, unit_key, require_key(key), file.name or "roster", data, columns)


@router.post(
    "/campaigns/{int:campaign}/roster/rows",
    auth=ByToken("roster.push"),
    response=answers(ImportOut, 202),
    operation_id="push_roster_rows",
)
def push_roster_rows(
    request: HttpRequest, response: HttpResponse, campaign: PathKey, key: IdempotencyKey, body: RosterRows
) -> Any:
    """The same as rows. In findings the first of ``rows`` is row 2, as in the file that they are kept as."""
    rows = [row.dict() for row in body.rows]
    columns = Columns({}, {}, rows=json.dumps(rows, ensure_ascii=False))
    data = workbook_of(rows)
    return _pushed(caller_of(request), response, campaign, body.unit, require_key(key), "roster.xlsx", data, columns)


def _pushed(
    caller: Caller,
    response: HttpResponse,
    campaign: int,
    unit_key: int | None,
    key: str,
    name: str,
    data: bytes,
    columns: Columns,
) -> Any:
    target = campaign_of(caller.actor, campaign)
    home = unit_of(caller.actor, unit_key) if unit_key is not None else None
    with on_record(caller):
        made, again = push(caller, target, home, key=key, file_name=name, data=data, columns=columns)
    if again:
        response.headers["Idempotency-Replayed"] = "true"
    return Status(202, _told(made))


def _pairs(said: str, field: str) -> dict[str, str]:
    if not said.strip():
        return {}
    try:
        read = json.loads(said)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict) or not all(_is_text(one) for pair in read.items() for one in pair):
        raise invalid(
            "api.not_an_object", f"{field} 不是文字对文字的 JSON 对象。", f"`{field}` is no JSON object of texts.",
            '例如：{"student_no": "学号"}。', 'For example: {"student_no": "学号"}.', field=field,
        )  # fmt: skip
    return read


def _is_text(value: Any) -> bool:
    """A text that every database and every file takes: JSON can write NUL and halves of characters."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= one <= "\udfff" for one in value)


@router.get("/imports/{int:pk}", auth=ByToken("roster.push"), response=answers(ImportOut), operation_id="get_import")
def get_import(request: HttpRequest, pk: PathKey) -> Any:
    """How a roster stands."""
    return _told(_import(caller_of(request), pk))


@router.get(
    "/imports/{int:pk}/findings", auth=ByToken("roster.push"), response=answers(Findings), operation_id="list_findings"
)
def list_findings(request: HttpRequest, pk: PathKey, cursor: Cursor, limit: Limit) -> Any:
    """What is wrong or odd, cell by cell."""
    found, following = paged(_import(caller_of(request), pk).findings.all(), cursor, limit)
    items = [
        {
            "row": one.row, "field": one.field, "column": one.column_title, "value": one.value, "code": one.code,
            "severity": one.severity, **sentence(one.reason), "remedy": sentence(one.remedy),
        }
        for one in found
    ]  # fmt: skip
    return {"items": items, "next": following}


@router.get(
    "/imports/{int:pk}/differences",
    auth=ByToken("roster.push"),
    response=answers(Differences),
    operation_id="list_differences",
)
def list_differences(
    request: HttpRequest,
    pk: PathKey,
    cursor: Cursor,
    limit: Limit,
    kind: Annotated[Literal["", "added", "changed", "gone"], Query("")],
) -> Any:
    """What the roster would change, person by person."""
    rows = _import(caller_of(request), pk).differences.defer("record")
    found, following = paged(rows.filter(kind=kind) if kind else rows, cursor, limit)
    return {"items": [_difference(one) for one in found], "next": following}


@router.post(
    "/imports/{int:pk}/decisions",
    auth=ByToken("roster.decide"),
    response=answers(Decided),
    operation_id="decide_differences",
)
def decide_differences(request: HttpRequest, pk: PathKey, body: Decision) -> Any:
    """Take over, or leave, every waiting difference of a kind: at once for a few, as a job for many."""
    caller = caller_of(request)
    target = _import(caller, pk)
    before = target.job_id
    with on_record(caller):
        chosen = target.differences.filter(kind=DifferenceKind(body.kind))
        count = review.decide_differences(caller.actor, target, accepted=body.accepted, chosen=chosen)
        take_at_once(caller.actor, target)
    target.refresh_from_db()
    return {"count": count, "job": target.job_id if target.job_id != before else None}


def _import(caller: Caller, pk: int) -> RosterImport:
    caller.require("roster.push")
    return get_scoped(caller.actor, RosterImport.objects.select_related("organisation", "campaign", "job"), pk=pk)


def _told(made: RosterImport) -> dict[str, Any]:
    counts = review.counts_of(made)
    return {
        "id": made.pk, "campaign": made.campaign_id, "unit": unit(made.organisation), "status": made.status,
        "rows": made.row_count, "good": made.good_count, "bad": made.bad_count, "same": made.same_count,
        "waiting": {str(kind): states.get(DifferenceState.WAITING, 0) for kind, states in counts.items()},
        "taken": {str(kind): states.get(DifferenceState.TAKEN, 0) for kind, states in counts.items()},
        "job": made.job_id, "created_at": made.created_at,
    }  # fmt: skip


def _difference(one: Any) -> dict[str, Any]:
    error = (
        {"field": "", "code": one.code, **sentence(one.message), "remedy": sentence(one.remedy)} if one.code else None
    )
    changes = [
        {"field": str(said["field"]), "before": str(said["old"]), "after": str(said["new"])} for said in one.changes
    ]
    return {
        "id": one.pk, "kind": one.kind, "state": one.state, "row": one.row, "candidate": one.candidate_id,
        "student_no": one.student_no, "name": one.name, "changes": changes, "error": error,
    }  # fmt: skip
