"""Pages of the tree: one unit with what may be changed of it and its history, and tables of units or people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from gradphoto.apps.core.errors import Refusal, invalid
from gradphoto.apps.core.models import AuditEntry
from gradphoto.apps.core.uploads import Kind, read_upload
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs import actions, table_imports
from gradphoto.apps.orgs.models import ImportKind, ImportState, Organisation, TableImport
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import changeable, get_changeable
from gradphoto.apps.orgs.table_imports import LIMIT_MB, fields_of
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STEPS = {
    "change": (actions.change_organisation, ("name", "code", "name_en")),
    "move": (actions.move_organisation, ("parent",)),
    "archive": (actions.archive_organisation, ("reason",)),
    "restore": (actions.restore_organisation, ("reason",)),
}
_DONE = Wording("已保存。", "Saved.")


def in_tree_order(units: list[Organisation]) -> list[Organisation]:
    """The tree by code, then by name; each with ``depth`` from the viewer's own root."""
    children: dict[int | None, list[Organisation]] = {}
    known = {one.pk for one in units}
    for one in units:
        children.setdefault(one.parent_id if one.parent_id in known else None, []).append(one)
    found: list[Organisation] = []

    def walk(parent: int | None, depth: int) -> None:
        for one in sorted(children.get(parent, ()), key=lambda o: (o.code == "", o.code.zfill(20), o.name)):
            one.depth = depth  # type: ignore[attr-defined]
            found.append(one)
            walk(one.pk, depth + 1)

    walk(None, 0)
    return found


@page("orgs.manage")
def unit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One unit: name, code, where it hangs, whether it still exists, and every change of these."""
    found = get_changeable(request.actor, Organisation.objects.select_related("parent"), "orgs.manage", pk=pk)
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        try:
            _change(request, found)
        except Refusal as refusal:
            context, status = (
                {"refusal": refusal, "typed": request.POST},
                422 if refusal.status == 400 else refusal.status,
            )
            found.refresh_from_db()
        else:
            messages.success(request, say(_DONE))
            return redirect("people:unit", pk=pk)
    mine = list(actions.managed_organisations(request.actor).filter(archived_at=None))
    context |= {
        "unit": found,
        "parents": [one for one in in_tree_order(mine) if not one.path.startswith(found.path)],
        "history": AuditEntry.objects.filter(
            action__startswith="orgs.",
            action__contains="organisation",
            target_type="orgs.organisation",
            target_key=str(pk),
        ).order_by("-pk")[:50],
    }
    return render(request, "orgs/unit.html", context, status=status)


def _change(request: SignedInRequest, found: Organisation) -> None:
    step = request.POST.get("step", "")
    if step not in _STEPS:
        raise invalid("orgs.step", "未知操作。", "Unknown step.", "请刷新页面。", "Reload the page.")
    function, names = _STEPS[step]
    given: dict[str, Any] = {name: request.POST.get(name, "") for name in names}
    if step == "move":
        number = given["parent"]
        given["parent"] = get_changeable(
            request.actor, Organisation, "orgs.manage", pk=int(number) if number.isdigit() else 0
        )
    function(request.actor, found, **given)  # type: ignore[operator]


@page("orgs.manage")
def imports(request: SignedInRequest, kind: str) -> HttpResponse:
    """Hand in a table of units or people; the template is here, and the files so far."""
    wanted = _kind(kind)
    roots = in_tree_order(list(actions.managed_organisations(request.actor).filter(archived_at=None)))
    error: GradPhotoError | None = None
    if request.method == "POST" and roots:
        try:
            made = _hand_in(request, wanted, roots[0])
        except GradPhotoError as refusal:
            error = refusal
        else:
            return redirect("people:table", pk=made.pk)
    tables = changeable(request.actor, TableImport, "orgs.manage").filter(kind=wanted)[:20]
    context = {"kind": wanted, "tables": tables, "fields": fields_of(wanted), "error": error}
    return render(request, "orgs/imports.html", context, status=422 if error else 200)


def _kind(text: str) -> ImportKind:
    if text not in ImportKind.values:
        raise Http404
    return ImportKind(text)


def _hand_in(request: SignedInRequest, kind: ImportKind, root: Organisation) -> TableImport:
    upload = request.FILES.get("file")
    if upload is None:
        raise invalid("orgs.no_file", "没有选择文件。", "No file was chosen.", "请选择文件。", "Choose the file.")
    data, _ = read_upload(upload, Kind.TABLE, limit_mb=LIMIT_MB)
    return table_imports.read_table(request.actor, root, kind=kind, file_name=upload.name or "table", data=data)


@page("orgs.manage")
@require_GET
def template(request: SignedInRequest, kind: str) -> HttpResponse:
    """The workbook to fill in."""
    answer = HttpResponse(table_imports.template_file(_kind(kind)), content_type=_XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.xlsx"'
    return answer


@page("orgs.manage")
def table(request: SignedInRequest, pk: int) -> HttpResponse:
    """A table on its way: its columns, every row with what would become of it, then it is taken over."""
    found = get_changeable(request.actor, TableImport, "orgs.manage", pk=pk)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            return _take_step(request, found)
        except Refusal as refusal:
            error = refusal
            found.refresh_from_db()
    rows = table_imports.checked(request.actor, found) if found.state != ImportState.DISCARDED else []
    columns = {column: name for name, column in found.mapping.items()}
    context = {
        "table": found,
        "fields": fields_of(found.kind),
        "columns": [(n, title, columns.get(n, "")) for n, title in enumerate(found.header)],
        "rows": [(row, [row.values[one.name] for one in fields_of(found.kind)]) for row in rows],
        "counts": {state: sum(row.state == state for row in rows) for state in ("new", "changed", "same", "wrong")},
        "error": error,
    }
    return render(request, "orgs/table.html", context, status=error.status if error else 200)


def _take_step(request: SignedInRequest, found: TableImport) -> HttpResponse:
    step = request.POST.get("step", "")
    if step == "map":
        named = {request.POST.get(f"column_{n}", ""): n for n in range(len(found.header))}
        chosen = [request.POST.get(f"column_{n}", "") for n in range(len(found.header))]
        if len([name for name in chosen if name]) != len({name for name in chosen if name}):
            raise invalid(
                "orgs.column_twice", "同一项目指定了两列。", "Two columns were named for the same item.",
                "每个项目只选一列。", "Choose one column an item.",
            )  # fmt: skip
        table_imports.map_table(request.actor, found, mapping={k: v for k, v in named.items() if k})
        return redirect("people:table", pk=found.pk)
    if step == "discard":
        table_imports.discard_table(request.actor, found)
        return redirect("people:imports", kind=found.kind)
    count = table_imports.take_table(request.actor, found)
    told = Wording("已接收 {n} 行。", "{n:row|rows} taken over.").format(n=count)
    messages.success(request, say(told))
    if found.kind == ImportKind.PEOPLE:
        messages.info(request, say(Wording("下一步：发出邀请。", "Next: invite them.")))
        return redirect("people:list")
    return redirect("people:organisations")
