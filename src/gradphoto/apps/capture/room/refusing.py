"""What was typed into a question of the room's screen and is wrong: told beside the field, the question stays open."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from gradphoto.apps.core.errors import InvalidInput
from gradphoto.apps.orgs.pages import SignedInRequest
from gradphoto.apps.pages.forms import INPUT_STATUS

View = Callable[..., HttpResponse]


def told_beside(view: View) -> View:
    """Answer wrong input of htmx with 422 and its sentence; ``room.js`` puts it into the open question, else on top.

    The question is not drawn anew, so everything typed stays. Without scripts no question opens; such a request gets
    the page of a refusal.
    """

    @functools.wraps(view)
    def tell(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except InvalidInput as error:
            if not request.htmx:
                raise
            response = render(request, "core/refusal_fragment.html", {"error": error}, status=INPUT_STATUS)
            response.headers["HX-Retarget"] = "#messages"
            response.headers["HX-Reswap"] = "innerHTML"
            return response

    return tell
