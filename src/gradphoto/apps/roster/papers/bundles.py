"""All papers of a college at once, or one paper of many classes: made in the background, one zip at the end."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection

from django.urls import reverse

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster.models import PaperBundle
from gradphoto.apps.roster.papers import issuing
from gradphoto.apps.roster.papers.catalogue import PAPERS
from gradphoto.apps.roster.papers.issuing import Selection
from gradphoto.apps.roster.papers.sheet import SEASONS
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

AT_ONCE_PARTS, AT_ONCE_PEOPLE = 12, 800
"""Up to so much is printed while the person waits."""
_PLACE = "@"
"""Stands for the document's number in the address that the QR codes lead to."""


def address_with(template: str, number: str) -> str:
    """What a QR code leads to: the signed-in page of the document."""
    return template.replace(_PLACE, number)


@action("roster.print_all", permission="roster.print", within=())
def print_all(
    actor: Actor, campaign: Campaign, *, selection: Selection, kinds: Collection[str], address: str, language: str
) -> PaperBundle:
    """Have several papers made in the background; ``address`` holds ``@`` where a document's number goes."""
    known = [kind for kind in PAPERS if kind in kinds]
    waiting = [kind for kind in known if issuing.of_paper(actor, PAPERS[kind], selection).exists()]
    if not waiting:
        raise issuing.nothing_to_print()
    bundle = PaperBundle.objects.create(
        campaign=campaign,
        user=actor.user,
        season=selection.season,
        department=Organisation.objects.filter(pk=selection.department).first() if selection.department else None,
        class_name=selection.class_name,
        kinds=waiting,
        address=address,
        language=language,
    )
    season = SEASONS[selection.season]
    bundle.job = jobs.enqueue(
        "roster.print_all",
        actor,
        Wording(f"打印名册文件（{season.zh}，{len(waiting)} 种）", f"Print {len(waiting)} papers ({season.en})"),
        {"bundle": bundle.pk},
        organisation_id=bundle.audit_organisation_id,
        result_url=reverse("roster:bundle", args=[bundle.pk]),
    )
    bundle.save(update_fields=["job"])
    audit.note(kinds=waiting, season=selection.season, department=selection.department, bundle=bundle.pk)
    return bundle


@handles("roster.print_all", Queue.BULK)
def run_print_all(run: JobRun) -> None:
    """Make the papers as the person who asked, with the roles they hold now. Run again, it gives the same numbers."""
    bundle = PaperBundle.objects.select_related("campaign__school", "campaign__rule_set").get(pk=run.params["bundle"])
    if bundle.blob_id is not None:
        return
    actor = Actor.of(User.objects.get(pk=bundle.user_id))
    selection = Selection(bundle.campaign, bundle.season, bundle.department_id, bundle.class_name)
    work = [(PAPERS[kind], sheet) for kind in bundle.kinds for sheet in issuing.sheets(actor, PAPERS[kind], selection)]
    run.start(len(work) + 1)
    out, pages, failed = io.BytesIO(), [], 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for done, (paper, sheet) in enumerate(work, start=1):
            try:
                made = issuing.make(
                    actor, paper, sheet, address=lambda number: address_with(bundle.address, number), made_as="bundle"
                )
                pdf = made.form.to_pdf(bundle.language)
                pages.append(pdf)
                packed.writestr(f"{paper.code}/{made.name}.pdf", pdf)
                packed.writestr(f"{paper.code}/{made.name}.xlsx", made.form.to_xlsx(bundle.language))
            except GradPhotoError as error:
                failed += 1
                run.issue(f"{paper.code} {sheet.organisation.name} {sheet.class_name}".strip(), error)
            run.advance(done, failed)
        if pages:
            packed.writestr("print-all.pdf", issuing.join_pdfs(pages))
    finish_bundle(run.actor, bundle, data=out.getvalue())
    run.advance(len(work) + 1, failed)


@action("roster.finish_bundle", permission=by_system)
def finish_bundle(actor: Actor, bundle: PaperBundle, *, data: bytes) -> None:
    """The file is there."""
    bundle.blob = blobs.put(data, "application/zip")
    bundle.save(update_fields=["blob"])
    audit.note(bundle=bundle.pk, content=bundle.blob.evidence)


@action("roster.fetch_bundle", permission="roster.print", within=())
def fetch_bundle(actor: Actor, bundle: PaperBundle) -> bytes:
    """The zip, for who asked for it and nobody else: the body sees to that. Each fetch is on record."""
    if actor.user is None or bundle.user_id != actor.user.pk or bundle.blob is None:
        raise PermissionRefusal("roster.fetch_bundle")
    audit.note(bundle=bundle.pk, content=bundle.blob.evidence)
    return blobs.read(bundle.blob)
