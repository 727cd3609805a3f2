"""A printed class list of the notice, signed, scanned and filed."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.models import Candidate, Document
from gradphoto.apps.roster.papers.catalogue import PAPERS
from gradphoto.apps.roster.papers.issuing import Selection, make, sheets
from gradphoto.apps.roster.papers.signed import attach_signed_page
from world import World


def printed_class_list(world: World, person: Candidate) -> Document:
    actor, paper = world.actor(Role.REGISTRAR), PAPERS["notice_list"]
    [sheet] = [
        one
        for one in sheets(
            actor, paper, Selection(world.campaign, person.season, person.department_id, person.class_name)
        )
        if one.class_name == person.class_name
    ]
    return make(actor, paper, sheet, address=str, made_as="pdf").document


def signed_class_list(world: World, person: Candidate) -> Document:
    document = printed_class_list(world, person)
    attach_signed_page(
        world.actor(Role.REGISTRAR), document, scan=b"%PDF-1.7 signed", media_type="application/pdf",
        names={0: "王辅导"}, seal="学工办", signed_on=timezone.localdate(),
    )  # fmt: skip
    return document
