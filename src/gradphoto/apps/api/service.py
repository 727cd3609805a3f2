"""The interface itself: version 1, its errors as problem documents, its description without anybody's network."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.db import DatabaseError, DataError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.responses import NinjaJSONEncoder

from gradphoto.apps.access.throttling import TooManyAttempts
from gradphoto.apps.api.errors import TooLarge, TooManyRequests
from gradphoto.apps.core.error_pages import BAD_REQUEST, NOT_FOUND
from gradphoto.apps.core.errors import InvalidInput, Refusal
from gradphoto.apps.core.full_disk import store_refusal
from gradphoto.apps.core.problems import MEDIA_TYPE, problem
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

_INVALID = Wording("请求内容有误。", "The request is not valid.")
_MEND = Wording("请按 errors 逐项改正后重试。", "Mend what `errors` names and send it again.")
_WRONG: dict[str, tuple[Wording, Wording]] = {
    "missing": (
        Wording("缺少必填内容。", "It is missing."), Wording("请补上这一项。", "Give it."),
    ),
    "extra_forbidden": (
        Wording("没有这一项。", "There is no such item."), Wording("请删去这一项。", "Leave it out."),
    ),
}  # fmt: skip
_OTHERWISE = (
    Wording("内容不符合要求。", "It is not what is expected here."),
    Wording("请对照接口说明改正。", "See the description of the interface."),
)
MOST_ERRORS = 100
"""So many wrong values are told at once; how many there are stands beside them."""
ERRORS = frozenset({400, 401, 403, 404, 409, 413, 422, 429})
"""What every endpoint may answer beside what it is for."""


class Interface(NinjaAPI):
    """Describes errors and pictures as what they are."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        described = super().get_openapi_schema(path_prefix=path_prefix or "/api/v1/", path_params=path_params)
        for methods in described["paths"].values():
            for operation in methods.values():
                _as_sent(operation["responses"])
        return described


def _as_sent(answers: dict[Any, Any]) -> None:
    for status, answer in answers.items():
        if int(status) in ERRORS and "content" in answer:
            answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    if 429 in answers:
        seconds = {"description": "seconds to wait", "schema": {"type": "integer"}}
        answers[429]["headers"] = {"Retry-After": seconds}


interface = Interface(
    title="GradPhoto",
    version="1.0.0",
    description="Roster in; stages, photographs, verification and registration results out. See docs/api.md.",
    urls_namespace="interface",
    docs_url=None,
    openapi_url=None,
)


@interface.exception_handler(GradPhotoError)
def refused(request: HttpRequest, error: GradPhotoError) -> HttpResponse:
    """A typed refusal: the sentence and the remedy that a page would show."""
    status = error.status if isinstance(error, Refusal) else 422
    if isinstance(error, InvalidInput):
        status = 422
    log.info("request.refused", extra={"code": error.code, "status": status})
    field = getattr(error, "field", "")
    errors = [_told(field, error.code, error.message, error.remedy)] if field else []
    answer = problem(status, error.code, error.message, error.remedy, errors=errors)
    if isinstance(error, TooManyAttempts | TooManyRequests):
        answer.headers["Retry-After"] = str(error.wait_s)
    return answer


@interface.exception_handler(ValidationError)
def not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Values of the wrong kind, field by field; what was sent is not repeated, as it may be personal."""
    errors = [_field_error(one) for one in error.errors[:MOST_ERRORS]]
    return problem(422, "api.not_valid", _INVALID, _MEND, errors=errors, more={"errors_total": len(error.errors)})


def _field_error(error: Mapping[str, Any]) -> dict[str, Any]:
    where = [part for part in error.get("loc", ()) if part not in ("body", "query", "path", "form", "file", "header")]
    rows = [part for part in where if isinstance(part, int)]
    kind = str(error.get("type", ""))
    message, remedy = _WRONG.get(kind, _OTHERWISE)
    field = ".".join(str(part) for part in where if isinstance(part, str))
    return _told(field, f"api.{kind or 'invalid'}", message, remedy, row=rows[0] if rows else None)


def _told(field: str, code: str, message: Wording, remedy: Wording, row: int | None = None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "field": field, "code": code, "zh": message.zh, "en": message.en, "remedy": {"zh": remedy.zh, "en": remedy.en},
    }  # fmt: skip
    return told if row is None else {"row": row, **told}


@interface.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    """What is not there, or not within the token's part of the tree."""
    return problem(404, NOT_FOUND.code, Wording("没有这项内容。", "There is no such thing."), NOT_FOUND.remedy)


@interface.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """A body that is no JSON, a form that cannot be taken apart."""
    return problem(error.status_code, BAD_REQUEST.code, BAD_REQUEST.title, BAD_REQUEST.remedy)


@interface.exception_handler(RequestDataTooBig)
@interface.exception_handler(TooManyFilesSent)
def too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    """More than the site takes at once."""
    return refused(request, TooLarge("5 MB（文件 64 MB）", "5 MB (a file 64 MB)"))


@interface.exception_handler(OverflowError)
@interface.exception_handler(DataError)
@interface.exception_handler(UnreadablePostError)
@interface.exception_handler(UnicodeError)
def out_of_range(request: HttpRequest, error: Exception) -> HttpResponse:
    """A number or a text that no column holds; a body that broke off."""
    log.warning("request.value_out_of_range", exc_info=error)
    return problem(400, BAD_REQUEST.code, BAD_REQUEST.title, BAD_REQUEST.remedy)


@interface.exception_handler(DatabaseError)
def database(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    """A full disk is a refusal; anything else is a fault."""
    known = store_refusal(error)
    if known is None:
        raise error
    return refused(request, known)


@functools.cache
def query_names() -> dict[str, frozenset[str]]:
    """By the name of an endpoint what its address may ask for."""
    return {
        operation["operationId"]: frozenset(one["name"] for one in operation["parameters"] if one["in"] == "query")
        for methods in as_served()["paths"].values()
        for operation in methods.values()
    }


def as_served() -> dict[str, Any]:
    """What is served now in OpenAPI 3.1, as plain values; ``description.described`` once every endpoint is there."""
    plain: dict[str, Any] = json.loads(json.dumps(interface.get_openapi_schema(), cls=NinjaJSONEncoder))
    return plain
