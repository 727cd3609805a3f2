"""Money given back: asked for by one person, paid out by another (four eyes), for one charge, several, or an online order."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees.models.ledger import Account, Charge
from gradphoto.apps.fees.models.outside import OnlineOrder
from gradphoto.apps.orgs.models import Organisation, User


class RefundStatus(models.TextChoices):
    ASKED = "asked", bi("待另一人复核", "Waits for another person")
    PAID = "paid", bi("已退款", "Refunded")
    REFUSED = "refused", bi("不予退款", "Refund refused")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


class Refund(models.Model):
    """A request to give money back out of one till. The amount is what was paid for its charges, parts included."""

    SCOPE = ("organisation__path", "till__organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="refunds")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """The department whose people get it back; the school where they are of several."""
    till = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="refunds")
    """Out of which till; None for an order that the gateway pays back without anything in the books (a surplus)."""
    order = models.ForeignKey(OnlineOrder, null=True, on_delete=models.PROTECT, related_name="refunds")
    amount_fen = models.PositiveIntegerField()
    people_count = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    status = StatusField(max_length=10, choices=RefundStatus.choices, default=RefundStatus.ASKED)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, people_count__gt=0) & ~Q(reason=""), name="fees_refund_whole"
            ),
            models.CheckConstraint(
                condition=Q(till__isnull=False) | Q(order__isnull=False), name="fees_refund_from_somewhere"
            ),
            # Who asked takes a request back; pays and refuses it somebody else.
            models.CheckConstraint(
                condition=Q(status="asked", decided_by=None, decided_at=None)
                | Q(status="withdrawn", decided_at__isnull=False)
                | Q(status__in=["paid", "refused"], decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=F("asked_by")),
                name="fees_refund_four_eyes",
            ),
            models.UniqueConstraint(fields=["order"], condition=Q(status="asked"), name="fees_refund_order_asked_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk:05d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class RefundItem(models.Model):
    """One charge on a request. It stands on one that waits at most once; ``live`` ends when the request does."""

    refund = models.ForeignKey(Refund, on_delete=models.PROTECT, related_name="items")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="refund_items")
    amount_fen = models.PositiveIntegerField()
    live = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["charge__candidate__department", "charge__candidate__student_no", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["charge"], condition=Q(live=True), name="fees_refunditem_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="fees_refunditem_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id} {self.charge_id}"
