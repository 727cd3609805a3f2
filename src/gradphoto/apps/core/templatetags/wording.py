"""``{% t "花名册" "Roster" %}`` and friends: both languages stand where the sentence is used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django import template
from django.template.base import FilterExpression, NodeList, Parser, TextNode, Token, token_kwargs
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gradphoto.apps.core.action_words import words_of
from gradphoto.apps.core.actions import may
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.slots import filled
from gradphoto.apps.core.wording import listed as side_by_side
from gradphoto.apps.core.wording import say
from gradphoto.engine.wording import Wording, counted

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: object) -> str:
    """The sentence in the reader's language; ``{fields}`` are filled from the keyword arguments and escaped.

    ``{n:day|days}`` brings the noun in the form that the number asks for.
    """
    return _shown(Wording(zh, en), values)


@register.filter
def listed(names: Iterable[object]) -> str:
    """``{{ names|listed }}``: names side by side, as the reader's language divides them."""
    return side_by_side(map(str, names))


def _shown(wording: Wording, values: Mapping[str, object]) -> str:
    sentence = say(wording)
    return format_html(sentence, **counted(values)) if values else sentence


@register.tag
def sentence(parser: Parser, token: Token) -> SentenceNode:
    """The same for a sentence that is longer than a line, each language on lines of its own::

        {% sentence n=most_files %}
          全部放进一个 zip，最多 {n} 个文件。
          {% english %}
          All of them in one zip, at most {n} files.
        {% endsentence %}

    ``{% sentence n=days as words %}`` keeps it for later, as ``{% t … as words %}`` does.
    """
    bits = token.split_contents()[1:]
    name = bits.pop() if bits[-2:-1] == ["as"] else ""
    bits = bits[:-1] if name else bits
    values = token_kwargs(bits, parser)
    if bits:
        raise template.TemplateSyntaxError(f"sentence: {bits[0]} is no name=value")
    zh = _read(parser.parse(("english",)))
    parser.delete_first_token()
    en = _read(parser.parse(("endsentence",)))
    parser.delete_first_token()
    return SentenceNode(Wording(zh, en), values, name)


_WIDE = "[\u2e80-\u9fff\uff00-\uffef“”‘’…—]"
"""Signs between which Chinese has no space, whether a line ends there or not."""


def unbroken(text: str) -> str:
    """A text written over several lines as the one line that is read."""
    return re.sub(r"\s*\n\s*", " ", re.sub(rf"(?<={_WIDE})\s*\n\s*(?={_WIDE})", "", text.strip()))


def _read(nodes: NodeList) -> SafeString:
    """Plain text, safe as what stands between the quotes of ``{% t %}`` is."""
    text = unbroken("".join(node.s for node in nodes if isinstance(node, TextNode)))
    if not text or not all(isinstance(node, TextNode) for node in nodes):
        raise template.TemplateSyntaxError("sentence: both languages, as text; values come as name=value")
    return SafeString(text)


class SentenceNode(template.Node):
    """A sentence of a template in both languages, with what is filled in."""

    def __init__(self, wording: Wording, values: Mapping[str, FilterExpression], name: str) -> None:
        self.wording, self.values, self.name = wording, values, name

    def render(self, context: template.Context) -> SafeString:
        shown = _shown(self.wording, {name: value.resolve(context) for name, value in self.values.items()})
        if not self.name:
            return SafeString(shown)
        context[self.name] = shown
        return SafeString()


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
