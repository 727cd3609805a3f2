"""What the pages of the apps before this one show of errata: the link that begins a case, and a person's cases."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.errata.drafting import DRAFTERS
from gradphoto.apps.errata.kinds import ErrataKind
from gradphoto.apps.errata.models import ErrataCase
from gradphoto.apps.errata.views import READERS
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.wording import Wording

register = template.Library()
_TITLE = Wording("报告错误", "Report an error")


@register.simple_tag(takes_context=True)
def report_error(
    context: template.RequestContext,
    candidate: int | None = None,
    package: int | None = None,
    kind: str = "",
    look: str = "btn btn-outline-secondary",
) -> SafeString | str:
    """A link to the draft page, for a person or for a kind of error; nothing for those who do not draft cases."""
    request: HttpRequest = context["request"]
    if not set(DRAFTERS) & getattr(request.user, "roles", frozenset()):
        return ""
    asked = {"candidate": candidate, "package": package, "kind": kind}
    title = f"{say(_TITLE)}：{ErrataKind(kind).label}" if kind else say(_TITLE)
    query = urlencode({name: value for name, value in asked.items() if value})
    return format_html('<a class="{}" href="{}?{}">{}</a>', look, reverse("errata:draft"), query, title)


@register.inclusion_tag("errata/person_cases.html", takes_context=True)
def errata_of(context: template.RequestContext, candidate: Candidate, disputed: int | None = None) -> dict[str, Any]:
    """The errata cases of a person; with ``disputed``, a verification case, the button that makes one of it."""
    request: HttpRequest = context["request"]
    roles: frozenset[str] = getattr(request.user, "roles", frozenset())
    found = scoped(Actor.of(request.user), ErrataCase).filter(items__candidate=candidate).select_related("campaign")
    cases = list(found.distinct()) if set(READERS) & roles else []
    taking = disputed if set(DRAFTERS) & roles and all(case.is_over for case in cases) else None
    return {"cases": cases, "disputed": taking, "csrf_token": context.get("csrf_token"), "request": request}
