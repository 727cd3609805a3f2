"""What was typed before a session ended, in the words of the form it stood in: labels and choices, no names of fields."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django import forms

from gradphoto.apps.core.wording import say
from gradphoto.apps.pages.forms import ActionForm
from gradphoto.engine.wording import Wording


def in_words(fields: Sequence[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """Label and value of every field that a person filled in; None where no form of ours is meant."""
    form = _form_of(fields)
    if form is None:
        return None
    shown = []
    for name, value in fields:
        field = form.base_fields.get(name)
        if field is None or field.widget.is_hidden or not value.strip():
            continue
        if isinstance(field, forms.ModelChoiceField):
            continue  # a key says nothing to anybody; the page has the choice
        shown.append((str(field.label or name), _value(field, value)))
    return shown


def _value(field: forms.Field, value: str) -> str:
    if isinstance(field, forms.BooleanField):
        return say(Wording("是", "yes"))
    choices = getattr(field, "choices", ())
    return str(dict(choices).get(value, value)) if choices else value


def _form_of(fields: Sequence[tuple[str, str]]) -> type[ActionForm] | None:
    """The form of that name with the most of these fields: two rooms may call an action alike."""
    named, names = dict(fields).get("form"), {name for name, _ in fields}
    alike = [one for one in _all_forms(ActionForm) if one.action and one.which() == named]
    return max(alike, key=lambda one: len(names & one.base_fields.keys()), default=None)


def _all_forms(form: type[ActionForm]) -> Iterator[type[ActionForm]]:
    for one in form.__subclasses__():
        yield one
        yield from _all_forms(one)
