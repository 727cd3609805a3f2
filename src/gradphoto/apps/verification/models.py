"""The graduate's own verification: one case a person, final when confirmed (R161-R173)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.access.models import PersonalSession
from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.delivery.models import Portrait
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate


class CaseStatus(models.TextChoices):
    """Lifecycle C4."""

    OPEN = "open", bi("待校对", "Open")
    VIEWED = "viewed", bi("校对中", "Verifying")
    CORRECTED = "corrected", bi("已提交更正，待本人确认", "Corrections entered, not yet confirmed")
    CONFIRMED = "confirmed", bi("本人已确认", "Confirmed by the graduate")
    DISPUTED = "disputed", bi("图像有误，待学校处理", "Photograph disputed, with the school")
    ANSWERED = "answered", bi("学校已处理，待本人确认", "Settled by the school, not yet confirmed")
    EXPIRED = "expired", bi("逾期未校对", "Not verified in time")


class Opening(models.Model):
    """A school's season on the published list of those that are open already (R161), and the day it closes (R171)."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="openings")
    season = models.CharField(max_length=8, choices=Season.choices)
    since = models.DateField()
    closes_on = models.DateField(null=True)
    early_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["campaign", "-season"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "season"], name="verification_opening_once"),
            models.CheckConstraint(
                condition=Q(closes_on__isnull=True) | Q(closes_on__gte=F("since")),
                name="verification_opening_closes_after",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.season}"

    @property
    def days_left(self) -> int | None:
        """Days until the last day on which a graduate may confirm; negative afterwards, None without a closing day."""
        return None if self.closes_on is None else (self.closes_on - timezone.localdate()).days

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class VerificationCase(models.Model):
    """One graduate's single chance (R164). The portrait they see is the portrait that is registered (R1)."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="verification_case")
    portrait = models.ForeignKey(Portrait, on_delete=models.PROTECT, related_name="+")
    status = StatusField(max_length=10, choices=CaseStatus.choices, default=CaseStatus.OPEN)
    opened_at = models.DateTimeField(default=timezone.now)
    viewed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    dispute_reason = models.CharField(max_length=200, blank=True)
    answer = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    reopened_until = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["candidate__season", "candidate__department", "candidate__student_no"]
        indexes: ClassVar = [
            models.Index(
                fields=["candidate"], condition=models.Q(status="disputed"), name="verification_case_disputed"
            ),
            models.Index(
                fields=["candidate"], condition=models.Q(answered_at__isnull=False), name="verification_case_answered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        if VerificationCase.candidate.is_cached(self):
            return self.candidate.department_id
        # One number under the lock of every action, not the whole record of the person.
        return Candidate.objects.order_by().values_list("department_id", flat=True).get(pk=self.candidate_id)


class Correction(models.Model):
    """One ticked item with the right value as entered (R163 step 6). It takes effect with the review (R170)."""

    SCOPE = ("case__candidate__department__path", "case__candidate__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    case = models.ForeignKey(VerificationCase, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=40)
    shown = models.CharField(max_length=120)
    entered = EncryptedTextField()
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "field"],
                condition=Q(applied_at__isnull=True, withdrawn_at__isnull=True),
                name="verification_correction_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.field}"


class Confirmation(models.Model):
    """What a graduate confirmed: the items as shown, corrections included, and the photograph. Never changed."""

    SCOPE = ("case__candidate__department__path", "case__candidate__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    case = models.ForeignKey(VerificationCase, on_delete=models.PROTECT, related_name="confirmations")
    portrait = models.ForeignKey(Portrait, on_delete=models.PROTECT, related_name="+")
    facts = EncryptedTextField()
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.at:%Y-%m-%d %H:%M}"


class ProposalStatus(models.TextChoices):
    PROPOSED = "proposed", bi("待批准", "Proposed")
    APPROVED = "approved", bi("已批准", "Approved")
    REJECTED = "rejected", bi("未同意", "Rejected")


class Reopening(models.Model):
    """A second look for one person whose record changed after the confirmation: asked by one, approved by another."""

    SCOPE = ("case__candidate__department__path", "case__candidate__campaign__centre__path")

    case = models.ForeignKey(VerificationCase, on_delete=models.PROTECT, related_name="reopenings")
    changed = models.JSONField()
    reason = models.CharField(max_length=200)
    until = models.DateField()
    status = StatusField(max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-proposed_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="verification_reopening_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed") | Q(decided_at__isnull=False, proposed_by__isnull=False),
                name="verification_reopening_decided",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="proposed"), name="verification_reopening_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        return self.case.candidate.department_id


class EarlyEnd(models.Model):
    """A season that shall close before its published day: asked by one, approved and so republished by another."""

    SCOPE = ("opening__campaign__school__path", "opening__campaign__centre__path")

    opening = models.ForeignKey(Opening, on_delete=models.PROTECT, related_name="early_ends")
    closes_on = models.DateField()
    published = models.DateField(null=True)
    reason = models.CharField(max_length=200)
    status = StatusField(max_length=10, choices=ProposalStatus.choices, default=ProposalStatus.PROPOSED)
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-proposed_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="verification_early_end_four_eyes",
            ),
            models.UniqueConstraint(
                fields=["opening"], condition=Q(status="proposed"), name="verification_early_end_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opening_id} {self.closes_on} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        return self.opening.campaign.school_id


class PortalSession(PersonalSession):
    """A graduate's session in the portal, bound to the image card that opened it: a card issued anew ends it.

    A session that ended with the final confirmation stays for a while, so that the closing page can be shown.
    """

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="portal_sessions")
    card_index = BlindIndexField()

    class Meta:
        ordering: ClassVar = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.seen_at:%Y-%m-%d %H:%M}"


from gradphoto.apps.verification.notices.models import ContactPoint as ContactPoint  # noqa: E402 - they hang on the above
from gradphoto.apps.verification.notices.models import Notice as Notice  # noqa: E402
from gradphoto.apps.verification.notices.models import NoticeRound as NoticeRound  # noqa: E402
