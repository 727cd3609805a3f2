"""A number for every request, in its answer, on its error page and in every line it logs; one line when it is done.

The line names the route, not the path: paths hold tokens, query strings hold what people search for.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from gradphoto.apps.core.client_address import client_address

log = logging.getLogger("gradphoto.requests")


def request_id_of(request: HttpRequest) -> str:
    """The request's number; empty where it did not come through the middleware."""
    return getattr(request, "number", "")


def route_of(request: HttpRequest) -> str:
    """The pattern of the address; empty where none matched."""
    return request.resolver_match.route if request.resolver_match else ""


class RequestLog:
    """Stands second, after the forwarded headers: whatever fails below has a number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = request.headers.get("X-Request-ID") or secrets.token_hex(6)
        request.number = number  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=number)
        began = time.monotonic()
        response = self.get_response(request)
        response.headers["X-Request-ID"] = number
        took_ms = round(1000 * (time.monotonic() - began))
        told = {
            "method": request.method, "route": route_of(request), "status": response.status_code, "took_ms": took_ms,
            "address": client_address(request), "user": _user_of(request),
        }  # fmt: skip
        log.info("request", extra=told)
        return response


def _user_of(request: HttpRequest) -> int | None:
    """The signed-in account's number, where a view has asked for it already: the log reads nothing from the database."""
    user = request.__dict__.get("_cached_user")
    return getattr(user, "pk", None)
