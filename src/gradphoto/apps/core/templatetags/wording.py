"""``{% t "花名册" "Roster" %}`` and friends: both languages stand where the sentence is used."""

from __future__ import annotations

from django import template
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gradphoto.apps.core.action_words import words_of
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.slots import filled
from gradphoto.apps.core.wording import say
from gradphoto.engine.wording import Wording, counted

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: object) -> str:
    """The sentence in the reader's language; ``{fields}`` are filled from the keyword arguments and escaped.

    ``{n:day|days}`` brings the noun in the form that the number asks for.
    """
    sentence = say(Wording(zh, en))
    return format_html(sentence, **counted(values)) if values else sentence


@register.filter
def said(wording: Wording | None) -> str:
    """A ``Wording`` in the reader's language."""
    return say(wording) if wording else ""


@register.filter
def action_words(action: str) -> str:
    """What an action of the audit trail is called, in the reader's language."""
    return say(words_of(action))


@register.filter
def said_pair(pair: dict[str, str] | None) -> str:
    """A stored ``{"zh": ..., "en": ...}`` pair in the reader's language."""
    return say(Wording(pair.get("zh", ""), pair.get("en", ""))) if pair else ""


@register.filter
def masked(sealed: object) -> SafeString:
    """A sealed value as its mask, in figures of equal width."""
    return format_html('<span class="figures">{}</span>', str(sealed))


@register.simple_tag(takes_context=True)
def slot(context: template.RequestContext, place: str, subject: object, **options: object) -> SafeString | str:
    """What later rooms show in this place of the page for one subject (``core.slots``)."""
    return next(iter(filled(place, context["request"], [subject], **options).values()), "")


@register.simple_tag(takes_context=True)
def opens(context: template.RequestContext, name: str, *args: object) -> bool:
    """Whether a page opens to the viewer's roles: ``{% opens "errata:forms" as forms %}``; a link leads nowhere else.

    None does where this site has no such page (a laptop).
    """
    try:
        view = resolve(reverse(name, args=args)).func
    except NoReverseMatch:
        return False
    return bool(context["request"].user.roles & getattr(view, "allowed_roles", frozenset()))


@register.simple_tag(takes_context=True)
def permitted(context: template.RequestContext, name: str, target: object) -> bool:
    """Whether the viewer is permitted an action on a record: ``{% permitted "core.cancel_job" job as may_cancel %}``."""
    return may(Actor.of(context["request"].user), name, target)


@register.simple_tag(takes_context=True)
def query(context: template.RequestContext, **changes: object) -> str:
    """The current page's query string with some parameters changed; an empty value removes one."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}" if params else "?"
