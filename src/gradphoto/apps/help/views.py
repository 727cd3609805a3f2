"""The manuals' pages. They hold no data, so they open to everybody, also before a sign-in and on a graduate's phone."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from gradphoto.apps.core.wording import bi
from gradphoto.apps.help.manuals import TITLES, manual_of, manuals_for, search
from gradphoto.apps.pages.fields import TextField
from gradphoto.apps.pages.forms import Form, sent_form


class Search(Form):
    """Sent by POST: what somebody looks for, by mistake perhaps a person's number, stands in no address."""

    q = TextField(max_length=60, label=bi("在手册中查找", "Search the manuals"), required=False)


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Every manual, one's own first; with words the paragraphs that hold all of them."""
    form = sent_form(request, Search)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    mine = manuals_for(_roles(request))
    return render(
        request,
        "help/index.html",
        {
            "form": form,
            "words": words,
            "hits": search(words, first=mine),
            "mine": [manual_of(name) for name in mine],
            "others": [manual_of(name) for name in TITLES if name not in mine],
            "frame": _frame(request),
        },
    )


@require_safe
def manual(request: HttpRequest, name: str) -> HttpResponse:
    """One manual with its table of contents."""
    if name not in TITLES:
        raise Http404
    return render(request, "help/manual.html", {"manual": manual_of(name), "frame": _frame(request)})


def _roles(request: HttpRequest) -> frozenset[str]:
    return frozenset(request.user.roles) if request.user.is_authenticated else frozenset()


def _frame(request: HttpRequest) -> str:
    """A graduate has no desk: without an account the frame has no way to it."""
    return "base.html" if request.user.is_authenticated else "help/open_frame.html"
