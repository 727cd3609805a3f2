"""The signed page comes back: scanned, attached by the number of its document (R40, R71)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import invalid, refuse, within
from gradphoto.apps.roster.models import Document, PaperKind, SignedPage
from gradphoto.engine.wording import Wording

_FILLED_BY, _RESPONSIBLE = Wording("填表人", "Filled in by"), Wording("负责人", "Person responsible")
_SIGNERS: Mapping[str, tuple[Wording, ...]] = {
    PaperKind.CHECK_TABLE: (Wording("辅导员", "Counsellor"), Wording("主管学生工作院领导", "College leader")),
    PaperKind.SUMMARY: (_FILLED_BY,),
    PaperKind.NOTICE_LIST: (Wording("辅导员", "Counsellor"),),
    PaperKind.SHOOTING_LIST: (Wording("毕业班辅导员", "Counsellor"),),
    PaperKind.ADMISSION: (Wording("学生", "Student"), Wording("学院负责人", "College officer")),
    PaperKind.STATUS: (Wording("学生", "Student"), Wording("学院负责人", "College officer")),
    PaperKind.IDENTITY: (Wording("学生", "Student"), Wording("教务处核验人", "Seen by the registry")),
}
UNSIGNED = (PaperKind.CARDS, PaperKind.MACHINE_CARDS, PaperKind.STATISTICS)
"""Papers that nobody signs."""


def signers_of(document: Document) -> tuple[Wording, ...]:
    """The roles that sign before the paper is handed in; further opinions are written by who receives it."""
    return () if document.kind in UNSIGNED else _SIGNERS.get(document.kind, (_FILLED_BY, _RESPONSIBLE))


@action("roster.attach_signed_page", permission="roster.print")
def attach_signed_page(
    actor: Actor,
    document: Document,
    *,
    scan: bytes,
    media_type: str,
    names: Mapping[int, str],
    seal: str,
    signed_on: date,
) -> SignedPage:
    """Keep the scan with who signed, when, and which seal. ``names`` are the signers by their place in ``signers_of``.

    Raises ``roster.page_unsigned``, ``roster.page_unsealed`` (务必盖章，否则不予办理), ``roster.page_ahead``,
    ``roster.page_attached_already``, or ``roster.page_needs_no_signature``.
    """
    roles = signers_of(document)
    if not roles:
        raise refuse(
            "roster.page_needs_no_signature", "这类文件无需签字盖章。", "Nobody signs this paper.", "无需上传。",
            "Nothing to attach.",
        )  # fmt: skip
    signatures = [
        {"role": {"zh": role.zh, "en": role.en}, "name": within(names.get(n, ""), 60, field=f"signer_{n}")}
        for n, role in enumerate(roles)
    ]
    _require_complete([str(one["name"]) for one in signatures], seal, signed_on, document)
    try:
        with transaction.atomic():
            page = SignedPage.objects.create(
                document=document,
                scan=blobs.put(scan, media_type),
                signatures=signatures,
                seal=within(seal, 120, field="seal"),
                signed_on=signed_on,
                attached_by=str(actor.user or actor.label)[:150],
            )
    except IntegrityError:
        raise refuse(
            "roster.page_attached_already",
            "这份扫描件已经上传过。",
            "This very scan is attached already.",
            "请在本页查看已上传的扫描件。",
            "Look at the scans attached so far.",
        ) from None
    audit.note(number=document.number, sha256=page.scan_id, seal=page.seal)
    return page


def _require_complete(names: list[str], seal: str, signed_on: date, document: Document) -> None:
    if not all(names):
        raise invalid(
            "roster.page_unsigned",
            "须填写每一位签字人的姓名。",
            "Each signer must be named.",
            "按纸面上的签名填写。",
            "Give the names as signed on the paper.",
        )
    if not seal.strip():
        raise invalid(
            "roster.page_unsealed",
            "没有盖章的文件不予办理。",
            "Without its seal a paper is not accepted.",
            "盖章后重新扫描，并填写印章名称。",
            "Have it stamped, scan it again, and name the seal.",
        )
    if not timezone.localtime(document.made_at).date() <= signed_on <= timezone.localdate():
        raise invalid(
            "roster.page_ahead",
            "签字日期应在打印之后、今天之前。",
            "The date of signing lies before the printing or ahead.",
            "按纸面上的日期填写。",
            "Give the date as written on the paper.",
        )


@action("roster.read_signed_page", permission="roster.print")
def read_signed_page(actor: Actor, page: SignedPage) -> tuple[bytes, str]:
    """A scan and its media type. It is personal, so each look is on record."""
    audit.note(number=page.document.number, sha256=page.scan_id)
    return blobs.read(page.scan), page.scan.media_type
