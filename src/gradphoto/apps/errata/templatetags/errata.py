"""The link that begins an errata case, for the pages of the apps before this one."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from gradphoto.apps.core.wording import say
from gradphoto.apps.errata.drafting import DRAFTERS
from gradphoto.engine.wording import Wording

register = template.Library()
_TITLE = Wording("报告错误", "Report an error")


@register.simple_tag(takes_context=True)
def report_error(
    context: template.RequestContext,
    candidate: int,
    package: int | None = None,
    look: str = "btn btn-outline-secondary",
) -> SafeString | str:
    """A link to the draft page for a person; nothing for those who do not draft cases."""
    request: HttpRequest = context["request"]
    if not set(DRAFTERS) & getattr(request.user, "roles", frozenset()):
        return ""
    asked = {"candidate": candidate} | ({"package": package} if package else {})
    return format_html(
        '<a class="{}" href="{}?{}">{}</a>', look, reverse("errata:draft"), urlencode(asked), say(_TITLE)
    )
