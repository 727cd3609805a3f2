"""Papers that were made at once, as the file that the person takes away."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language

from gradphoto.apps.pages.downloads import PDF, XLSX, download
from gradphoto.apps.roster.forms.papers import Printed
from gradphoto.apps.roster.models import PaperBundle
from gradphoto.apps.roster.papers import issuing


def paper_answer(made: Printed | PaperBundle) -> HttpResponse:
    """The file, or the page of the bundle that is being made in the background."""
    if isinstance(made, PaperBundle):
        return redirect("roster:bundle", pk=made.pk)
    language = get_language() or "zh"
    if made.made_as == "xlsx":
        return download(issuing.as_xlsx(made.made, language), f"{made.name}.xlsx", XLSX)
    return download(issuing.as_pdf(made.made, language), f"{made.name}.pdf", PDF)
