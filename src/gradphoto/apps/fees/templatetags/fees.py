"""Money in templates."""

from django import template

from gradphoto.apps.fees import money

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals; a dash for nothing known."""
    return "—" if fen is None else money.yuan(fen)


@register.filter
def in_words(fen: int) -> str:
    """Fen in capital numerals (大写)."""
    return money.in_words(fen)
