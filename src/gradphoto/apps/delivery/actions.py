"""From accepted frames to delivered packages and image cards."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator, Sequence
from functools import partial

from django.db.models import F, Max
from django.dispatch import Signal
from django.utils import timezone

from gradphoto.apps.campaigns.calendars import calendar_of
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import deadline_of
from gradphoto.apps.campaigns.settings_keys import CHECK_MONTHS
from gradphoto.apps.capture.models import Frame
from gradphoto.apps.core import audit, blobs, jobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor, ActorKind
from gradphoto.apps.core.blind_indexes import store_drawn
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import PermissionRefusal, Refusal, invalid, refuse, within
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.delivery import queries
from gradphoto.apps.delivery.checking import concerned, marked_items, open_reports
from gradphoto.apps.delivery.lifecycle import PACKAGE, REPORT
from gradphoto.apps.delivery.models import (
    ACTION_OF,
    CheckedClass,
    DeliveryReport,
    ImageCard,
    Package,
    PackageItem,
    Portrait,
    ReportKind,
    ReportStatus,
)
from gradphoto.apps.delivery.queries import people_of
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.orgs.policy import by_system
from gradphoto.apps.roster import persons
from gradphoto.apps.roster.lifecycle import APPROVED
from gradphoto.apps.roster.models import Candidate
from gradphoto.engine.packet import Manifest
from gradphoto.engine.portrait import assessment as engine
from gradphoto.engine.standards.deadlines import due
from gradphoto.engine.wording import Wording

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, O, 1, I, L: people read the code from paper."""
_CODE_LENGTH = 8

report_withdrawn = Signal()
"""Sent with ``report`` before a report is taken back: whoever made something of it takes that back, too."""


@action("delivery.make_portraits", permission="delivery.make")
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
    Somebody in two programmes gets them under each approved record.
    """
    assert frame.check_in is not None
    moved = frame.portraits.exclude(check_in=frame.check_in)
    moved.exclude(candidate=F("check_in__candidate")).delete()
    moved.update(check_in=frame.check_in, candidate=frame.check_in.candidate)
    person = frame.check_in.candidate
    others = persons.records_of(person).exclude(pk=person.pk).filter(status__in=APPROVED)
    records = [person.pk, *others.values_list("pk", flat=True)]
    for made in portraits:
        provenance = made.provenance.to_json()
        blob = blobs.put_photograph(made.data)
        for record in records:
            Portrait.objects.get_or_create(
                frame=frame,
                profile=made.profile_code,
                pipeline_version=made.provenance.pipeline_version,
                candidate_id=record,
                defaults={
                    "check_in": frame.check_in,
                    "blob": blob,
                    "width_px": made.width_px,
                    "height_px": made.height_px,
                    "provenance": provenance,
                },
            )
    audit.note(profiles=[made.profile_code for made in portraits])


@action("delivery.build_package", permission="delivery.deliver")
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
def finish_package(
    actor: Actor, package: Package, *, portraits: Sequence[Portrait], blob: Blob, manifest: Manifest
) -> None:
    """The zip is written, signed and verified; its photographs are fixed from now on.

    The review asks the frame (``packed_at``) and knows nothing of packages.
    """
    PackageItem.objects.bulk_create(
        [PackageItem(package=package, portrait=p, shooting_number=p.check_in.shooting_number) for p in portraits]
    )
    now = timezone.now()
    Frame.objects.filter(portraits__package_items__package=package).update(packed_at=now)
    package.blob, package.manifest_sha256, package.key_id = blob, manifest.sha256, manifest.key_id
    package.photo_count, package.verified_at = manifest.photo_count, now
    package.save(update_fields=["blob", "manifest_sha256", "key_id", "photo_count", "verified_at"])
    audit.note(manifest=manifest.sha256, photos=manifest.photo_count)


@action("delivery.deliver_package", permission="delivery.deliver", lifecycle=PACKAGE, closing=True)
def deliver_package(actor: Actor, package: Package) -> None:
    """Hand the package over: the check is due after the campaign's months (R155); image cards are issued (R64)."""
    package.delivered_at = timezone.now()
    allowed = deadline_of(package.campaign, CHECK_MONTHS)
    package.check_due = due(timezone.localdate(package.delivered_at), allowed, calendar_of(package.organisation)).date
    package.save(update_fields=["delivered_at", "check_due"])
    for candidate in people_of(package).filter(image_card=None):
        store_drawn(ImageCard, _new_code, partial(_issue_card, candidate))
    audit.note(check_due=package.check_due.isoformat(), photos=package.photo_count)


@action("delivery.check_package", permission="delivery.check", lifecycle=PACKAGE)
def check_package(actor: Actor, package: Package, *, note: str = "") -> None:
    """The school has looked through the delivered photos (R154)."""
    package.checked_note = within(note, 200, field="note")
    package.save(update_fields=["checked_note"])
    audit.note(note=package.checked_note)


@action("delivery.fetch_package", permission="delivery.fetch")
def fetch_package(actor: Actor, package: Package) -> Iterator[bytes]:
    """The zip piece by piece, each proven by its seal; each fetch is on record."""
    if package.blob is None:
        raise refuse(
            "delivery.not_ready",
            "交付包尚未制作完成。",
            "The package is not ready.",
            "请稍后再试。",
            "Try again in a moment.",
        )
    return blobs.stream(package.blob)


@action("delivery.print_cards", permission="delivery.check")
def print_cards(actor: Actor, package: Package, *, cards: Sequence[ImageCard]) -> None:
    """These cards are on paper now: their codes are erased, only the blind index stays. Refused for a printed one."""
    for card in cards:
        printed = ImageCard.objects.filter(
            pk=card.pk, issue=card.issue, printed_at=None, candidate__in=people_of(package)
        )
        if not printed.update(printed_at=timezone.now(), code=None):
            raise refuse(
                "delivery.card_printed",
                "有卡片刚由他人打印，校对码只打印一次。",
                "Somebody else has just printed one of these cards; a code is printed once.",
                "请刷新页面；遗失或损坏的卡片请重发。",
                "Reload the page; a card that is lost or spoiled is issued anew.",
            )
    audit.note(cards=len(cards))


@action("delivery.reissue_card", permission="delivery.check")
def reissue_card(actor: Actor, card: ImageCard, *, reason: str) -> None:
    """Issue a lost or spoiled card anew: another code, to be printed; the earlier one opens nothing from now on."""
    told = within(" ".join(reason.split()), 200, field="reason")
    if not told:
        raise invalid(
            "delivery.reason_missing",
            "请写明重发的原因。",
            "Say why the card is issued anew.",
            "例如：卡片遗失、打印不清。",
            "For example: lost, or printed badly.",
        )
    card.issue += 1
    card.printed_at, card.issued_at = None, timezone.now()
    store_drawn(ImageCard, _new_code, partial(_give_code, card))
    audit.note(issue=card.issue, reason=told)


def _issue_card(candidate: Candidate, code: str) -> None:
    ImageCard.objects.create(candidate=candidate, code=code, code_index=blind_index(code))


def _give_code(card: ImageCard, code: str) -> None:
    card.code, card.code_index = code, blind_index(code)
    card.save(update_fields=["code", "code_index", "issue", "printed_at", "issued_at"])


def _new_code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


@action("delivery.report_photo", permission="delivery.check")
def report_photo(
    actor: Actor, package: Package, *, candidate: Candidate, kind: ReportKind, note: str = ""
) -> DeliveryReport:
    """Report one person's photo as missing, damaged or wrong (R154, R156-R158); one open report a person."""
    if package.delivered_at is None or not concerned(package).filter(pk=candidate.pk).exists():
        raise refuse(
            "delivery.report_stranger",
            "该毕业生不属于这个交付包的单位和毕业季，或尚未交付。",
            "This graduate does not belong to the package's receiver and season, or it is not delivered yet.",
            "请在所属单位的交付包中登记。",
            "Report it in the package of the graduate's own unit.",
        )
    told = within(note, 200, field="note")
    report, made = DeliveryReport.objects.get_or_create(
        package=package,
        candidate=candidate,
        status=ReportStatus.OPEN,
        defaults={"kind": kind, "action": ACTION_OF[kind], "note": told, "reported_by": actor.user},
    )
    if not made:
        report.kind, report.action, report.note = kind, ACTION_OF[kind], told or report.note
        report.save(update_fields=["kind", "action", "note"])
    audit.note(report=report.pk, kind=str(kind), action=report.action)
    return report


@action("delivery.settle_report", permission="delivery.deliver", lifecycle=REPORT)
def settle_report(actor: Actor, report: DeliveryReport, *, note: str) -> None:
    """The centre did what was asked, or the errata case that dealt with it has ended."""
    if _case_under_way(report) and actor.kind is not ActorKind.SYSTEM:
        raise _dealt_with_by_case()
    report.settled_at, report.settled_note = timezone.now(), within(note, 200, field="note")
    report.save(update_fields=["settled_at", "settled_note"])
    audit.note(note=report.settled_note)


@action("delivery.withdraw_report", permission="delivery.check", lifecycle=REPORT)
def withdraw_report(actor: Actor, report: DeliveryReport) -> None:
    """The school found the photo, or looked again: the report is taken back, unless its errata case is under way."""
    if _case_under_way(report, drafts=False) and actor.kind is not ActorKind.SYSTEM:
        raise _dealt_with_by_case()
    if actor.kind is not ActorKind.SYSTEM:
        report_withdrawn.send(DeliveryReport, report=report)
    report.settled_at = timezone.now()
    report.save(update_fields=["settled_at"])


def _case_under_way(report: DeliveryReport, *, drafts: bool = True) -> bool:
    # Errata is a later room: its case is read by its relation, not imported.
    link = getattr(report, "errata_link", None)
    if link is None or link.case.is_over:
        return False
    return drafts or link.case.status != "drafted" or link.case.form_id is not None


def _dealt_with_by_case() -> Refusal:
    return refuse(
        "delivery.report_has_case",
        "该问题已转为勘误，随勘误办结。",
        "An errata case deals with this report; it ends with the case.",
        "请在勘误页办理或撤回。",
        "Go on with the case, or withdraw it, on its page.",
    )


@action("delivery.mark_class", permission="delivery.check")
def mark_class(
    actor: Actor, package: Package, *, department: Organisation, class_name: str, looked_at: Collection[int] = ()
) -> None:
    """Somebody looked through this class's photos, one by one (R154).

    ``looked_at``: the people with a change of status whose photograph was compared with special attention (R23); what is
    reported of them counts, too. Raises ``delivery.changed_not_looked_at`` naming who is left.
    """
    if not department.path.startswith(package.organisation.path):
        raise PermissionRefusal("delivery.mark_class")
    left = [
        item for item in marked_items(package, department, class_name) if item.portrait.candidate_id not in looked_at
    ]
    reported = set(open_reports(package).values_list("candidate", flat=True))
    if names := [str(one.portrait.candidate) for one in left if one.portrait.candidate_id not in reported]:
        raise refuse(
            "delivery.changed_not_looked_at",
            f"有学籍异动的还没有逐一核对：{'、'.join(names)}。",
            f"With a change of status and not compared yet: {', '.join(names)}.",
            "请核对姓名、院系、专业和照片，勾选“异动已核对”或登记问题。",
            "Compare name, department, major and photograph; tick it, or report what is wrong.",
        )
    CheckedClass.objects.get_or_create(
        package=package, department=department, class_name=class_name, defaults={"by": actor.user}
    )
    audit.note(class_name=class_name, department=department.pk)


@action("delivery.unmark_class", permission="delivery.check")
def unmark_class(actor: Actor, package: Package, *, department: Organisation, class_name: str) -> None:
    """Take back that this class was looked through; what was reported of it stays."""
    package.checked_classes.filter(department=department, class_name=class_name).delete()
    audit.note(class_name=class_name, department=department.pk)
