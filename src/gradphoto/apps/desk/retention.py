"""What is kept how long, and its deletion: one table, a plan, and the doing of it (docs/privacy.md is held to this table).

Deleted are files, contact data, ID numbers at the door of the room, traces of sign-ins. What stays are the roster, the
photographs that were delivered, the registration ledger, the money and the audit trail: others have a duty to keep those.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from gradphoto.apps.access.models import AccessAttempt, HeldRequest, PersonalSession
from gradphoto.apps.campaigns.models import CampaignStatus
from gradphoto.apps.capture.models import Frame, FramePreview, Hold
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.models import Blob, JobIssue
from gradphoto.apps.delivery.models import ImageCard, Package
from gradphoto.apps.errata.models import Attachment, ErrataForm
from gradphoto.apps.fees.models import BankImport
from gradphoto.apps.makeup.models import FormCode, MakeUpCase, SelfCollection, SelfPhoto
from gradphoto.apps.makeup.models.selfmade import SelfStatus
from gradphoto.apps.pages.models import Export
from gradphoto.apps.pairing.models import FaceHint
from gradphoto.apps.roster.models import (
    AdmissionsCheck,
    ImportDifference,
    PaperBundle,
    Proof,
    ProvinceApproval,
    RosterImport,
    SignedTable,
    SigningCode,
)
from gradphoto.apps.roster.models.papers import SignedPage
from gradphoto.apps.selfphoto.models import Comparison, PersonalLink, PictureUpload, PortraitTry, Reference, UploadPart
from gradphoto.apps.stations.models import StationKit
from gradphoto.apps.verification.notices.models import ContactPoint
from gradphoto.engine.wording import Wording

_KEEPER = Actor.system("retention")
_BATCH = 500
Find = Callable[[datetime], QuerySet]


@dataclass(frozen=True, slots=True)
class Files:
    """The files of these rows go, the rows stay and say what was there."""

    field: str
    find: Find


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows go."""

    find: Find


@dataclass(frozen=True, slots=True)
class Values:
    """One value of the rows goes, the rows stay."""

    field: str
    find: Find


@dataclass(frozen=True, slots=True)
class Orphans:
    """Files that no record names: what was uploaded for a job that was cancelled, or written for nothing."""

    find: Find


Part = Files | Rows | Values | Orphans


@dataclass(frozen=True, slots=True)
class Kept:
    """A class of personal data: what, why so long, how many days since when, and what goes then."""

    name: str
    what: Wording
    why: Wording
    days: int
    since: Wording
    parts: tuple[Part, ...]


_CLOSED = Wording("批次结束", "closing of the campaign")
_UNFINISHED = [status for status in SelfStatus.values if status != SelfStatus.TAKEN]
_MADE = Wording("生成", "making")


def _closed(manager: models.Manager, campaign: str = "campaign", **more: object) -> Find:
    """Rows of campaigns that have been closed since before the day."""
    where = {f"{campaign}__status": CampaignStatus.CLOSED, **more}
    return lambda before: manager.filter(**where, **{f"{campaign}__status_since__lte": before})


def _named_by_nothing(before: datetime) -> QuerySet:
    rows = Blob.objects.filter(created_at__lte=before, removed_at=None)
    for model, column in blobs.columns_that_name_files():
        rows = rows.exclude(Exists(model._base_manager.filter(**{column: OuterRef("pk")})))
    return rows


def _older(manager: models.Manager, moment: str) -> Find:
    return lambda before: manager.filter(**{f"{moment}__lte": before})


KEPT: tuple[Kept, ...] = (
    Kept("uploads", Wording("上传的名册、招生数据、银行对账单、自行采集汇总表", "Uploaded rosters, admissions data, bank statements, tables"),
         Wording("核对来源；其内容已在库中", "To look up a source; what counts stands in the database"), 90, _CLOSED,
         (Files("source", _closed(RosterImport.objects)), Files("marked_up", _closed(RosterImport.objects)),
          Files("source", _closed(AdmissionsCheck.objects)), Files("source", _closed(BankImport.objects)),
          Files("summary", _closed(SelfCollection.objects)), Rows(_closed(ImportDifference.objects, "roster_import__campaign")))),
    Kept("exports", Wording("导出的表格、台账和文件包", "Exported lists, ledgers and bundles of papers"),
         Wording("供申请人下载；随时可重新生成", "For who asked for it; it can be made again"), 30, _MADE,
         (Files("blob", _older(PaperBundle.objects, "created_at")), Files("blob", _older(Export.objects, "requested_at")),
          Files("upload", _older(Export.objects, "requested_at")))),
    Kept("contacts", Wording("毕业生的电话和邮箱", "Telephone numbers and mail addresses of graduates"),
         Wording("通知校对和补拍", "To tell of verification and make-up"), 90, _CLOSED,
         (Rows(_closed(ContactPoint.objects, "candidate__campaign")),
          Values("phone", _closed(MakeUpCase.objects, "candidate__campaign", phone__isnull=False)))),
    Kept("held", Wording("现场被拦下者的证件号码", "ID numbers of people held at the door of the room"),
         Wording("处理当日的不符", "To settle a mismatch"), 90, _CLOSED,
         (Values("id_number", _closed(Hold.objects, "session__campaign", id_number__isnull=False)),)),
    Kept("codes", Wording("未打印的校对码，签名码和补拍表单码", "Codes of cards never printed, of signing, of make-up forms"),
         Wording("批次结束后不再使用", "Of no use once the campaign is over"), 7, _CLOSED,
         (Values("code", _closed(ImageCard.objects, "candidate__campaign", code__isnull=False)),
          Rows(_closed(SigningCode.objects, "candidate__campaign")), Rows(_closed(FormCode.objects, "case__candidate__campaign")),
          Rows(_closed(PersonalLink.objects, "portrait__candidate__campaign")))),
    Kept("typed", Wording("登录中断时保留的填写内容", "What was typed when a session ended"),
         Wording("本人重新登录后继续", "The person goes on with it after signing in again"), 1, Wording("填写", "the typing"),
         (Rows(_older(HeldRequest.objects, "held_at")),)),
    Kept("unfinished", Wording("未完成的自行采集照片", "Photographs of self-organised collections that were never finished"),
         Wording("结束时未完成的不再处理", "What is unfinished at closing is not processed any more"), 30, _CLOSED,
         (Files("blob", _closed(SelfPhoto.objects, "collection__campaign", collection__status__in=_UNFINISHED)),)),
    Kept("own_photographs", Wording("自助拍摄中没有采用的试拍、显示用副本、比对照片和分数",
                                    "Tries of own photographs that were not handed in, copies, photographs compared with and scores"),
         Wording("本人在批次内还可提交；之后不再需要", "The person may hand one in until the end; of no use afterwards"), 30, _CLOSED,
         (Files("blob", _closed(PortraitTry.objects, "portrait__candidate__campaign", frame__isnull=True)),
          Files("copy", _closed(PortraitTry.objects, "portrait__candidate__campaign")),
          Files("blob", _closed(Reference.objects, "candidate__campaign")),
          Rows(_closed(Comparison.objects, "made_of__portrait__candidate__campaign")),
          Rows(_closed(FaceHint.objects, "session__campaign")))),
    Kept("broken_uploads", Wording("中断的自助照片上传", "Uploads of own photographs that were broken off"),
         Wording("网络恢复后续传", "To go on with when the network is back"), 1, Wording("开始上传", "the beginning of the upload"),
         (Files("blob", _older(UploadPart.objects, "upload__began_at")),
          Rows(_older(PictureUpload.objects.filter(made=None), "began_at")))),  # type: ignore[arg-type]
    Kept("frames", Wording("未制成证件照的拍摄原片和预览", "Frames that became no portrait, and previews"),
         Wording("更正和申诉期间的证据", "Evidence while corrections are possible"), 365, _CLOSED,
         (Files("blob", _closed(FramePreview.objects, "frame__session__campaign")),
          Files("blob", _closed(Frame.objects, "session__campaign", portraits__isnull=True)))),
    Kept("packages", Wording("交付包", "Package"),
         Wording("接收方核对和补发", "For the receiver's check and a second copy"), 365, _CLOSED,
         (Files("blob", _closed(Package.objects)),)),
    Kept("scans", Wording("盖章、签名件和证明的扫描件", "Scans of sealed and signed papers and of proofs"),
         Wording("留底备查（R71、R40）", "Originals are filed (R71, R40)"), 1095, _CLOSED,
         (Files("blob", _closed(Proof.objects, "case__candidate__campaign")), Files("scan", _closed(SignedTable.objects)),
          Files("scan", _closed(SignedPage.objects, "document__campaign")), Files("scan", _closed(ErrataForm.objects)),
          Files("scan", _closed(ProvinceApproval.objects)),
          Files("blob", _closed(Attachment.objects, "case__campaign")))),
    Kept("kits", Wording("采集箱文件", "Kits of stations"), Wording("采集站重新打开", "To open a station anew"), 30,
         Wording("采集箱到期", "end of the kit's validity"), (Files("file", _older(StationKit.objects, "expires_at")),)),
    Kept("orphans", Wording("没有记录引用的文件", "Files that no record names"),
         Wording("取消的任务留下的上传", "Uploads of cancelled jobs"), 30, _MADE, (Orphans(_named_by_nothing),)),
    Kept("sign_ins", Wording("登录尝试和已结束的登录", "Attempts to sign in and sessions that ended"),
         Wording("网络安全法要求的日志不少于六个月", "Logs of six months (Cybersecurity Law)"), 190, Wording("发生", "the event"),
         (Rows(_older(AccessAttempt.objects, "at")), *(Rows(_older(made._default_manager, "seen_at")) for made in PersonalSession.__subclasses__()),
          Rows(_older(Session.objects, "expire_date")), Rows(_older(JobIssue.objects, "job__created_at")))),
)  # fmt: skip
OUTBOX_DAYS = 30
"""Messages that were written to the outbox instead of being sent."""


@dataclass(frozen=True, slots=True)
class Due:
    """How much of a class is due."""

    kept: Kept
    before: datetime
    count: int


def plan(now: datetime | None = None) -> list[Due]:
    """What ``run`` would delete now; nothing is touched."""
    return [Due(kept, before, _count(kept, before)) for kept, before in _dates(now or timezone.now())]


def run(now: datetime | None = None) -> list[Due]:
    """Delete what is due, in short transactions, each on record; killed and run again it goes on. Returns what was deleted."""
    now = now or timezone.now()
    done = []
    for kept, before in _dates(now):
        count = sum(_delete(kept, part, before, now) for part in kept.parts)
        done.append(Due(kept, before, count))
    messages = _sweep_outbox(now - timedelta(days=OUTBOX_DAYS))
    if messages:
        audit.record(_KEEPER, "desk.delete_by_retention", None, {"class": "outbox", "count": messages})
    return done


def _dates(now: datetime) -> Iterator[tuple[Kept, datetime]]:
    for kept in KEPT:
        yield kept, now - timedelta(days=kept.days)


def _count(kept: Kept, before: datetime) -> int:
    return sum(_due(part, before).count() for part in kept.parts)


def _due(part: Part, before: datetime) -> QuerySet:
    rows = part.find(before)
    if isinstance(part, Files):
        return rows.filter(**{f"{part.field}__isnull": False, f"{part.field}__removed_at": None})
    return rows


def _delete(kept: Kept, part: Part, before: datetime, now: datetime) -> int:
    """Batch by batch; a file that something else still needs is left, and counted when that is due, too."""
    deleted, last = 0, None
    while True:
        rows = _due(part, before).order_by("pk")
        rows = rows if last is None else rows.filter(pk__gt=last)
        batch = list(rows.values_list("pk", flat=True).distinct()[:_BATCH])
        if not batch:
            return deleted
        last = batch[-1]
        with transaction.atomic():
            count = _apply(part, rows.model, batch, now)
            if count:
                detail = {"class": kept.name, "of": rows.model._meta.label_lower, "count": count, "days": kept.days}
                audit.record(_KEEPER, "desk.delete_by_retention", None, detail)
        deleted += count


def _apply(part: Part, model: type[models.Model], pks: list, now: datetime) -> int:
    rows = model._base_manager.filter(pk__in=pks)
    if isinstance(part, Rows):
        return rows.delete()[0]
    if isinstance(part, Orphans):
        blobs.forget(pks)
        return len(pks)
    if isinstance(part, Values):
        return rows.update(**{part.field: None})
    names = set(rows.values_list(part.field, flat=True))
    free = sorted(names - _needed(names, now))
    blobs.forget(free)
    return len(free)


def _needed(names: set[str], now: datetime) -> set[str]:
    """Those that a row names whose own time is not over."""
    over = [(part, before) for kept, before in _dates(now) for part in kept.parts if isinstance(part, Files)]
    needed: set[str] = set()
    for model, column in blobs.columns_that_name_files() if names else ():
        rows = model._base_manager.filter(**{f"{column}__in": names})
        for part, before in over:
            due = part.find(before)
            if due.model is model and part.field == column:
                rows = rows.exclude(pk__in=due.order_by().values("pk"))
        needed |= set(rows.values_list(column, flat=True))
    return needed


def _sweep_outbox(before: datetime) -> int:
    """Mails and messages that lie in the outbox, where nothing sends them, as files."""
    count = 0
    for path in (Path(settings.DATA_DIR) / "outbox").rglob("*"):
        if path.is_file() and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)
            count += 1
    return count
