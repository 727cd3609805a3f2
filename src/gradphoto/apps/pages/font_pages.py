"""The page of the fonts: what the papers can draw, and how an administrator adds a font for rare characters."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.pages import SignedInRequest, page
from gradphoto.apps.orgs.scope import get_changeable
from gradphoto.apps.pages.fields import TextField, Upload, UploadField
from gradphoto.apps.pages.forms import ActionForm, PageForms, form_action, posted_form
from gradphoto.apps.pages.models import AddedFont
from gradphoto.engine.documents import fonts
from gradphoto.engine.wording import Wording


class AddFont(ActionForm):
    """A font file for the papers of the whole installation."""

    action = "pages.add_font"
    button = Wording("添加字库", "Add the font")
    said = Wording("已添加；此后打印的文件都会用它补字。", "Added; papers set from now on use it.")
    file = UploadField(
        Kind.TTF,
        Kind.OTF,
        Kind.TTC,
        limit_mb=64,
        accept=".ttf,.otf,.ttc",
        label=bi("字库文件（ttf、otf、ttc）", "Font file (ttf, otf, ttc)"),
    )

    def arguments(self) -> dict[str, Any]:
        upload: Upload = self.cleaned_data["file"]
        return {"file_name": upload.name, "data": upload.data}


class RemoveFont(ActionForm):
    """Out of use."""

    action = "pages.remove_font"
    button = Wording("停用", "Stop using it")
    said = Wording("已停用。", "Out of use.")
    reason = TextField(label=bi("原因", "Reason"), max_length=200)


FORMS = (AddFont,)


def _root(request: SignedInRequest) -> Organisation:
    """The fonts are the whole installation's: changed by an administrator of its root, seen by all of them."""
    return Organisation.objects.filter(parent=None).order_by("pk")[0]


@page("desk.fonts")
def font_list(request: SignedInRequest) -> HttpResponse:
    """What the papers' fonts draw of GB 18030-2022, one by one and together."""
    if request.method == "POST":
        form = posted_form(request, FORMS, _root(request))
        return form_action(
            request, form, again=lambda form: _page(request, form), done=lambda made: redirect("fonts:list")
        )
    return _page(request)


def _page(request: SignedInRequest, posted: ActionForm | None = None) -> HttpResponse:
    root = _root(request)
    files = [fonts.first_file(), *fonts.fallback_files()]
    added = list(AddedFont.objects.select_related("added_by"))
    own = {font.sha256 for font in added}
    named = [path for path in files[1:] if path.parent.name not in own]
    lines: list[tuple[Wording, str, dict[fonts.Block, int], AddedFont | None]] = [
        (Wording("内置字库", "Built in"), fonts.FAMILY, fonts.coverage(files[0]), None)
    ]
    lines += [(Wording("本页添加", "Added here"), font.family, _covered(font), font) for font in added]
    lines += [(Wording("服务器文件夹", "Server's folder"), path.name, fonts.coverage(path), None) for path in named]
    context = {
        "lines": [(origin, name, list(found.items()), font) for origin, name, found, font in lines],
        "together": list(fonts.coverage(*files).items()),
        "page_forms": PageForms(request.actor, root, FORMS, posted),
    }
    return render(request, "pages/fonts.html", context)


def _covered(font: AddedFont) -> dict[fonts.Block, int]:
    return {block: int(font.covered.get(block.name, 0)) for block in fonts.GB18030_BLOCKS}


@page("desk.fonts")
def font_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    """One added font, and how it is taken out of use."""
    font = get_changeable(request.actor, AddedFont.objects.select_related("added_by"), "desk.fonts", pk=pk)
    if request.method == "POST":
        form = posted_form(request, (RemoveFont,), font)
        return form_action(
            request, form, again=lambda form: _detail(request, font, form), done=lambda made: redirect("fonts:list")
        )
    return _detail(request, font)


def _detail(request: SignedInRequest, font: AddedFont, posted: ActionForm | None = None) -> HttpResponse:
    context = {"font": font, "page_forms": PageForms(request.actor, font, (RemoveFont,), posted)}
    return render(request, "pages/font.html", context)
