"""Consent: given in words of a version, on record with its day, taken back at any time (each purpose by itself)."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from gradphoto.apps.capture.models import Frame, FramePreview
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse
from gradphoto.apps.selfphoto.consent_texts import TEXTS
from gradphoto.apps.selfphoto.lifecycle import PORTRAIT
from gradphoto.apps.selfphoto.models import Comparison, Consent, PortraitStatus, PortraitTry, Purpose, SelfPortrait
from gradphoto.apps.selfphoto.parts import discard_uploads
from gradphoto.apps.selfphoto.permissions import by_the_sitter
from gradphoto.apps.selfphoto.terms import require_terms


@action("selfphoto.agree", permission=by_the_sitter, lifecycle=PORTRAIT)
def agree(actor: Actor, portrait: SelfPortrait, *, purposes: Collection[str]) -> None:
    """The person agrees to the present texts. The photograph's own is needed; the comparison's is free.

    Raises ``selfphoto.consent_missing``, and ``selfphoto.no_comparison`` where the rule set does not compare.
    """
    terms = require_terms(portrait.candidate)
    if Purpose.PHOTOGRAPH not in purposes and not is_given(portrait, Purpose.PHOTOGRAPH):
        raise invalid(
            "selfphoto.consent_missing",
            "没有勾选同意，不能用手机拍摄。",
            "Without your consent you cannot photograph yourself here.",
            "请阅读后勾选；不同意的，请到现场拍摄。",
            "Read the text and tick it; if you do not agree, come to the room.",
            field="photograph",
        )
    if Purpose.COMPARE in purposes and not terms.comparison:
        raise refuse(
            "selfphoto.no_comparison",
            "本批次不做照片比对。",
            "This campaign compares no photographs.",
            "无须勾选。",
            "There is nothing to agree to.",
        )
    for purpose in Purpose:
        if purpose in purposes and not is_given(portrait, purpose):
            text = TEXTS[purpose]
            Consent.objects.filter(portrait=portrait, purpose=purpose, withdrawn_at=None).update(
                withdrawn_at=timezone.now()
            )
            Consent.objects.create(
                portrait=portrait, purpose=purpose, text_version=text.version, text_sha256=text.sha256
            )
    audit.note(purposes=sorted(map(str, purposes)), versions={str(p): TEXTS[Purpose(p)].version for p in purposes})


def is_given(portrait: SelfPortrait, purpose: Purpose) -> bool:
    """Whether the person agreed to the present text of this purpose and did not take it back."""
    given = portrait.consents.filter(purpose=purpose, withdrawn_at=None, text_sha256=TEXTS[purpose].sha256)
    return given.exists()


@action("selfphoto.withdraw_comparison", permission=by_the_sitter)
def withdraw_comparison(actor: Actor, portrait: SelfPortrait) -> None:
    """No comparison any more; what an earlier one said is removed."""
    portrait.consents.filter(purpose=Purpose.COMPARE, withdrawn_at=None).update(withdrawn_at=timezone.now())
    Comparison.objects.filter(made_of__portrait=portrait).delete()


@action("selfphoto.end", permission=by_the_sitter, lifecycle=PORTRAIT)
def end(actor: Actor, portrait: SelfPortrait) -> None:
    """The person takes the consent back: every try is deleted, nothing is handed in; a photograph in review first.

    What was approved is the certificate's photograph by then and stays (``PORTRAIT`` offers no such step).
    """
    now = timezone.now()
    portrait.consents.filter(withdrawn_at=None).update(withdrawn_at=now)
    Comparison.objects.filter(made_of__portrait=portrait).delete()
    gone = forget_pictures(portrait.tries.filter(frame=None))
    discard_uploads(portrait.uploads.filter(made=None))
    portrait.links.filter(ended_at=None).update(ended_at=now, end_reason="本人撤回同意")
    audit.note(tries=gone)


def forget_pictures(tries: object) -> int:
    """Remove the originals and copies of tries; the rows stay. Returns how many pictures went."""
    names: set[str] = set()
    rows = list(tries)  # type: ignore[call-overload]
    for one in rows:
        names |= {name for name in (one.blob_id, one.copy_id) if name}
    PortraitTry.objects.filter(pk__in=[one.pk for one in rows]).update(blob=None, copy=None)
    kept = _named_elsewhere(names)
    blobs.forget(names - kept)
    return len(rows)


def _named_elsewhere(names: set[str]) -> set[str]:
    """Pictures that another record names, too: the same file of another person, a frame of the room."""
    found: set[str] = set()
    for rows, field in (
        (PortraitTry.objects.all(), "blob"), (PortraitTry.objects.all(), "copy"), (Frame.objects.all(), "blob"),
        (FramePreview.objects.all(), "blob"),
    ):  # fmt: skip
        found |= set(rows.filter(**{f"{field}__in": names}).values_list(field, flat=True))
    return found


def require_consent(portrait: SelfPortrait) -> None:
    """Raises ``selfphoto.no_consent`` where the present text was not agreed to."""
    if portrait.status in (PortraitStatus.INVITED, PortraitStatus.ENDED) or not is_given(portrait, Purpose.PHOTOGRAPH):
        raise refuse(
            "selfphoto.no_consent",
            "还没有同意拍摄说明。",
            "You have not agreed to the terms yet.",
            "请先阅读并同意。",
            "Read them and agree first.",
        )
