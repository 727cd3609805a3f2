"""``{% help_url %}``: the address of the paragraph about the page being shown, in a manual of its reader's."""

from __future__ import annotations

from django import template

from gradphoto.apps.help import links

register = template.Library()


@register.simple_tag(takes_context=True)
def help_url(context: template.RequestContext, own: bool = False) -> str:
    """``own``: a person's own page, and pages of errors: no account is asked for, and so no database."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    user = None if own else getattr(request, "user", None)
    roles: frozenset[str] = frozenset(user.roles) if user is not None and user.is_authenticated else frozenset()
    return links.help_url(match.view_name if match else "", roles)
