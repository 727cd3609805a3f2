"""Money handed on from class to college, registry and centre, and the receipts that prove it (R63, R133, R135, R138)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees.models.append_only import AppendOnly
from gradphoto.apps.fees.models.ledger import Account, Charge, Collection
from gradphoto.apps.orgs.models import Organisation, User


class HandInStatus(models.TextChoices):
    LISTED = "listed", bi("待接收", "To be received")
    RECEIVED = "received", bi("双方已清点", "Agreed by both sides")
    REFUSED = "refused", bi("已退回", "Returned")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


class Means(models.TextChoices):
    CASH = "cash", bi("现金", "Cash")
    TRANSFER = "transfer", bi("银行转账", "Bank transfer")
    POSTAL = "postal", bi("邮政汇款", "Postal remittance")


class HandIn(models.Model):
    """A hand-in list: whose money goes from which till to which. Received means that both sides agree (R133)."""

    SCOPE = ("giver__organisation__path", "receiver__organisation__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="hand_ins")
    season = models.CharField(max_length=8, choices=Season.choices)
    giver = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="hand_ins_given")
    receiver = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="hand_ins_received")
    means = models.CharField(max_length=8, choices=Means.choices, default=Means.CASH)
    reference = models.CharField(max_length=80, blank=True)
    remitted_on = models.DateField(null=True)
    amount_fen = models.PositiveIntegerField()
    people_count = models.PositiveIntegerField()
    status = StatusField(max_length=10, choices=HandInStatus.choices, default=HandInStatus.LISTED)
    listed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    listed_at = models.DateTimeField(default=timezone.now)
    counted_fen = models.PositiveIntegerField(null=True)
    counted_people = models.PositiveIntegerField(null=True)
    photographed_people = models.PositiveIntegerField(null=True)
    received_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    received_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-listed_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0, people_count__gt=0), name="fees_handin_positive"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="fees_handin_moves"),
            # Both sides: what was listed is what was counted, and no person stands on both sides.
            models.CheckConstraint(
                condition=~Q(status="received")
                | Q(
                    counted_fen=F("amount_fen"),
                    counted_people=F("people_count"),
                    received_by__isnull=False,
                    received_at__isnull=False,
                ),
                name="fees_handin_received_is_agreed",
            ),
            models.CheckConstraint(
                condition=Q(received_by=None) | ~Q(received_by=F("listed_by")), name="fees_handin_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(means="cash") | (~Q(reference="") & Q(remitted_on__isnull=False)),
                name="fees_handin_remittance_has_reference",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["refused", "withdrawn"]) | ~Q(reason=""), name="fees_handin_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk:05d}"

    @property
    def audit_organisation_id(self) -> int | None:
        return self.giver.organisation_id


class HandInItem(models.Model):
    """One paid charge on a hand-in list. From one till it is handed on once; ``live`` ends when a list is taken back."""

    hand_in = models.ForeignKey(HandIn, on_delete=models.PROTECT, related_name="items")
    charge = models.ForeignKey(Charge, on_delete=models.PROTECT, related_name="hand_in_items")
    giver = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    live = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["charge__candidate__department", "charge__candidate__student_no", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["charge", "giver"], condition=Q(live=True), name="fees_handinitem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.hand_in_id} {self.charge_id}"


class ReceiptBook(models.Model):
    """The last number that an issuer used in a year. It is locked while a receipt is written, so there is no gap."""

    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="receipt_books")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["issuer", "year"], name="fees_receiptbook_once")]

    def __str__(self) -> str:
        return f"{self.issuer_id} {self.year}: {self.last}"


class Receipt(AppendOnly):
    """A receipt (收据). Its number is never used again, cancelled or not; a new one may replace a cancelled one."""

    SCOPE = ("issuer__path", "payer_organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="receipts")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="receipts")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    payer = models.CharField(max_length=120)
    payer_organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    matter = models.CharField(max_length=200)
    amount_fen = models.PositiveIntegerField()
    people_count = models.PositiveIntegerField()
    hand_in = models.ForeignKey(HandIn, null=True, on_delete=models.PROTECT, related_name="receipts")
    collection = models.ForeignKey(Collection, null=True, on_delete=models.PROTECT, related_name="receipts")
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    issued_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-year", "issuer", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "year", "number"], name="fees_receipt_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0, amount_fen__gt=0), name="fees_receipt_positive"),
            models.CheckConstraint(
                condition=Q(hand_in__isnull=False, collection=None) | Q(hand_in=None, collection__isnull=False),
                name="fees_receipt_for_one_thing",
            ),
            models.UniqueConstraint(fields=["hand_in"], condition=Q(replaces=None), name="fees_receipt_hand_in_once"),
            models.UniqueConstraint(
                fields=["collection"], condition=Q(replaces=None), name="fees_receipt_collection_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number_label

    @property
    def number_label(self) -> str:
        """The number as it is printed: issuer's code, year, running number."""
        return f"{self.issuer.code or self.issuer_id}-{self.year}-{self.number:06d}"

    @property
    def is_cancelled(self) -> bool:
        return hasattr(self, "cancellation")

    @property
    def audit_organisation_id(self) -> int:
        return self.issuer_id


class ReceiptCancellation(AppendOnly):
    """Why and by whom a receipt was declared void. The receipt stays."""

    receipt = models.OneToOneField(Receipt, on_delete=models.PROTECT, related_name="cancellation")
    reason = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="fees_receiptcancellation_has_reason")
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id} {self.reason}"
