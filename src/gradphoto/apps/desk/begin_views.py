"""The page that makes a campaign: choose what it is made from, see all its dates and rules, change them, make it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.notices import notices
from gradphoto.apps.campaigns.options import in_words
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.desk import beginning
from gradphoto.apps.desk.beginning import Draft
from gradphoto.apps.orgs.models import Organisation, OrganisationKind
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import DayField, RefusedValue, TextField
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import INPUT_STATUS, Form, sent_form
from gradphoto.apps.roster.deferred import deferred_to
from gradphoto.engine.wording import Wording

_FIRST_YEAR, _LAST_YEAR = 2008, 2100


def schools_of(request: SignedInRequest) -> QuerySet[Organisation]:
    """The schools for which the viewer is registrar."""
    return changeable(request.actor, Organisation, "campaigns.manage").filter(kind=OrganisationKind.SCHOOL)


class BasisForm(Form):
    """Which school and class, and what the campaign is made from."""

    school = forms.ModelChoiceField(Organisation.objects.none(), label=bi("学校", "School"), empty_label=None)
    year = forms.IntegerField(label=bi("届（毕业年份）", "Class of"), min_value=_FIRST_YEAR, max_value=_LAST_YEAR)
    basis = forms.ChoiceField(label=bi("从哪里开始", "Begin from"))

    def __init__(self, data: QueryDict | None, schools: QuerySet[Organisation], before: QuerySet[Campaign]) -> None:
        super().__init__(data, auto_id="id_%s")
        chosen: Any = self.fields["school"]
        chosen.queryset = schools
        basis: Any = self.fields["basis"]
        basis.choices = [
            *((f"campaign:{one.pk}", say(_COPY.format(title=one.title))) for one in before),
            *((f"notice:{code}", say(one.title)) for code, one in notices().items()),
        ]


_COPY = Wording("沿用本校的“{title}”", "Copy of your own: {title}")


class PreviewForm(Form):
    """What a person may change before the campaign is made; one date field a milestone."""

    title = TextField(label=bi("批次名称", "Title"), max_length=160)
    centre = forms.ModelChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.COLLECTION_CENTRE), label=bi("采集中心", "Collection centre")
    )
    carry = forms.MultipleChoiceField(label=bi("一并带入", "Carried along"), required=False)
    make = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, draft: Draft, **options: Any) -> None:
        only = PreviewForm.base_fields["centre"].queryset.all()[:2]  # type: ignore[attr-defined]
        first = draft.centre or (only[0] if len(only) == 1 else None)
        offered = _carried(draft)
        carried = [code for code, _ in offered if code in draft.carry]
        initial: dict[str, Any] = {"title": draft.title, "centre": first, "carry": carried}
        initial |= {f"date_{one.kind.value}": one.day for one in draft.dates}
        super().__init__(*args, initial=initial, auto_id="id_%s", **options)
        for one in draft.dates:
            self.fields[f"date_{one.kind.value}"] = DayField(label=one.kind.label, required=False, help_text=one.source)
        carry: Any = self.fields["carry"]
        carry.choices = offered

    @property
    def dates(self) -> list[forms.BoundField]:
        """The date fields, in the order of the journey."""
        return [self[name] for name in self.fields if name.startswith("date_")]


def _carried(draft: Draft) -> list[tuple[str, str]]:
    """What there is to carry along, with how much of it."""
    people = deferred_to(draft.school, draft.cohort_year).count()
    offered = (
        ("cohorts", len(draft.cohorts), Wording("采集对象 {n} 条", "{n:rule|rules} of who graduates")),
        ("places", len(draft.places), Wording("采集地点 {n} 处", "{n:place|places}")),
        ("contacts", len(draft.contacts), Wording("联系方式 {n} 条", "{n:contact|contacts}")),
        ("deferred", people, Wording("以前各届延到本届的 {n} 人", "{n:person|persons} deferred to this class")),
    )
    return [(code, say(words.format(n=count))) for code, count, words in offered if count]


@page("campaigns.manage")
def begin_campaign(request: SignedInRequest) -> HttpResponse:
    """First what the campaign is made from (``?school=&year=&basis=``), then the preview, then it is made."""
    schools = schools_of(request)
    before = Campaign.objects.filter(school__in=schools).order_by("-cohort_year", "-pk")
    asked = request.GET if "basis" in request.GET else None
    chosen = BasisForm(asked, schools, before)
    if asked is None or not chosen.is_valid():
        first_year = timezone.localdate().year + 1
        context = {"form": chosen, "schools": schools, "notices": notices().values(), "first_year": first_year}
        return render(request, "desk/begin.html", context, status=200 if asked is None else INPUT_STATUS)
    draft = _draft(chosen.cleaned_data, before)
    form = sent_form(request, PreviewForm, draft=draft)
    if not form.is_valid():
        status = INPUT_STATUS if form.is_bound else 200
        return render(request, "desk/begin_preview.html", _preview(draft, form), status=status)
    draft, status = _changed(draft, form.cleaned_data), 200
    if form.cleaned_data["make"]:
        try:
            made = beginning.begin(request.actor, draft, form.cleaned_data["centre"])
        except Refusal as refusal:
            form.add_error(None, RefusedValue(refusal))
            status = refusal.status
        else:
            messages.success(request, say(_MADE.format(title=made.title)))
            return redirect("campaigns:detail", pk=made.pk)
    return render(request, "desk/begin_preview.html", _preview(draft, form), status=status)


_MADE = Wording(
    "已建立“{title}”。下一步：核对规则，设置地点，导入名册。", "Made: {title}. Next: rules, places, roster."
)


def _draft(chosen: dict[str, Any], before: QuerySet[Campaign]) -> Draft:
    kind, _, which = chosen["basis"].partition(":")
    if kind == "campaign":
        return replace(beginning.from_campaign(before.get(pk=which), chosen["year"]), school=chosen["school"])
    return beginning.from_notice(chosen["school"], notices()[which], chosen["year"])


def _changed(draft: Draft, said: dict[str, Any]) -> Draft:
    """The draft with what a person changed on the preview; a date moved by hand is of the school's own making."""
    days: dict[str, date | None] = {one.kind.value: said[f"date_{one.kind.value}"] for one in draft.dates}
    dates = tuple(
        one
        if one.day == days[one.kind.value]
        else replace(one, day=days[one.kind.value], source=f"{one.source}（本校调整）" if one.source else "本校安排")
        for one in draft.dates
    )
    return replace(draft, title=said["title"], dates=dates, carry=frozenset(said["carry"]))


def _preview(draft: Draft, form: PreviewForm) -> dict[str, Any]:
    people = deferred_to(draft.school, draft.cohort_year)
    return {
        "draft": draft,
        "form": form,
        "dated": beginning.dated(draft),
        "rules": [(one, in_words(one.key, one.value)) for one in draft.rules],
        "deferred": first_rows(people, 20),
        "deferred_count": people.count(),
        "today": timezone.localdate(),
        "no_centre": not Organisation.objects.filter(kind=OrganisationKind.COLLECTION_CENTRE).exists(),
    }
