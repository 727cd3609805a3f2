"""Errors for programs: RFC 9457 problem documents with a stable code, both sentences and the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse

from gradphoto.engine.wording import Wording

MEDIA_TYPE = "application/problem+json"
FOR_PROGRAMS = "/api/"
"""What lies below speaks JSON, whatever the client says it accepts."""


def is_for_programs(request: HttpRequest) -> bool:
    """Whether a program asks: its errors are problem documents, and its values are checked by the interface's own types."""
    return request.path.startswith(FOR_PROGRAMS)


def problem(
    status: int,
    code: str,
    message: Wording,
    remedy: Wording,
    *,
    errors: Sequence[Mapping[str, Any]] = (),
    more: Mapping[str, Any] | None = None,
) -> JsonResponse:
    """One problem document. ``errors``: what is wrong row by row or field by field, each with its own code and remedy."""
    said: dict[str, Any] = {
        "type": f"urn:gradphoto:problem:{code}",
        "title": message.en,
        "status": status,
        "code": code,
        "zh": message.zh,
        "en": message.en,
        "remedy": {"zh": remedy.zh, "en": remedy.en},
        **(more or {}),
    }
    if errors:
        said["errors"] = list(errors)
    answer = JsonResponse(said, status=status, content_type=MEDIA_TYPE, json_dumps_params={"ensure_ascii": False})
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="GradPhoto"'
    return answer
