"""A photograph after registration without one: proposed by the registry, decided by the national centre (R171, R214).

There is no second verification. What opens this path is a photograph that was delivered, and the graduate's written
consent that the registry holds; what it ends in is a line of its own, and the line without photograph stays.
"""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.core import audit
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.orgs.policy import is_same_person
from gradphoto.apps.registration.entering import add_line, standing_entry, told
from gradphoto.apps.registration.lifecycle import PHOTO_ADDITION
from gradphoto.apps.registration.models import AdditionStatus, EntryKind, LedgerEntry, PhotoAddition
from gradphoto.apps.verification.queries import newest_delivered
from gradphoto.engine.wording import Wording

_EXAMPLE = Wording(
    "本人当面核对图像并签字确认，确认书存教务处。", "the graduate saw the photograph and signed; the paper is filed."
)


@action("registration.propose_photo", permission="registration.propose")
def propose_photo(actor: Actor, entry: LedgerEntry, *, reason: str) -> PhotoAddition:
    """Ask that the newest delivered photograph be added to somebody registered without one. Nothing changes yet."""
    why = told(reason, _EXAMPLE)
    standing = standing_entry(entry)
    if standing.portrait_id is not None:
        raise refuse(
            "registration.has_photo",
            "该毕业生已有注册图像。",
            "This graduate is registered with a photograph.",
            "图像有误的，请按勘误办理。",
            "If the photograph is wrong, draft an errata case.",
        )
    portrait = newest_delivered(standing.candidate)
    if portrait is None:
        raise refuse(
            "registration.no_photo_delivered",
            "该毕业生没有已交付的照片。",
            "No photograph of this graduate was delivered.",
            "请先安排补拍，并由采集中心制作交付。",
            "Have the person photographed, and the collection centre deliver it.",
        )
    if PhotoAddition.objects.filter(entry__candidate=standing.candidate_id, status=AdditionStatus.PROPOSED).exists():
        raise refuse(
            "registration.photo_waits",
            "该毕业生已有补登申请待审核。",
            "An addition for this graduate awaits its decision.",
            "请等待审核结果。",
            "Wait for the decision.",
        )
    made = PhotoAddition.objects.create(entry=standing, portrait=portrait, reason=why, proposed_by=actor.user)
    audit.note(addition=made.pk, entry=standing.number)
    return made


@action("registration.approve_photo", permission="registration.approve_nationally", lifecycle=PHOTO_ADDITION)
def approve_photo(actor: Actor, addition: PhotoAddition) -> LedgerEntry:
    """The national centre agrees: a new line holds the photograph, the line without it stays as it is."""
    _another_person(actor, addition)
    before = standing_entry(addition.entry)
    if before.portrait_id is not None or newest_delivered(before.candidate) != addition.portrait:
        raise refuse(
            "registration.photo_outdated",
            "提出之后情况已变：已有注册图像，或又交付了新的照片。",
            "Since the proposal a photograph was registered, or a newer one delivered.",
            "请退回，由教务处按现在的照片重新提出。",
            "Reject it; the registry proposes the present photograph anew.",
        )
    made = add_line(
        before,
        EntryKind.PHOTO_ADDED,
        portrait=addition.portrait,
        shooting_number=addition.portrait.check_in.shooting_number,
        more={"adds_photo": {"number": before.number, "reason": addition.reason}},
    )
    addition.decided_by, addition.decided_at, addition.result = actor.user, timezone.now(), made
    addition.save(update_fields=["decided_by", "decided_at", "result"])
    audit.note(entry=made.number, adds_to=before.number)
    return made


@action("registration.reject_photo", permission="registration.approve_nationally", lifecycle=PHOTO_ADDITION)
def reject_photo(actor: Actor, addition: PhotoAddition, *, reason: str) -> None:
    """The national centre does not agree, and says why."""
    _another_person(actor, addition)
    addition.decided_by, addition.decided_at = actor.user, timezone.now()
    addition.refusal = told(reason, Wording("缺本人签字的确认书。", "the signed consent is missing."))
    addition.save(update_fields=["decided_by", "decided_at", "refusal"])
    audit.note(reason=addition.refusal)


def _another_person(actor: Actor, addition: PhotoAddition) -> None:
    if is_same_person(actor, addition.proposed_by_id):
        raise refuse(
            "registration.same_person",
            "申请与审核不能是同一人。",
            "The same person cannot propose and decide.",
            "请由另一位有权限的人员审核。",
            "Ask another authorised person to decide it.",
        )
