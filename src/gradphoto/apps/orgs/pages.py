"""The frame of every signed-in page: who may open it, and the actor that its view acts as."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.refused_steps import refusals_on_record
from gradphoto.apps.orgs.models import User
from gradphoto.apps.orgs.permissions import roles_of

View = Callable[..., HttpResponseBase]


class ActorRequest(HttpRequest):
    """A request with the actor that its view acts as: a person of the staff, or a graduate on the own page."""

    actor: Actor


class SignedInRequest(ActorRequest):
    """What a view behind ``page`` receives: the signed-in person and the actor that it acts as."""

    user: User
    htmx: HtmxDetails


def page(*permissions: str) -> Callable[[View], View]:
    """Open a view to persons who hold one of ``permissions``; the view finds its actor in ``request.actor``.

    The permissions stay on the view, and with them their roles (``allowed_roles``), where links ask for them and the
    test that walks every URL with every role reads them.
    """
    allowed = frozenset(map(str, roles_of(*permissions)))

    def frame(view: View) -> View:
        @login_required
        @functools.wraps(view)
        def open_page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.actor = Actor.of(request.user)  # type: ignore[attr-defined]
            if not allowed & request.user.roles:  # type: ignore[union-attr]
                name = request.resolver_match.view_name if request.resolver_match else ""
                with refusals_on_record(request.actor):  # type: ignore[attr-defined]
                    raise PermissionRefusal(f"page:{name}")
            return view(request, *args, **kwargs)

        open_page.allowed_roles = allowed  # type: ignore[attr-defined]
        open_page.permissions = permissions  # type: ignore[attr-defined]
        return open_page

    return frame
