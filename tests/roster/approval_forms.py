"""The form of the province's approval, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.views.approval import NoteApproval
from pages.form_cases import Stage, form_case, pdf
from verification.graduate_world import staff
from world import World


@form_case(NoteApproval)
def note_approval(world: World) -> Stage:
    today = timezone.localdate()
    good = {
        "season": "spring",
        "document": "湘教通〔2026〕9号",
        "approved_on": f"{today}",
        "people": "12",
        "file": pdf(),
    }
    return Stage(
        f"{reverse('roster:approval')}?campaign={world.campaign.pk}",
        staff(world, Role.REGISTRAR),
        good,
        wrong={
            "document": ("", "pages.required"),
            "approved_on": (f"{today + timedelta(days=2)}", "pages.day_ahead"),
            "people": ("0", "pages.too_small"),
            "season": ("summer", "pages.not_offered"),
            "file": (SimpleUploadedFile("a.pdf", b"<html>"), "core.upload_wrong_kind"),
        },
    )
