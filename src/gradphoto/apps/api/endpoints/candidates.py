"""Candidates with their stage, one candidate's photograph, and the look-up by numbers that stand in no address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router
from pydantic import AwareDatetime, BeforeValidator

from gradphoto.apps.api.authentication import ByToken, caller_of, on_record
from gradphoto.apps.api.changes import changed_since as changed
from gradphoto.apps.api.endpoints.shared import PathKey, answers, campaign_of, unit, unit_of
from gradphoto.apps.api.models import CandidateChange
from gradphoto.apps.api.paging import Cursor, Limit, paged
from gradphoto.apps.api.reading import etag_of, portrait_of, read_whole_numbers, take_photograph
from gradphoto.apps.api.schemas import MOST_KEY, CandidateOut, Candidates, Found, LookUp
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.desk.stages import BY_KEY, WAY
from gradphoto.apps.orgs.scope import get_scoped, scoped
from gradphoto.apps.roster.models import Candidate, CandidateStatus
from gradphoto.apps.roster.models.totals import Standing

router = Router(tags=["candidates"])
OVERLAP = timedelta(minutes=15)
"""So long a transaction may take to be seen after the time that its changes bear."""

_Stage = Literal["", "roster", "accepted", "shot", "delivered", "verified", "registered", "without_photo"]


def _written_out(said: Any) -> Any:
    if isinstance(said, str) and "T" not in said.upper():
        raise ValueError("a moment has a day, a time and an offset")
    return said


_Moment = Annotated[AwareDatetime, BeforeValidator(_written_out)]
_FACTS = ("registered", "without_photo", "verified", "delivered", "shot")
"""The facts by which a stage is told, the furthest first."""


@router.get(
    "/candidates", auth=ByToken("candidates.read"), response=answers(Candidates), operation_id="list_candidates"
)
def list_candidates(
    request: HttpRequest,
    cursor: Cursor,
    limit: Limit,
    campaign: Annotated[int | None, Query(None, ge=1, le=MOST_KEY)],
    unit_key: Annotated[
        int | None, Query(None, alias="unit", ge=1, le=MOST_KEY, description="a unit and what is below it")
    ],
    season: Annotated[Literal["", "spring", "autumn"], Query("")],
    stage: Annotated[_Stage, Query("", description="who has reached this stage")],
    changed_since: Annotated[_Moment | None, Query(None, description="with its offset: 2026-06-01T08:00:00+08:00")],
) -> Any:
    """Candidates in the order of their keys; who was removed from the roster is told with that status."""
    actor = caller_of(request).actor
    asked_at = timezone.now()
    rows = scoped(actor, Candidate.objects.select_related("department"), "roster.read")
    if campaign is not None:
        rows = rows.filter(campaign=campaign_of(actor, campaign))
    if unit_key is not None:
        rows = rows.filter(department__path__startswith=unit_of(actor, unit_key).path)
    if season:
        rows = rows.filter(season=season)
    if stage:
        rows = rows.filter(BY_KEY[stage].condition)
    if changed_since is not None:
        rows = rows.filter(pk__in=changed(_in_range(changed_since)))
    found, following = paged(rows, cursor, limit)
    return {"items": told(found), "next": following, "next_changed_since": asked_at - OVERLAP}


def _in_range(moment: datetime) -> datetime:
    """A moment that every database can compare: the first and last days of the calendar have no other time zones."""
    return moment if 1 < moment.year < 9999 else moment.replace(year=min(max(moment.year, 2), 9998), month=1, day=1)


@router.get(
    "/candidates/{int:pk}",
    auth=ByToken("candidates.read"),
    response=answers(CandidateOut),
    operation_id="get_candidate",
)
def get_candidate(request: HttpRequest, pk: PathKey) -> Any:
    """One candidate."""
    actor = caller_of(request).actor
    found = get_scoped(actor, scoped(actor, Candidate.objects.select_related("department"), "roster.read"), pk=pk)
    return told([found])[0]


@router.post(
    "/candidates/look-up", auth=ByToken("candidates.read"), response=answers(Found), operation_id="look_up_candidates"
)
def look_up_candidates(request: HttpRequest, body: LookUp) -> Any:
    """Candidates of a campaign by student numbers or ID numbers; who is not found is not there, or not the token's.

    With the masked number and the birth date a hundred guesses find the whole one: asking by ID numbers wants the right
    numbers.whole, too.
    """
    caller = caller_of(request)
    if body.whole_numbers or body.id_numbers:
        caller.require("numbers.whole")
    campaign = campaign_of(caller.actor, body.campaign)
    rows = scoped(caller.actor, Candidate.objects.select_related("department"), "roster.read").filter(campaign=campaign)
    found = list(_named(rows, body).order_by("pk"))
    numbers: Mapping[int, str] = {}
    if body.whole_numbers and found:
        with on_record(caller):
            numbers = read_whole_numbers(caller.actor, campaign, candidates=found)
    return {"items": told(found, numbers)}


def _named(rows: QuerySet[Candidate], body: LookUp) -> QuerySet[Candidate]:
    """By number; an ID number is looked for by its index, and nothing tells whose another one is."""
    wanted = Q(student_no__in=[number.strip() for number in body.student_numbers])
    return rows.filter(wanted | Q(id_number_index__in=[blind_index(number) for number in body.id_numbers]))


@router.get(
    "/candidates/{int:pk}/photograph", auth=ByToken("photographs.read"), response=answers(None), operation_id="get_photograph",
    openapi_extra={"responses": {
        200: {"description": "the registered file", "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "unchanged since the ETag that was sent in If-None-Match"},
    }},
)  # fmt: skip
def get_photograph(request: HttpRequest, pk: PathKey) -> HttpResponse:
    """The delivered photograph of a candidate, byte for byte the file that is registered."""
    caller = caller_of(request)
    candidate = get_scoped(caller.actor, scoped(caller.actor, Candidate.objects.select_related("campaign")), pk=pk)
    portrait = portrait_of(caller.actor, candidate)
    if portrait is None:
        raise Http404
    if request.headers.get("If-None-Match") == etag_of(portrait):
        return HttpResponse(status=304, headers={"ETag": etag_of(portrait)})
    with on_record(caller):
        photograph = take_photograph(caller.actor, portrait)
    headers = {"ETag": photograph.etag, "Cache-Control": "private, no-cache"}
    return HttpResponse(photograph.data, content_type="image/jpeg", headers=headers)


def told(found: Iterable[Candidate], numbers: Mapping[int, str] | None = None) -> list[dict[str, Any]]:
    """Candidates as they go out: the stage and the time of the last change are asked for once a page."""
    people = list(found)
    keys = [one.pk for one in people]
    standings = {one.pk: one for one in Standing.objects.filter(pk__in=keys)}
    moments = dict(CandidateChange.objects.filter(pk__in=keys).values_list("pk", "changed_at"))
    return [_told(one, standings.get(one.pk), moments.get(one.pk), (numbers or {}).get(one.pk)) for one in people]


def _told(one: Candidate, standing: Standing | None, changed_at: datetime | None, number: str | None) -> dict[str, Any]:
    return {
        "id": one.pk, "campaign": one.campaign_id, "unit": unit(one.department), "season": one.season,
        "class_name": one.class_name, "student_no": one.student_no, "name": one.name, "sex": one.sex,
        "birth_date": one.birth_date, "id_number": number or str(one.id_number), "major": one.major, "level": one.level,
        "status": one.status, "stage": stage_of(one.status, standing), "changed_at": changed_at,
        "has_photograph": bool(standing and standing.delivered),
    }  # fmt: skip


def stage_of(status: str, standing: Standing | None) -> str:
    """The furthest stage that a candidate has reached, by the names of the dashboard's stages."""
    reached = next((fact for fact in _FACTS if standing is not None and getattr(standing, fact)), "")
    if reached:
        return reached
    return "accepted" if status == CandidateStatus.ACCEPTED else WAY[0].key
