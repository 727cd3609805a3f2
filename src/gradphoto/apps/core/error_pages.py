"""What a browser gets when no view answers: 400, 403, 404, 500 and a form whose token is wrong.

These pages need neither database nor session: they are shown when those are what failed. Each has a twin for htmx (the line
at ``#messages``) and for programs (JSON). A 500 carries the request's id, which is in the log beside the traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template import loader
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token

from gradphoto.apps.core.problems import is_for_programs, problem
from gradphoto.apps.core.request_log import request_id_of
from gradphoto.engine.wording import Wording

log = logging.getLogger(__name__)
_PORTAL = "/verify/"
_FOR_ANYBODY = ("sign:", "makeupform:", "myphoto:", "verification:")
"""The rooms with pages for people without an account."""
_TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """One kind of error as a person reads it. ``code`` is for programs."""

    status: int
    code: str
    title: Wording
    remedy: Wording


NOT_FOUND = ErrorPage(
    404, "core.not_found", Wording("没有这一页", "No such page"),
    Wording("地址有误、内容已不存在，或不在您的管理范围内。请核对地址，或从首页重新进入。",
            "The address is wrong, what it named is gone, or it lies outside what you are in charge of. Check it, or begin at the start."),
)  # fmt: skip
FORBIDDEN = ErrorPage(
    403, "core.forbidden", Wording("这一页不对您开放", "This page is not open to you"),
    Wording("请由负责该单位的人员操作，或联系本校管理员。", "Ask the person in charge of this unit, or your administrator."),
)  # fmt: skip
BAD_REQUEST = ErrorPage(
    400, "core.bad_request", Wording("这个请求无法处理", "This request cannot be handled"),
    Wording("地址不是本站的地址，或提交的内容过多、残缺。请从首页重新进入后再试。",
            "The address is not this site's, or what was sent is too much or incomplete. Begin again from the first page."),
)  # fmt: skip
WRONG_TOKEN = ErrorPage(
    403, "core.wrong_token", Wording("页面已过期，没有提交", "The page had expired; nothing was submitted"),
    Wording("请返回上一页，刷新后重新提交；若反复出现，请允许浏览器保存本站的 Cookie。",
            "Go back, reload the page and submit again. If it keeps happening, let the browser keep this site's cookies."),
)  # fmt: skip
PRESS_AGAIN = replace(
    WRONG_TOKEN,
    title=Wording("页面已过期，刚才没有提交。", "The page had expired; nothing was submitted yet."),
    remedy=Wording(
        "填写的内容还在，请再按一次；若反复出现，请允许浏览器保存本站的 Cookie。",
        "What you entered is still here: press once more. If it keeps happening, let the browser keep this site's cookies."
    ),
)  # fmt: skip
ONLY_A_BUTTON = ErrorPage(
    405, "core.method_not_allowed", Wording("这个地址不是一页，不能直接打开", "This address is no page and cannot be opened"),
    Wording("这里只接收按钮提交的内容，没有重复提交。请从首页重新进入。",
            "It only takes what a button sends; nothing was sent again. Begin again from the first page."),
)  # fmt: skip
FAILED = ErrorPage(
    500, "core.failed", Wording("系统出错了，这一步没有完成", "Something went wrong; this step was not done"),
    Wording("问题已记录。请稍后再试；若仍出错，请把下面的编号告知管理员。",
            "It has been recorded. Try again later; if it fails again, give your administrator the number below."),
)  # fmt: skip


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler400: an unknown host, too much data, a broken request."""
    return show(request, BAD_REQUEST)


@requires_csrf_token
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler403."""
    return show(request, FORBIDDEN)


@requires_csrf_token
def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's handler404."""
    return show(request, NOT_FOUND)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; the traceback is logged by Django under the same request id."""
    return show(request, FAILED)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What ``access.middleware`` answers where it keeps nothing. Why goes to the log: behind a proxy the cause is often a setting, and only an operator can act."""
    log.warning(
        "request.wrong_token",
        extra={
            "reason": reason, "secure": request.is_secure(), "site_is_https": settings.TLS,
            "hint": "GRADPHOTO_TRUSTED_PROXIES" if settings.TLS and not request.is_secure() else "",
        },
    )  # fmt: skip
    if not (_is_for_anybody(request) and is_from_here(request)) or request.FILES:
        return show(request, WRONG_TOKEN)
    # A staff sign-in in the same browser makes a graduate's open page stale: it gets a new token and loses nothing typed.
    typed = [(name, one) for name, listed in request.POST.lists() for one in listed if name != _TOKEN]
    answer = show(request, PRESS_AGAIN, typed)
    answer.headers["X-CSRFToken"] = get_token(request)
    return answer


def _is_for_anybody(request: HttpRequest) -> bool:
    """Whether it is a page for people without an account: on one of the staff somebody else may have signed in meanwhile."""
    match = request.resolver_match
    return match is not None and match.view_name.startswith(_FOR_ANYBODY) and not hasattr(match.func, "allowed_roles")


def is_from_here(request: HttpRequest) -> bool:
    """Whether the form stood on a page of this site: what another site made up is not offered once more.

    Every browser of the last years says from where it comes; of what says nothing it is not known.
    """
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    here = (None, f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)
    return (origin is not None or site is not None) and origin in here and site in (None, "same-origin")


def show(request: HttpRequest, page: ErrorPage, typed: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """The page in the reader's language; plain sentences in both where even that cannot be made.

    ``typed``: the fields of a form that was not taken, which the page offers to send once more.
    """
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    number = request_id_of(request) if page.status >= 500 else ""
    if is_for_programs(request):
        more = {"number": number} if number else None
        return problem(page.status, page.code, page.title, page.remedy, more=more)
    with translation.override(language):
        if request.accepts("application/json") and not request.accepts("text/html"):
            said = {"code": page.code, "message": _pair(page.title), "remedy": _pair(page.remedy), "number": number}
            return JsonResponse(said, status=page.status)
        try:
            answer = HttpResponse(_rendered(request, page, language, number, typed), status=page.status)
        except Exception:
            log.exception("request.error_page_failed")
            return HttpResponse(_plain(page, number), status=page.status)
    if _is_fragment(request):
        answer.headers["HX-Retarget"] = "#messages"
        answer.headers["HX-Reswap"] = "innerHTML"
    return answer


def _rendered(
    request: HttpRequest, page: ErrorPage, language: str, number: str, typed: Sequence[tuple[str, str]]
) -> str:
    home = _PORTAL if request.path.startswith(_PORTAL) else "/"
    referer = request.headers.get("Referer", "")
    known = page is not BAD_REQUEST and url_has_allowed_host_and_scheme(referer, {request.get_host()})
    # No request context: its processors ask for the signed-in person, and the database may be what failed.
    context = {
        "request": request, "language": language, "page": page, "number": number, "home": home,
        "back": referer if known and request.method == "POST" else "", "csrf_token": get_token(request),
        "typed": typed, "address": request.get_full_path(),
    }  # fmt: skip
    name = "core/error_fragment.html" if _is_fragment(request) else "core/error.html"
    return loader.get_template(name).render(context)


def _is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def _plain(page: ErrorPage, number: str) -> str:
    lines = (page.title.zh, page.title.en, page.remedy.zh, page.remedy.en, number)
    return "<!doctype html><meta charset=utf-8>" + "".join(f"<p>{line}</p>" for line in lines)


def _pair(wording: Wording) -> dict[str, str]:
    return {"zh": wording.zh, "en": wording.en}
