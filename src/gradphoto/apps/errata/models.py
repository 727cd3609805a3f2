"""An errata case (勘误, lifecycle C5) with the people it speaks of, the form it travels on, and what is attached."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi, say
from gradphoto.apps.delivery.models import DeliveryReport, Package
from gradphoto.apps.errata.kinds import FACTS, Channel, Corrector, ErrataKind, KindFacts, Paper, needs_seal
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.items import BY_FIELD, mask_of
from gradphoto.engine.standards.deadlines import DaysLeft


class CaseStatus(models.TextChoices):
    """Lifecycle C5."""

    DRAFTED = "drafted", bi("已起草", "Drafted")
    SEALED = "sealed", bi("已盖章", "Sealed")
    SENT = "sent", bi("已寄出", "Sent")
    RECEIVED = "received", bi("对方已收到", "Received")
    CORRECTED = "corrected", bi("已更正", "Corrected")
    REISSUED = "reissued", bi("已补发", "Re-issued")
    RESHOT = "reshot", bi("已重拍", "Shot again")
    CONFIRMED = "confirmed", bi("已确认", "Confirmed")
    FILED = "filed", bi("已归档", "Filed")
    REFUSED = "refused", bi("对方不受理", "Refused")
    WITHDRAWN = "withdrawn", bi("已撤回", "Withdrawn")


RESULTS = (CaseStatus.CORRECTED, CaseStatus.REISSUED, CaseStatus.RESHOT)
OVER = (CaseStatus.FILED, CaseStatus.REFUSED, CaseStatus.WITHDRAWN)
_AFTER_SENDING = (CaseStatus.SENT, CaseStatus.RECEIVED, *RESULTS, CaseStatus.CONFIRMED, CaseStatus.FILED)


class FormStatus(models.TextChoices):
    DRAFTED = "drafted", bi("待盖章", "To be sealed")
    SEALED = "sealed", bi("已盖章", "Sealed")
    SENT = "sent", bi("已寄出", "Sent")
    RECEIVED = "received", bi("对方已收到", "Received")


class ErrataForm(models.Model):
    """One paper on which cases are reported in one piece (R53, R54, R66, R168), with its seal and its scan (R71)."""

    SCOPE = ("organisation__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="errata_forms")
    number = models.PositiveIntegerField()
    paper = models.CharField(max_length=16, choices=Paper.choices)
    season = models.CharField(max_length=8, choices=Season.choices)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="errata_forms")
    corrector = models.CharField(max_length=10, choices=Corrector.choices)
    status = StatusField(max_length=10, choices=FormStatus.choices, default=FormStatus.DRAFTED)
    contact = models.CharField(max_length=60)
    telephone = models.CharField(max_length=40)
    address = models.CharField(max_length=160)
    created_at = models.DateTimeField(default=timezone.now)
    seal_of = models.CharField(max_length=120, blank=True)
    signed_by = models.CharField(max_length=60, blank=True)
    signed_role = models.CharField(max_length=60, blank=True)
    sealed_on = models.DateField(null=True)
    scan = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    sent_on = models.DateField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    sent_to = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "number"], name="errata_form_number_once"),
            models.CheckConstraint(
                condition=~Q(contact="") & ~Q(telephone="") & ~Q(address=""), name="errata_form_contact_complete"
            ),
            # R71: a seal is on record with its scan, the signer and the date, or not at all.
            models.CheckConstraint(
                condition=Q(sealed_on__isnull=True, scan__isnull=True)
                | (Q(sealed_on__isnull=False, scan__isnull=False) & ~Q(seal_of="") & ~Q(signed_by="")),
                name="errata_form_seal_with_scan",
            ),
        ]

    def __str__(self) -> str:
        return f"KB{self.campaign.cohort_year}-{self.number:04d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class Origin(models.TextChoices):
    PERSON = "person", bi("个人页面", "A person's page")
    DELIVERY = "delivery", bi("照片核对", "Check of delivered photos")
    VERIFICATION = "verification", bi("本人校对", "Verification by the graduate")


class ErrataCase(models.Model):
    """One error, of one person or of a run of people. ``department`` is where it hangs in the tree."""

    SCOPE = ("department__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="errata_cases")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=16, choices=ErrataKind.choices)
    corrector = models.CharField(max_length=10, choices=Corrector.choices)
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="errata_cases")
    season = models.CharField(max_length=8, choices=Season.choices)
    status = StatusField(max_length=10, choices=CaseStatus.choices, default=CaseStatus.DRAFTED)
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.PERSON)
    description = models.CharField(max_length=500, blank=True)
    contact = models.CharField(max_length=60)
    telephone = models.CharField(max_length=40)
    address = models.CharField(max_length=160)
    session = models.ForeignKey(CaptureSession, null=True, on_delete=models.PROTECT, related_name="errata_cases")
    package = models.ForeignKey(Package, null=True, on_delete=models.PROTECT, related_name="errata_cases")
    form = models.ForeignKey(ErrataForm, null=True, on_delete=models.PROTECT, related_name="cases")
    reshoot = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="errata_cases")
    drafted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField(default=timezone.now)
    sent_on = models.DateField(null=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    sent_to = models.CharField(max_length=120, blank=True)
    received_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
    due_provisional = models.BooleanField(default=False)
    result_on = models.DateField(null=True)
    result_note = models.CharField(max_length=200, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    filed_at = models.DateTimeField(null=True)
    filed_place = models.CharField(max_length=120, blank=True)
    closed_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-drafted_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "number"], name="errata_case_number_once"),
            models.CheckConstraint(condition=Q(kind__in=ErrataKind.values), name="errata_case_kind_known"),
            models.CheckConstraint(
                condition=~Q(contact="") & ~Q(telephone="") & ~Q(address=""), name="errata_case_contact_complete"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=_AFTER_SENDING) | Q(sent_on__isnull=False), name="errata_case_sent_has_date"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[s for s in _AFTER_SENDING if s != CaseStatus.SENT])
                | Q(received_on__isnull=False),
                name="errata_case_received_has_date",
            ),
            models.CheckConstraint(
                condition=Q(received_on__isnull=True) | Q(received_on__gte=F("sent_on")),
                name="errata_case_received_after_sent",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[CaseStatus.REFUSED, CaseStatus.WITHDRAWN]) | ~Q(closed_reason=""),
                name="errata_case_end_has_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["status", "due_on"])]

    def __str__(self) -> str:
        return f"KW{self.campaign.cohort_year}-{self.number:04d}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id

    @property
    def facts(self) -> KindFacts:
        """What the notices say of this kind of error."""
        return FACTS[ErrataKind(self.kind)]

    @property
    def needs_seal(self) -> bool:
        """Whether it may only be sent on a sealed form (R71)."""
        return needs_seal(self.kind, self.corrector)

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    left: DaysLeft | None = None
    """What is left of a running clock, where a page has counted it (``lists.facts_of``)."""

    @property
    def people(self) -> list[Candidate]:
        """Whom the case concerns, each once, in its order."""
        return list({item.candidate_id: item.candidate for item in self.items.all()}.values())


class ErrataItem(models.Model):
    """One person of a case, for wrong data one field of one person: as shown, and as it is right."""

    SCOPE = ("candidate__department__path", "case__campaign__centre__path")

    id = RowKeyField(primary_key=True)
    case = models.ForeignKey(ErrataCase, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    candidate = models.ForeignKey(Candidate, on_delete=models.PROTECT, related_name="errata_items")
    kind = models.CharField(max_length=16, choices=ErrataKind.choices)
    field = models.CharField(max_length=40, blank=True)
    shown = models.CharField(max_length=120, blank=True)
    right = EncryptedTextField(null=True)  # type: ignore[misc]  # None where nothing but the image is wrong
    shooting_number = models.PositiveIntegerField(null=True)
    frame_before = models.ForeignKey(Frame, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["case", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "candidate", "field"], name="errata_item_once_a_case"),
            # The same error of a person is open in one case only.
            models.UniqueConstraint(
                fields=["candidate", "kind", "field"],
                condition=Q(closed_at__isnull=True),
                name="errata_item_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind=ErrataKind.DATA_WRONG) | (~Q(field="") & Q(right__isnull=False)),
                name="errata_item_wrong_data_has_right_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.position}"

    @property
    def field_title(self) -> str:
        """The wrong field as a person reads it; empty where the image is wrong."""
        return say(BY_FIELD[self.field].title) if self.field else ""

    @property
    def right_shown(self) -> str:
        """The right value as a page may show it: an ID number is masked."""
        return mask_of(self.field, self.right.decrypt()) if self.right is not None else ""


class CaseReport(models.Model):
    """A report of the school's check that a case deals with; the report ends when the case does."""

    SCOPE = ("case__department__path", "case__campaign__centre__path")

    report = models.OneToOneField(DeliveryReport, on_delete=models.PROTECT, related_name="errata_link")
    case = models.ForeignKey(ErrataCase, on_delete=models.CASCADE, related_name="reports")
    linked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.case_id}"


class AttachmentKind(models.TextChoices):
    PROOF = "proof", bi("证明材料", "Proof")
    PHOTO = "photo", bi("问题照片", "Photograph in question")
    REPLY = "reply", bi("对方答复", "Answer received")
    OTHER = "other", bi("其他", "Other")


class Attachment(models.Model):
    """A file kept with a case: proofs, the print in question, the answer that came."""

    SCOPE = ("case__department__path", "case__campaign__centre__path")

    case = models.ForeignKey(ErrataCase, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=8, choices=AttachmentKind.choices)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=120, blank=True)
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "blob"], name="errata_attachment_once")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
