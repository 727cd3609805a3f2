"""The ledger. One entry moves an amount from one account to another, so that the books cannot be out of balance.

``Entry.debit`` receives, ``Entry.credit`` gives. A balance is what was received less what was given: it is kept by a
trigger, may not fall below zero for students and tills and not rise above it for the revenue account.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.fees.models.append_only import AppendOnly
from gradphoto.apps.fees.models.prices import Channel, Item
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import Candidate


class AccountKind(models.TextChoices):
    STUDENT = "student", bi("学生应交", "Owed by a student")
    PERSON = "person", bi("经手人", "Held by a person")
    UNIT = "unit", bi("单位", "Organisation")
    BANK = "bank", bi("银行账户", "On a bank account")
    REVENUE = "revenue", bi("采集费收入", "Fees charged")
    WAIVED = "waived", bi("减免", "Waived")


TILLS = (AccountKind.PERSON, AccountKind.UNIT, AccountKind.BANK)
"""Where money lies."""


class Account(models.Model):
    """What a student owes, what a till holds, what a campaign has charged or waived. ``balance_fen`` is the trigger's."""

    SCOPE = ("organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=8, choices=AccountKind.choices)
    candidate = models.OneToOneField(Candidate, null=True, on_delete=models.PROTECT, related_name="fee_account")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="tills")
    keeper = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="tills")
    balance_fen = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["campaign", "kind", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind="student", candidate__isnull=False, organisation=None, keeper=None)
                | Q(kind="person", candidate=None, organisation__isnull=False, keeper__isnull=False)
                | Q(kind__in=["unit", "bank"], candidate=None, organisation__isnull=False, keeper=None)
                | Q(kind__in=["revenue", "waived"], candidate=None, organisation=None, keeper=None),
                name="fees_account_of_somebody",
            ),
            models.UniqueConstraint(
                fields=["campaign", "organisation", "keeper"],
                condition=Q(kind="person"),
                name="fees_account_person_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "organisation", "kind"],
                condition=Q(kind__in=["unit", "bank"]),
                name="fees_account_unit_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "kind"], condition=Q(kind__in=["revenue", "waived"]), name="fees_account_whole_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="revenue", balance_fen__lte=0) | (~Q(kind="revenue") & Q(balance_fen__gte=0)),
                name="fees_account_nothing_negative",
            ),
        ]

    def __str__(self) -> str:
        if self.kind == AccountKind.STUDENT:
            return str(self.candidate)
        if self.organisation is None:
            return str(self.get_kind_display())
        return f"{self.organisation.name} · {self.keeper or self.get_kind_display()}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id or self.campaign.school_id


class ChargeStatus(models.TextChoices):
    """Lifecycle C7: due, collected, handed in; receipt and reconciliation are read from what refers to it."""

    DUE = "due", bi("未缴", "Unpaid")
    COLLECTED = "collected", bi("已收", "Collected")
    HANDED_IN = "handed_in", bi("已上缴", "Handed in")
    WAIVED = "waived", bi("减免", "Waived")
    CANCELLED = "cancelled", bi("已撤销", "Cancelled")
    REFUNDED = "refunded", bi("已退款", "Refunded")


PAID = (ChargeStatus.COLLECTED, ChargeStatus.HANDED_IN)


class WaiveGround(models.TextChoices):
    SHOOTING_FAULT = "shooting_fault", bi("拍摄原因免费重拍", "Free reshoot, fault of the shooting")
    HARDSHIP = "hardship", bi("困难减免", "Hardship")
    OTHER = "other", bi("其他", "Other")


class Charge(models.Model):
    """One thing that one person pays for, at the price of that day. ``till`` is where its money lies now."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="charges")
    item = models.CharField(max_length=12, choices=Item.choices)
    quantity = models.PositiveSmallIntegerField(default=1)
    unit_fen = models.PositiveIntegerField()
    amount_fen = models.PositiveIntegerField()
    price_source = models.CharField(max_length=200)
    price_effective_from = models.DateField()
    status = StatusField(max_length=10, choices=ChargeStatus.choices, default=ChargeStatus.DUE)
    till = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="charges")
    waive_ground = models.CharField(max_length=16, choices=WaiveGround.choices, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["candidate__season", "candidate__department", "candidate__student_no", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, unit_fen__gt=0, amount_fen=F("quantity") * F("unit_fen")),
                name="fees_charge_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["collected", "handed_in"], till__isnull=False)
                | Q(status__in=["due", "waived", "cancelled", "refunded"], till=None),
                name="fees_charge_paid_lies_somewhere",
            ),
            # The first shot is paid for once, however often somebody presses the button.
            models.UniqueConstraint(
                fields=["candidate"],
                condition=Q(item="photo", status__in=["due", "collected", "handed_in", "waived"]),
                name="fees_charge_photo_once_a_person",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["item", "status"])]

    def __str__(self) -> str:
        return f"{self.get_item_display()} {self.amount_fen / 100:.2f}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """What is not paid lies nowhere: the till goes with the status, whichever action moves it."""
        if self.status not in PAID:
            self.till = None
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "till"}
        super().save(*args, **kwargs)

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class Collection(AppendOnly):
    """Money taken in one act, from one student or for a whole class: who, how, how much was given and given back."""

    SCOPE = ("till__organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="collections")
    till = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="collections")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    total_fen = models.PositiveIntegerField()
    tendered_fen = models.PositiveIntegerField()
    change_fen = models.PositiveIntegerField()
    people_count = models.PositiveIntegerField()
    payer = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=80, blank=True)
    business_day = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=80)
    actor_label = models.CharField(max_length=150)
    nonce = models.UUIDField(unique=True)

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(total_fen__gt=0, people_count__gt=0, tendered_fen=F("total_fen") + F("change_fen")),
                name="fees_collection_change_is_right",
            ),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="fees_collection_channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.total_fen / 100:.2f}"

    @property
    def audit_organisation_id(self) -> int | None:
        return self.till.organisation_id


class EntryKind(models.TextChoices):
    CHARGE = "charge", bi("应收", "Due")
    COLLECT = "collect", bi("收款", "Collect")
    HAND_IN = "hand_in", bi("上缴", "Hand-ins")
    WAIVE = "waive", bi("减免", "Waiver")
    CANCEL_CHARGE = "cancel_charge", bi("撤销应收", "Cancel the charge")
    CANCEL_PAYMENT = "cancel_payment", bi("撤销收款", "Cancel the collection")
    CANCEL_WAIVER = "cancel_waiver", bi("撤销减免", "Cancel the waiver")
    REFUND = "refund", bi("退款", "Refund")


class Entry(AppendOnly):
    """One movement of money or of a claim. Nothing changes it; its counter-entry points back at it, once."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="fee_entries")
    season = models.CharField(max_length=8, choices=Season.choices)
    kind = models.CharField(max_length=14, choices=EntryKind.choices)
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="received")
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="given")
    amount_fen = models.PositiveIntegerField()
    charge = models.ForeignKey(Charge, null=True, on_delete=models.PROTECT, related_name="entries")
    collection = models.ForeignKey(Collection, null=True, on_delete=models.PROTECT, related_name="entries")
    hand_in = models.OneToOneField("fees.HandIn", null=True, on_delete=models.PROTECT, related_name="entry")
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    reason = models.CharField(max_length=200, blank=True)
    business_day = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    actor = models.CharField(max_length=80)
    actor_label = models.CharField(max_length=150)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="fees_entry_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="fees_entry_moves"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["charge", "waive"], charge__isnull=False, collection=None, hand_in=None, reverses=None
                )
                | Q(kind="collect", charge__isnull=False, collection__isnull=False, hand_in=None, reverses=None)
                | Q(kind="hand_in", charge=None, collection=None, hand_in__isnull=False, reverses=None)
                | Q(
                    kind__in=["cancel_charge", "cancel_payment", "cancel_waiver", "refund"],
                    charge__isnull=False,
                    reverses__isnull=False,
                    hand_in=None,
                ),
                name="fees_entry_as_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["waive", "cancel_charge", "cancel_payment", "cancel_waiver", "refund"])
                | ~Q(reason=""),
                name="fees_entry_counter_has_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["campaign", "season", "business_day"])]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.amount_fen / 100:.2f}"

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id
