"""Pages of the tree: its units, one unit with what may be changed of it and its history, tables of units or people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs import table_imports
from gradphoto.apps.orgs.models import ImportKind, ImportState, Organisation, TableImport
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_changeable
from gradphoto.apps.orgs.table_imports import fields_of
from gradphoto.apps.orgs.table_rows import CheckedRow
from gradphoto.apps.pages.downloads import download
from gradphoto.apps.pages.exporting import answer_export
from gradphoto.apps.pages.first_rows import first_rows
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.people.lists import TABLES, UNITS
from gradphoto.apps.people.unit_forms import TABLE_FORMS, UNIT_FORMS, AddOrganisation, DiscardTable, MapTable, ReadTable
from gradphoto.engine.wording import Wording


@page("orgs.manage")
def organisations(request: SignedInRequest) -> HttpResponse:
    """The viewer's part of the tree, and a form that adds to it."""
    if request.method == "POST":
        form = posted_form(request, (AddOrganisation,), None)
        return form_action(
            request, form, again=lambda form: _organisations(request, form),
            done=lambda made: redirect("people:organisations"),
        )  # fmt: skip
    return _organisations(request)


def _organisations(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    context = {"listing": UNITS.page(request), "form": posted or AddOrganisation(request.actor)}
    return render(request, "people/organisations.html", context)


@page("orgs.manage")
def unit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One unit: name, code, where it hangs, whether it still exists, and every change of these."""
    if request.method == "POST":
        form = posted_form(request, UNIT_FORMS, _unit(request, pk))
        return form_action(
            request,
            form,
            again=lambda form: _detail(request, pk, form),
            done=lambda made: redirect("people:unit", pk=pk),
        )
    return _detail(request, pk)


def _unit(request: SignedInRequest, pk: int) -> Organisation:
    return get_changeable(request.actor, Organisation.objects.select_related("parent"), "orgs.manage", pk=pk)


def _detail(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = _unit(request, pk)
    history = AuditEntry.objects.filter(
        action__startswith="orgs.", action__contains="organisation", target_type="orgs.organisation", target_key=str(pk)
    )
    context = {
        "unit": found,
        "page_forms": PageForms(request.actor, found, UNIT_FORMS, posted),
        "history": first_rows(history.order_by("-pk"), 50).drawn(lambda entry: (entry, _what(entry.detail))),
    }
    return render(request, "people/unit.html", context)


def _what(detail: Mapping[str, Any]) -> str:
    """What changed, as a person writes it: from what to what, or why."""
    before, after = detail.get("before"), detail.get("after")
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changed = [name for name in after if before.get(name) != after[name]]
        return "；".join(f"{before.get(name) or '—'} → {after[name] or '—'}" for name in changed)
    if after:
        return f"{before or '—'} → {after}"
    return str(detail.get("reason") or detail.get("name") or "")


@page("orgs.manage")
def imports(request: SignedInRequest, kind: str) -> HttpResponse:
    """Hand in a table of units or people; the template is here, and the files so far."""
    wanted = _kind(kind)
    if request.method == "POST":
        form = posted_form(request, (ReadTable,), None, kind=wanted)
        return form_action(
            request, form, again=lambda form: _imports(request, wanted, form),
            done=lambda made: redirect("people:table", pk=made.pk),
        )  # fmt: skip
    return _imports(request, wanted)


def _imports(request: SignedInRequest, wanted: ImportKind, posted: ActionForm | None = None) -> HttpResponse:
    context = {
        "kind": wanted,
        "listing": TABLES[wanted].page(request),
        "fields": fields_of(wanted),
        "form": posted or ReadTable(request.actor, None, kind=wanted),
    }
    return render(request, "people/imports.html", context)


def _kind(text: str) -> ImportKind:
    if text not in ImportKind.values:
        raise Http404
    return ImportKind(text)


@page("orgs.manage")
def tables_export(request: SignedInRequest, kind: str) -> HttpResponseBase:
    """The list of the tables handed in as a file."""
    return answer_export(request, TABLES[_kind(kind)])


@page("orgs.manage")
@require_GET
def template(request: SignedInRequest, kind: str) -> HttpResponse:
    """The workbook to fill in."""
    return download(table_imports.template_file(_kind(kind)), f"{kind}.xlsx")


@page("orgs.manage")
def table(request: SignedInRequest, pk: int) -> HttpResponse:
    """A table on its way: its columns, every row with what would become of it, then it is taken over."""
    found = get_changeable(request.actor, TableImport, "orgs.manage", pk=pk)
    if request.method == "POST":
        form = posted_form(request, TABLE_FORMS, found)
        return form_action(
            request, form, again=lambda form: _table(request, pk, form), done=lambda made: _taken(request, found, form)
        )
    return _table(request, pk)


def _taken(request: SignedInRequest, found: TableImport, form: ActionForm) -> HttpResponse:
    if isinstance(form, MapTable):
        return redirect("people:table", pk=found.pk)
    if isinstance(form, DiscardTable):
        return redirect("people:imports", kind=found.kind)
    if found.kind == ImportKind.PEOPLE:
        messages.info(request, say(Wording("下一步：发出邀请。", "Next: invite them.")))
        return redirect("people:list")
    return redirect("people:organisations")


def _meant(row: CheckedRow, name: str) -> str:
    """What the words of a cell are taken for, where that is not what they say."""
    meant = row.meant.get(name, "")
    return "" if meant == row.values[name] or row.state == "wrong" else meant


def _table(request: SignedInRequest, pk: int, posted: ActionForm | None = None) -> HttpResponse:
    found = get_changeable(request.actor, TableImport, "orgs.manage", pk=pk)
    rows = table_imports.checked(request.actor, found) if found.state != ImportState.DISCARDED else []
    context: dict[str, Any] = {
        "table": found,
        "fields": fields_of(found.kind),
        "rows": [
            (row, [(row.values[one.name], _meant(row, one.name)) for one in fields_of(found.kind)]) for row in rows
        ],
        "counts": {state: sum(row.state == state for row in rows) for state in ("new", "changed", "same", "wrong")},
        "page_forms": PageForms(request.actor, found, TABLE_FORMS, posted),
    }
    return render(request, "people/table.html", context)
