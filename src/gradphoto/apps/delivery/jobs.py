"""Background work of delivery: portraits frame by frame, packages as one file."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

from django.db import transaction

from gradphoto.apps.campaigns import settings_keys
from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.capture.verdicts import let_verdicts_go_first, pipeline
from gradphoto.apps.core import blobs, checkpoints
from gradphoto.apps.core.encryption import keyring
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.delivery import actions, queries
from gradphoto.apps.delivery.models import Package, PackageStatus, Portrait
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.packet import PackageItem as PacketItem
from gradphoto.engine.packet import PackageMeta, SummaryRow, VerificationReport, verify_package, write_package
from gradphoto.engine.portrait import assessment as engine
from gradphoto.engine.standards.profiles import load_profile
from gradphoto.engine.wording import Wording

_PIECE = 1 << 20
_SEXES = {"male": "男", "female": "女"}


@handles("delivery.make_portraits", Queue.PICTURES)
def make_portraits(run: JobRun) -> None:
    """Make what is missing, frame by frame; each frame's outputs are stored together. Killed and run again, it goes on."""
    campaign = Campaign.objects.select_related("rule_set").get(pk=run.params["campaign"])
    profiles = [load_profile(code) for code in queries.profile_codes(campaign)]
    # Only a rule with a source allows background work; without one the photograph keeps its own backdrop.
    background = in_force(campaign.rule_set, settings_keys.NEW_BACKGROUND)
    new_background = settings_keys.NEW_BACKGROUND.read(background.value) if background is not None else None
    todo = list(queries.frames_to_make(campaign).values_list("pk", flat=True))
    run.start(len(todo))
    failed = 0
    for done, pk in enumerate(todo, start=1):
        let_verdicts_go_first()
        frame = queries.frames_to_make(campaign).select_related("check_in__candidate", "blob").filter(pk=pk).first()
        if frame is not None and frame.check_in is not None:
            label = frame.check_in.number_label
            try:
                # What a person accepted is made even where a rule would have asked for a better frame.
                made = pipeline().make(
                    blobs.read(frame.blob), profiles, render_failed=True, new_background=new_background
                )
                _keep(run, campaign, frame, made.portraits)
                for refusal in made.refused:
                    run.issue(f"{label} {refusal.profile_code}", _as_error(refusal.code, refusal.message))
                failed += bool(made.refused)
            except GradPhotoError as error:
                run.issue(label, error)
                failed += 1
        run.advance(done, failed)


def _keep(run: JobRun, campaign: Campaign, frame: Frame, portraits: Sequence[engine.Portrait]) -> None:
    """Keep the outputs, unless another worker kept them while these were made: a worker that was silent for too long and
    the one that took its job over may both be at the same frame, and only one of them did it."""
    with transaction.atomic():
        Frame.objects.select_for_update(no_key=True).get(pk=frame.pk)
        if queries.frames_to_make(campaign).filter(pk=frame.pk).exists():
            actions.record_portraits(run.actor, frame, portraits=portraits)


def _as_error(code: str, message: Wording) -> Refusal:
    remedy = Wording("请为此人安排重拍。", "Arrange a retake for this person.")
    return Refusal(code, message, remedy)


@handles("delivery.build_package", Queue.BULK)
def build_package(run: JobRun) -> None:
    """Write, sign and keep one package; its items are fixed in the same transaction."""
    package = Package.objects.select_related("campaign__school", "campaign__rule_set", "organisation").get(
        pk=run.params["package"]
    )
    if package.status != PackageStatus.MAKING:
        return
    campaign = package.campaign
    portraits = list(queries.deliverable(campaign, package.organisation, package.season))
    run.start(len({portrait.check_in_id for portrait in portraits}))
    meta = PackageMeta(
        campaign=campaign.title,
        school=campaign.school.name,
        centre_name=package.organisation.name,
        season=package.season,
        number=str(package),
        made_at=package.created_at,
        audit_code=checkpoints.write("delivery.build_package").code,
    )
    # Somebody in two programmes has a row for each, one number and one photograph.
    pictured = {portrait.check_in_id: portrait for portrait in portraits}
    items = (_item(run, done, portrait) for done, portrait in enumerate(pictured.values(), start=1))
    rows = list(dict.fromkeys(_row(package, portrait) for portrait in portraits))
    key = keyring().signing()
    # Thousands of photographs pass through a file that has no name, and from there encrypted into the store.
    with tempfile.TemporaryFile() as out:
        manifest = write_package(out, items, rows, meta, key)
        out.seek(0)
        _require_whole(verify_package(out))  # once, here: from now on the store's seal proves every byte that is given
        out.seek(0)
        blob = blobs.put_stream(iter(lambda: out.read(_PIECE), b""), "application/zip")
    with transaction.atomic():
        settled = _settled(package, portraits)
        if settled:
            actions.finish_package(run.actor, package, portraits=portraits, blob=blob, manifest=manifest)
    if not settled:
        blobs.forget([blob.name])
        build_package(run)  # a reviewer took somebody out meanwhile: written again with who is left


def _require_whole(report: VerificationReport) -> None:
    """Raises the first problem of a package that is not as a receiver must find it."""
    if not report.ok:
        first = report.problems[0]
        raise Refusal(first.code, first.message, first.remedy)


def _settled(package: Package, portraits: Sequence[Portrait]) -> bool:
    """Whether everything that was written may still leave the house."""
    still = set(
        queries.deliverable(package.campaign, package.organisation, package.season).values_list("pk", flat=True)
    )
    return all(portrait.pk in still for portrait in portraits)


def _item(run: JobRun, done: int, portrait: Portrait) -> PacketItem:
    run.advance(done)
    return PacketItem(portrait.check_in.shooting_number, blobs.read(portrait.blob), portrait.provenance)


def _row(package: Package, portrait: Portrait) -> SummaryRow:
    candidate, school = portrait.candidate, package.campaign.school
    return SummaryRow(
        shooting_number=portrait.check_in.shooting_number,
        name=candidate.name,
        student_no=candidate.student_no,
        sex=_SEXES[candidate.sex],
        id_number=candidate.id_number.decrypt(),
        major=candidate.major,
        degree_category=candidate.degree_category,
        school_kind=candidate.school_kind,
        department_code=candidate.department.code,
        school_name=school.name,
        school_code=school.code,
    )
