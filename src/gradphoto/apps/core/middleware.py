"""What holds for every answer: nothing personal is cached, and a refusal is a page that helps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import DatabaseError, DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation

from gradphoto.apps.core.error_pages import BAD_REQUEST, ONLY_A_BUTTON, show
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.full_disk import store_refusal
from gradphoto.apps.core.problems import is_for_programs, problem
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)

_MOST_DIGITS = 4_300
"""Python reads no longer number from text (``sys.get_int_max_str_digits``)."""


class ChosenLanguage:
    """Chinese first: English only where the reader chose it, whatever the browser's own language is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if translation.check_for_language(chosen) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PrivateByDefault:
    """Pages and pictures are personal data: no shared or disk cache keeps them unless a view says otherwise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class PlainValues:
    """Refuses what no form and no link of ours sends and what breaks the code behind them: NUL, and digits that are no number.

    ``²`` passes ``str.isdigit`` and fails in ``int``; so do thousands of digits; PostgreSQL takes no NUL. A number that is
    only too large for its column is told by ``Refusals``, as a reference of a bank may well have thirty digits.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Runs behind the check of the token, which has read the form anyway.

        Of a program's request only the address is looked at: nothing of its body is read before its token is known.
        """
        has_form = request.method == "POST" and not is_for_programs(request)
        sent = [request.GET, request.POST] if has_form else [request.GET]
        values = (value for given in sent for name, listed in given.lists() for value in (name, *listed))
        if all(map(_is_plain, values)):
            return None
        log.warning("request.strange_value")
        return show(request, BAD_REQUEST)


def _is_plain(value: str) -> bool:
    if "\0" in value:
        return False
    return not value.strip().isdigit() or (value.strip().isdecimal() and len(value) <= _MOST_DIGITS)


class Refusals:
    """Turns a typed error into a page (or, for htmx, a fragment) with its sentence, remedy and code."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and is_for_programs(request):
            return _other_method(response.headers.get("Allow", ""))
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and not response.content:
            return _without_button(request, response.headers["Allow"])
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DatabaseError):
            error = store_refusal(error) or error
        if isinstance(error, OverflowError | DataError):
            # A number or a text that no column holds: somebody's input, and no fault of the installation.
            log.warning("request.value_out_of_range", exc_info=error)
            return show(request, BAD_REQUEST)
        return refusal_answer(request, error) if isinstance(error, GradPhotoError) else None


def refusal_answer(request: HttpRequest, error: GradPhotoError) -> HttpResponse:
    """The page, the fragment or the JSON that tells a refusal."""
    status = error.status if isinstance(error, Refusal) else 400
    log.info("request.refused", extra={"code": error.code, "status": status})
    if request.accepts("application/json") and not request.accepts("text/html"):
        said = {"code": error.code, "message": _pair(error.message), "remedy": _pair(error.remedy)}
        return JsonResponse(said, status=status)
    fragment = bool(getattr(request, "htmx", False)) and not request.htmx.boosted  # type: ignore[attr-defined]
    response = render(
        request,
        "core/refusal_fragment.html" if fragment else "core/refusal.html",
        {"error": error, "back": request.headers.get("Referer", "/")},
        status=200 if fragment else status,
    )
    if fragment:
        # htmx swaps only successful answers; the fragment goes to the page's place for messages.
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _without_button(request: HttpRequest, allowed: str) -> HttpResponse:
    """A button's address opened as a page: from the history, or with the other language on the page it answered."""
    answer = show(request, ONLY_A_BUTTON)
    answer.headers["Allow"] = allowed
    return answer


def _other_method(allowed: str) -> HttpResponse:
    answer = problem(
        405, "core.method_not_allowed",
        Wording("这个地址不接受这种请求方法。", "This address does not take that method."),
        Wording(f"可用：{allowed}。", f"It takes: {allowed}."),
    )  # fmt: skip
    answer.headers["Allow"] = allowed
    return answer


def _pair(wording: Wording) -> dict[str, str]:
    return {"zh": wording.zh, "en": wording.en}
