"""Campaigns, and jobs under way."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Query, Router

from gradphoto.apps.api.authentication import ByToken, caller_of
from gradphoto.apps.api.endpoints.shared import answers, unit
from gradphoto.apps.api.paging import MOST, Cursor, Limit, paged, sentence
from gradphoto.apps.api.schemas import Campaigns, JobOut
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.models import Job
from gradphoto.apps.desk.queries import jobs_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.scope import scoped

router = Router(tags=["campaigns"])


@router.get("/campaigns", auth=ByToken("campaigns.read"), response=answers(Campaigns), operation_id="list_campaigns")
def list_campaigns(request: HttpRequest, cursor: Cursor, limit: Limit) -> Any:
    """The campaigns that the token's unit takes part in."""
    actor = caller_of(request).actor
    found, following = paged(scoped(actor, Campaign.objects.select_related("school"), "campaigns.read"), cursor, limit)
    items = [
        {
            "id": one.pk,
            "title": one.title,
            "cohort_year": one.cohort_year,
            "status": one.status,
            "school": unit(one.school),
        }
        for one in found
    ]
    return {"items": items, "next": following}


@router.get("/jobs/{uuid:job}", auth=ByToken("campaigns.read"), response=answers(JobOut), operation_id="get_job")
def get_job(
    request: HttpRequest,
    job: UUID,
    cursor: Cursor,
    limit: Annotated[int, Query(MOST, ge=1, le=MOST, description="issues a page")],
) -> Any:
    """How far a job is; what could not be done stands in ``issues``, with the reason and the remedy, page by page."""
    actor = caller_of(request).actor
    units = [held.organisation.pk for held in actor.user.held]
    found = jobs_of(actor).filter(pk=job, organisation_id__isnull=False).first()
    if found is None or not _is_of(found, actor, units):
        raise Http404
    issues, following = paged(found.issues.all(), cursor, limit)
    return {
        "id": found.pk, "kind": found.kind, "state": found.state, "total": found.total, "done": found.done,
        "failed": found.failed, "created_at": found.created_at, "finished_at": found.finished_at,
        "error": _error(found), "issues": [_issue(one) for one in issues], "next": following,
    }  # fmt: skip


def _is_of(job: Job, actor: Any, units: list[int]) -> bool:
    """A token sees jobs of its own part of the tree, not those that its person started elsewhere."""
    return scoped(actor, Organisation).filter(pk=job.organisation_id or 0).exists() or job.organisation_id in units


def _error(job: Job) -> dict[str, Any] | None:
    if not job.error_code:
        return None
    return {"field": "", "code": job.error_code, **sentence(job.error), "remedy": sentence(job.remedy)}


def _issue(issue: Any) -> dict[str, Any]:
    return {
        "field": issue.subject, "code": issue.code, **sentence(issue.message), "remedy": sentence(issue.remedy),
    }  # fmt: skip
