"""Money that comes in from outside: online orders with the gateway's notices, and bank files."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob, Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees.models.append_only import AppendOnly
from gradphoto.apps.fees.models.ledger import Charge, Collection
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate


class OrderStatus(models.TextChoices):
    OPEN = "open", bi("待支付", "To be paid")
    PAID = "paid", bi("已支付", "Paid")
    CLOSED = "closed", bi("已关闭", "Closed")
    SURPLUS = "surplus", bi("多付待退", "Paid, but nothing was due: to refund")
    REFUNDED = "refunded", bi("已退款", "Refunded")


class OnlineOrder(models.Model):
    """What one person is asked to pay through a gateway. ``public_id`` is all that the gateway knows of them."""

    SCOPE = ("candidate__department__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="online_orders")
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="online_orders")
    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    gateway = models.CharField(max_length=20)
    reference = models.CharField(max_length=80, blank=True)
    pay_url = models.CharField(max_length=300, blank=True)
    amount_fen = models.PositiveIntegerField()
    charges = models.ManyToManyField(Charge, related_name="online_orders")
    status = StatusField(max_length=8, choices=OrderStatus.choices, default=OrderStatus.OPEN)
    collection = models.OneToOneField(Collection, null=True, on_delete=models.PROTECT, related_name="online_order")
    created_at = models.DateTimeField(default=timezone.now)
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="fees_onlineorder_positive"),
            models.UniqueConstraint(
                fields=["candidate"], condition=Q(status="open"), name="fees_onlineorder_open_once"
            ),
            models.CheckConstraint(
                condition=~Q(status="paid") | Q(collection__isnull=False), name="fees_onlineorder_paid_is_collected"
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class NoticeOutcome(models.TextChoices):
    APPLIED = "applied", bi("已入账", "Applied")
    EARLY = "early", bi("先到，等待前一通知", "Early: waits for the one before")
    IGNORED = "ignored", bi("无需处理", "Nothing to do")
    AMOUNT_DIFFERS = "amount_differs", bi("金额不符", "Amount differs")
    UNKNOWN_ORDER = "unknown_order", bi("订单不存在", "Unknown order")


class GatewayNotice(AppendOnly):
    """A notice of a gateway as it came in. The same notice may come again; it is kept and acted on once."""

    gateway = models.CharField(max_length=20)
    notice_id = models.CharField(max_length=80)
    order = models.ForeignKey(OnlineOrder, null=True, on_delete=models.PROTECT, related_name="notices")
    event = models.CharField(max_length=12)
    """One of ``gateway.Event``; an order's states bear the same codes."""
    amount_fen = models.PositiveIntegerField()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=16, choices=NoticeOutcome.choices)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["gateway", "notice_id"], name="fees_gatewaynotice_once")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event}"

    @property
    def event_label(self) -> str:
        return str(dict(OrderStatus.choices).get(self.event, self.event))


class BankImportStatus(models.TextChoices):
    READING = "reading", bi("读取中", "Being read")
    DONE = "done", bi("已对账", "Done")


class BankImport(models.Model):
    """A statement of a bank account as it was handed in, and what became of its rows."""

    SCOPE = ("organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="bank_imports")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="bank_imports")
    source = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    status = StatusField(max_length=8, choices=BankImportStatus.choices, default=BankImportStatus.READING)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class RowOutcome(models.TextChoices):
    MATCHED = "matched", bi("已匹配入账", "Matched")
    UNMATCHED = "unmatched", bi("未匹配", "Unmatched")
    DUPLICATE = "duplicate", bi("重复", "Duplicate")
    AMOUNT_DIFFERS = "amount_differs", bi("金额不符", "Amount differs")
    UNREADABLE = "unreadable", bi("无法读取", "Unreadable")


class BankRow(models.Model):
    """One row of a statement and its report. ``memo`` is kept with any ID number in it masked."""

    bank_import = models.ForeignKey(BankImport, on_delete=models.PROTECT, related_name="rows")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="bank_rows")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    row_number = models.PositiveIntegerField()
    serial = models.CharField(max_length=80, blank=True)
    paid_on = models.DateField(null=True)
    amount_fen = models.PositiveIntegerField(null=True)
    payer = models.CharField(max_length=80, blank=True)
    memo = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=16, choices=RowOutcome.choices)
    reason = models.JSONField(default=dict)
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="bank_rows")
    collection = models.OneToOneField(Collection, null=True, on_delete=models.PROTECT, related_name="bank_row")

    class Meta:
        ordering: ClassVar = ["row_number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bank_import", "row_number"], name="fees_bankrow_once"),
            models.UniqueConstraint(
                fields=["organisation", "serial"],
                condition=Q(outcome="matched") & ~Q(serial=""),
                name="fees_bankrow_serial_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome="matched", collection__isnull=False) | (~Q(outcome="matched") & Q(collection=None)),
                name="fees_bankrow_matched_is_collected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_number} {self.outcome}"
