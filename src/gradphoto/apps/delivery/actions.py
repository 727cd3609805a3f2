"""From accepted frames to delivered packages and image cards."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import value_of
from gradphoto.apps.campaigns.settings_keys import CHECK_MONTHS
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.sealed import blind_index
from gradphoto.apps.delivery import queries
from gradphoto.apps.delivery.lifecycle import PACKAGE
from gradphoto.apps.delivery.models import ImageCard, Package, Portrait
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.orgs.policy import by, by_system
from gradphoto.engine.packet import Manifest
from gradphoto.engine.portrait import assessment as engine
from gradphoto.engine.standards.workdays import add_months
from gradphoto.engine.wording import Wording

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I, L: people read the code from paper."""
_CODE_LENGTH = 8


@action("delivery.make_portraits", permission=by(Role.COLLECTION_CENTRE, Role.PHOTOGRAPHER))
def make_portraits(actor: Actor, campaign: Campaign) -> Job:
    """Make every output that is still missing, in the background."""
    title = Wording(f"制作照片 {campaign.title}", f"Make portraits {campaign.title}")
    job = jobs.enqueue(
        "delivery.make_portraits", actor, title, {"campaign": campaign.pk}, organisation_id=campaign.centre_id
    )
    audit.note(job=str(job.pk))
    return job


@action("delivery.record_portraits", permission=by_system)
def record_portraits(actor: Actor, frame: Frame, *, portraits: Sequence[engine.Portrait]) -> None:
    """Keep all outputs of one frame, or none; outputs that are there already stay as they are.

    Where a repair of the pairing gave the frame to somebody else, its outputs follow it; a packed frame never moves.
    """
    assert frame.check_in is not None
    frame.portraits.exclude(check_in=frame.check_in).update(check_in=frame.check_in, candidate=frame.check_in.candidate)
    for made in portraits:
        provenance = made.provenance.to_json()
        Portrait.objects.get_or_create(
            frame=frame,
            profile=made.profile_code,
            pipeline_version=made.provenance.pipeline_version,
            defaults={
                "candidate": frame.check_in.candidate,
                "check_in": frame.check_in,
                "blob": blobs.put(made.data, "image/jpeg"),
                "width_px": made.width_px,
                "height_px": made.height_px,
                "provenance": provenance,
            },
        )
    audit.note(profiles=[made.profile_code for made in portraits])


@action("delivery.build_package", permission=by(Role.COLLECTION_CENTRE))
def build_package(actor: Actor, campaign: Campaign, *, organisation: Organisation, season: Season) -> Package:
    """Start the package of one school or learning centre for one season (R12); refused when there is nothing for it."""
    if not queries.deliverable(campaign, organisation, season).exists():
        raise refuse(
            "delivery.nothing_to_deliver",
            "没有可交付的照片。",
            "There is nothing to deliver.",
            "照片须已制作，并经现场确认，且尚未交付过。",
            "Portraits must be made, confirmed on site, and not be in a package yet.",
        )
    number = (campaign.packages.aggregate(last=Max("number"))["last"] or 0) + 1
    package = Package.objects.create(campaign=campaign, organisation=organisation, season=season, number=number)
    title = Wording(f"制作交付包 {package}", f"Build package {package}")
    package.job = jobs.enqueue(
        "delivery.build_package", actor, title, {"package": package.pk}, organisation_id=organisation.pk
    )
    package.save(update_fields=["job"])
    audit.note(package=package.pk, season=str(season))
    return package


@action("delivery.finish_package", permission=by_system, lifecycle=PACKAGE)
def finish_package(actor: Actor, package: Package, *, blob: Blob, manifest: Manifest) -> None:
    """The zip is written and signed."""
    package.blob, package.manifest_sha256, package.key_id = blob, manifest.sha256, manifest.key_id
    package.photo_count = manifest.photo_count
    package.save(update_fields=["blob", "manifest_sha256", "key_id", "photo_count"])
    audit.note(manifest=manifest.sha256, photos=manifest.photo_count)


@action("delivery.deliver_package", permission=by(Role.COLLECTION_CENTRE), lifecycle=PACKAGE)
def deliver_package(actor: Actor, package: Package) -> None:
    """Hand the package over: the check is due after the campaign's months (R155); image cards are issued (R64)."""
    package.delivered_at = timezone.now()
    package.check_due = add_months(timezone.localdate(), value_of(package.campaign, CHECK_MONTHS))
    package.save(update_fields=["delivered_at", "check_due"])
    candidates = queries.people_of(package).filter(image_card=None)
    for candidate in candidates:
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        ImageCard.objects.create(candidate=candidate, code=code, code_index=blind_index(code))
    audit.note(check_due=package.check_due.isoformat(), photos=package.photo_count)


@action("delivery.check_package", permission=by(Role.REGISTRAR, Role.LEARNING_CENTRE), lifecycle=PACKAGE)
def check_package(actor: Actor, package: Package, *, note: str = "") -> None:
    """The school has looked through the delivered photos (R154)."""
    package.checked_note = note.strip()[:200]
    package.save(update_fields=["checked_note"])
    audit.note(note=package.checked_note)


@action("delivery.fetch_package", permission=by(Role.COLLECTION_CENTRE, Role.REGISTRAR, Role.LEARNING_CENTRE))
def fetch_package(actor: Actor, package: Package) -> bytes:
    """The zip; each fetch is on record."""
    if package.blob is None:
        raise refuse(
            "delivery.not_ready",
            "交付包尚未制作完成。",
            "The package is not ready.",
            "请稍后再试。",
            "Try again in a moment.",
        )
    return blobs.read(package.blob)


@action("delivery.print_cards", permission=by(Role.REGISTRAR, Role.LEARNING_CENTRE))
def print_cards(actor: Actor, package: Package) -> list[ImageCard]:
    """The image cards with their codes, to print and hand out; each look is on record."""
    if package.delivered_at is None:
        raise refuse(
            "delivery.not_delivered",
            "尚未交付。",
            "It is not delivered yet.",
            "交付后才能打印图像信息卡。",
            "Cards are printed after delivery.",
        )
    cards = ImageCard.objects.filter(candidate__in=queries.people_of(package)).select_related("candidate__department")
    found = list(cards.order_by("candidate__student_no"))
    audit.note(cards=len(found))
    return found
