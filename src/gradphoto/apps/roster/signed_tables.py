"""The paper check table (R38, R42): whether a school works with it, and how the scan of a class moves its rows on (R71)."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.campaigns.rules import in_force
from gradphoto.apps.campaigns.settings_keys import CHECK_TABLE
from gradphoto.apps.core import audit, blobs
from gradphoto.apps.core.actions import action
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal, invalid, refuse, within
from gradphoto.apps.core.uploads import Kind
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.lifecycle import CANDIDATE
from gradphoto.apps.roster.models import Candidate, Document, SignedTable

SCAN_KINDS = (Kind.PDF, Kind.JPEG, Kind.PNG)
SCAN_LIMIT_MB = 20


def require_check_table(campaign: Campaign) -> None:
    """Raises ``roster.no_check_table`` where the rules say that the school works without."""
    rule = in_force(campaign.rule_set, CHECK_TABLE)
    if rule is not None and not CHECK_TABLE.read(rule.value):
        raise refuse(
            "roster.no_check_table",
            f"本批次的规则不使用《核对表》（{rule.source}）。",
            f"By its rules this campaign works without a check table ({rule.source}).",
            "请让学生用手机核对签名；确需纸质核对表的，请教务处修改规则。",
            "Have the students sign on their phones; where paper is needed, the registry changes the rule.",
        )


def waiting(campaign: Campaign, department: Organisation, season: str, class_name: str) -> QuerySet[Candidate]:
    """The rows of a class that its check table can still move on, in the table's order (R102)."""
    return Candidate.objects.filter(
        campaign=campaign,
        department=department,
        season=season,
        class_name=class_name,
        status__in=CANDIDATE.sources("roster.endorse_by_table"),
    ).order_by("student_no")


@action("roster.attach_table", permission="roster.check")
def attach_table(
    actor: Actor,
    department: Organisation,
    *,
    campaign: Campaign,
    season: Season,
    class_name: str,
    scan: bytes,
    media_type: str,
    counsellor_name: str,
    leader_name: str,
    seal: str,
    signed_on: date,
    document: Document | None = None,
) -> SignedTable:
    """Keep the scan with who signed, when, and which seal. Take ``roster.endorse_by_table`` for its rows afterwards.

    ``document`` is the printed table that was signed, where its number is known.

    Raises ``roster.table_unsigned``, ``roster.table_unsealed`` (务必盖章，否则不予办理), ``roster.four_eyes``,
    ``roster.table_ahead``, ``roster.table_empty`` or ``roster.table_attached_already``.
    """
    require_check_table(campaign)
    names = (
        within(counsellor_name, 60, field="counsellor_name"),
        within(leader_name, 60, field="leader_name"),
    )
    _require_signed_and_sealed(names, seal, signed_on)
    if document is not None and document.campaign_id != campaign.pk:
        raise PermissionRefusal("roster.attach_table")
    if not waiting(campaign, department, season, class_name).exists():
        raise refuse(
            "roster.table_empty",
            "该班没有等待签字的人。",
            "Nobody of this class waits for signatures.",
            "请先由学院核对该班名册。",
            "Have the college check the class first.",
        )
    try:
        with transaction.atomic():
            table = SignedTable.objects.create(
                campaign=campaign,
                department=department,
                season=season,
                class_name=class_name,
                scan=blobs.put(scan, media_type),
                document=document,
                counsellor_name=names[0],
                leader_name=names[1],
                seal=within(seal, 120, field="seal"),
                signed_on=signed_on,
                attached_by=str(actor.user or actor.label)[:150],
            )
    except IntegrityError:
        raise refuse(
            "roster.table_attached_already",
            "这份扫描件已经上传过。",
            "This very scan is attached already.",
            "请在已上传的核对表中查看。",
            "Look at the tables attached so far.",
        ) from None
    audit.note(
        document=document.number if document else "",
        table=table.pk,
        sha256=table.scan_id,
        class_name=class_name,
        seal=table.seal,
    )
    return table


def _require_signed_and_sealed(names: tuple[str, str], seal: str, signed_on: date) -> None:
    if not all(names):
        raise invalid(
            "roster.table_unsigned",
            "须填写辅导员和主管院领导的签名。",
            "The counsellor's and the leader's signatures must be named.",
            "按核对表上的签名填写姓名。",
            "Give the names as signed on the table.",
        )
    if names[0] == names[1]:
        raise invalid(
            "roster.four_eyes",
            "辅导员与主管院领导不能是同一人。",
            "The counsellor and the leader cannot be the same person.",
            "请由另一人签字后重新扫描。",
            "Have the other person sign and scan it again.",
        )
    if not seal.strip():
        raise invalid(
            "roster.table_unsealed",
            "核对表没有盖章，不予办理。",
            "A check table without a seal is not accepted.",
            "盖学院公章后重新扫描，并填写印章名称。",
            "Have it stamped, scan it again, and name the seal.",
        )
    if signed_on > timezone.localdate():
        raise invalid(
            "roster.table_ahead",
            "签字日期在未来。",
            "The date of signing lies ahead.",
            "请按核对表上的日期填写。",
            "Give the date on the table.",
        )


@action("roster.read_table_scan", permission="roster.keep")
def read_table_scan(actor: Actor, table: SignedTable) -> tuple[bytes, str]:
    """The scan and its media type; each look is on record."""
    audit.note(sha256=table.scan_id)
    return blobs.read(table.scan), table.scan.media_type
