"""The base of every list's filter: django-filter with our form, so that a wrong value is told beside its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import django_filters
from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.pages.fields import SearchField
from gradphoto.apps.pages.forms import Form

ALL = bi("全部", "All")


class FilterForm(Form):
    """The form of a filter: in a row above its list, ids beginning with ``f-``."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", "f-%s")
        super().__init__(*args, **options)


class ListFilter(django_filters.FilterSet):
    """What a list may be asked for. A subclass declares filters; ``actor`` bounds choices that are records.

    ``narrow`` drops or changes filters for this viewer, e.g. a choice of departments where there is only one.
    """

    class Meta:
        form = FilterForm

    def __init__(
        self, data: QueryDict, queryset: QuerySet[Any], *, actor: Actor, defaults: Mapping[str, str] | None = None
    ) -> None:
        self.actor, self.defaults = actor, defaults or {}
        super().__init__(data, queryset, request=SimpleNamespace(actor=actor))
        self.narrow()

    def narrow(self) -> None:
        """Fit the filters to the viewer."""

    def offer(self, name: str, label: Callable[[Any], str]) -> None:
        """The records of a choice with their words, read once; where there is only one, nothing to choose."""
        if name not in self.filters:
            return
        field = self.form.fields[name]
        found: list[Model] = list(field.queryset)
        if len(found) < 2:
            field.widget = forms.HiddenInput()
        else:
            field.widget.choices = [("", ALL), *((one.pk, label(one)) for one in found)]

    @property
    def is_set(self) -> bool:
        """Whether anything is asked for: then an empty list says so, and offers to clear the filter."""
        if not self.form.is_valid():
            return True
        return any(
            value not in (None, "", False, [], ()) and str(value) != self.defaults.get(name)
            for name, value in self.form.cleaned_data.items()
            # Where the page stands is nobody's filter; a tab is one, as an empty tab is no empty list.
            if type(self.form.fields[name].widget) is not forms.HiddenInput
        )

    @property
    def asked(self) -> list[str]:
        """The names of what is asked for, without the values: for the audit trail."""
        return sorted(name for name, value in self.form.cleaned_data.items() if value not in (None, "", False, []))


def choice(
    choices: Any, zh: str, en: str, field_name: str | None = None, **options: Any
) -> django_filters.ChoiceFilter:
    """A filter by one value of an enumeration, with "all" first."""
    known = choices.choices if hasattr(choices, "choices") else choices
    return django_filters.ChoiceFilter(
        field_name=field_name, choices=known, label=bi(zh, en), empty_label=ALL, **options
    )


def search(zh: str, en: str, method: str, *, example: tuple[str, str] = ("", "")) -> django_filters.CharFilter:
    """The search field: its words go to the method of that name."""
    widget = forms.TextInput({"type": "search", "placeholder": bi(*example), "autocomplete": "off"})
    return Searched(method=method, label=bi(zh, en), max_length=60, widget=widget)


class Searched(django_filters.CharFilter):
    """Words that are looked for."""

    field_class = SearchField


class Ticked(django_filters.Filter):
    """A box to tick: when it is, the filter set's method of that name narrows the list."""

    field_class = forms.BooleanField

    def __init__(self, narrows: str, zh: str, en: str) -> None:
        self.narrows = narrows
        super().__init__(label=bi(zh, en), widget=forms.CheckboxInput({"value": "1"}))

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return getattr(self.parent, self.narrows)(qs) if value else qs


class TabInput(forms.HiddenInput):
    """A value that stands as a tab above the list, and in the form unseen."""


def tab(choices: Any, zh: str, en: str, field_name: str | None = None, **options: Any) -> django_filters.ChoiceFilter:
    """A choice that stands as tabs above its list (``Asked.tabs``); the form carries it along unseen."""
    return choice(choices, zh, en, field_name, widget=TabInput(), **options)


def record(
    records: Any, zh: str, en: str, field_name: str | None = None, **options: Any
) -> django_filters.ModelChoiceFilter:
    """A filter by a record: ``records(actor)`` gives those that the viewer sees."""
    return django_filters.ModelChoiceFilter(
        field_name=field_name,
        queryset=lambda asker: records(asker.actor),
        label=bi(zh, en),
        empty_label=ALL,
        **options,
    )


def day(zh: str, en: str, field_name: str | None = None, lookup: str = "exact") -> django_filters.DateFilter:
    """A filter by a day."""
    return django_filters.DateFilter(
        field_name=field_name,
        lookup_expr=lookup,
        label=bi(zh, en),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )


def hidden(field_name: str) -> django_filters.NumberFilter:
    """A filter that links bring along and the form carries without showing it: the id of a record."""
    return django_filters.NumberFilter(
        field_name=field_name, label=bi("记录编号", "Record"), widget=forms.HiddenInput()
    )


def hidden_day(field_name: str) -> django_filters.DateFilter:
    """The same for a day."""
    return django_filters.DateFilter(
        field_name=field_name, label=bi("日期", "Day"), input_formats=["%Y-%m-%d"], widget=forms.HiddenInput()
    )
