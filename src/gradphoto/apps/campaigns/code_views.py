"""The page of the code tables: every word with its source, words added and ended by the school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render

from gradphoto.apps.campaigns.code_tables import CodeTableName, added_names
from gradphoto.apps.campaigns.models import CodeName
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.permissions import seats
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.fields import ChoiceField, RecordField, TextField
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.engine.standards.codes import load_table
from gradphoto.engine.wording import Wording


class AddCodeName(ActionForm):
    """A word for a code table, with the document it comes from."""

    action = "campaigns.add_code_name"
    button = Wording("添加", "Add")
    said = Wording("已添加，名册核对、录入和卡片即可使用。", "Added: rosters, forms and cards know it from now on.")
    table = ChoiceField(CodeTableName, label=bi("代码表", "Code tables"), css="col-md-3")
    name = TextField(label=bi("名称", "Name"), max_length=20, css="col-md-3")
    source = TextField(label=bi("依据（文件名称或文号）", "Source (document)"), max_length=200, css="col-md-6")

    def arguments(self) -> dict[str, Any]:
        return dict(self.cleaned_data) | {"table": str(self.cleaned_data["table"])}


def _own_words(actor: Actor) -> QuerySet[CodeName]:
    return changeable(actor, CodeName, "campaigns.set_codes").filter(ended_at=None)


class EndCodeName(ActionForm):
    """A word that is not used any more."""

    action = "campaigns.end_code_name"
    button = Wording("停用", "Stop using it")
    said = Wording("已停用；已有记录不变。", "Ended; what was written with it stays.")
    code_name = RecordField(lambda actor, target: _own_words(actor), label=bi("名称", "Name"), css="col-md-6")

    @classmethod
    def is_offered(cls, actor: Any, target: Any) -> bool:
        return _own_words(actor).exists()

    def perform(self) -> Any:
        self.target = self.cleaned_data["code_name"]
        return super().perform()

    def arguments(self) -> dict[str, Any]:
        return {}


FORMS = (AddCodeName, EndCodeName)


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table with its standard words and those that were added."""

    title: str
    source: str
    names: tuple[str, ...]
    added: tuple[CodeName, ...]


@page("campaigns.read")
def code_page(request: SignedInRequest) -> HttpResponseBase:
    """The code tables by which rosters are checked and papers filled, and the words of one's own school."""
    if request.method == "POST":
        form = posted_form(request, FORMS, _home(request))
        return form_action(
            request, form, again=lambda form: _page(request, form), done=lambda made: redirect("campaigns:codes")
        )
    return _page(request)


def _home(request: SignedInRequest) -> Organisation:
    """Whose tables: the school or centre that the viewer keeps them for, else the one the viewer works in."""
    mine = seats(request.actor, "campaigns.set_codes") or [held.organisation for held in request.user.held]
    return mine[0]


def _page(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    home = _home(request)
    own = list(added_names(home).select_related("organisation"))
    shown = []
    for table in CodeTableName:
        standard = load_table(table.value)
        added = tuple(one for one in own if one.table == table)
        shown.append(ShownTable(str(table.label), standard.source, tuple(standard.names.values()), added))
    context = {
        "home": home,
        "tables": shown,
        "page_forms": PageForms(request.actor, home, FORMS, posted),
    }
    return render(request, "campaigns/codes.html", context)
