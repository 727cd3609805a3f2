"""The frame of every signed-in page: who may open it, and the actor that its view acts as."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.orgs.models import Role, User

EVERYONE = tuple(Role)

View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """What a view behind ``page`` receives: the signed-in person and the actor that it acts as."""

    user: User
    actor: Actor
    htmx: HtmxDetails


def page(*roles: Role) -> Callable[[View], View]:
    """Open a view to persons with one of ``roles``; the view finds its actor in ``request.actor``.

    The roles stay on the view (``allowed_roles``), where the test that walks every URL with every role reads them.
    """
    allowed = frozenset(str(role) for role in roles)

    def frame(view: View) -> View:
        @login_required
        @functools.wraps(view)
        def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed & request.user.roles:  # type: ignore[union-attr]
                raise PermissionRefusal(f"page:{request.resolver_match.view_name if request.resolver_match else ''}")
            request.actor = Actor.of(request.user)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        open_page.allowed_roles = allowed  # type: ignore[attr-defined]
        return open_page

    return frame
