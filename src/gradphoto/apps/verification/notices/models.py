"""Proof that every graduate was told (R203): where they can be reached, what was sent, when, and with what result."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Contact
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation, User
from gradphoto.apps.roster.models import Candidate, Document


class Channel(models.TextChoices):
    EMAIL = "email", bi("电子邮件", "E-mail")
    SMS = "sms", bi("短信", "Text message")
    WEBHOOK = "webhook", bi("校内消息平台", "School's message service")
    IN_PERSON = "in_person", bi("当面告知", "Told in person")


class NoticeKind(models.TextChoices):
    SESSION = "session", bi("采集时间通知", "Notice of the session")
    CHANGED = "changed", bi("采集时间变更", "Change of the session")
    MISSED = "missed", bi("漏拍通知", "Missed")
    MAKE_UP = "makeup", bi("补拍通知", "Make-up notice")
    OPENED = "opened", bi("开放校对通知", "Verification is open")
    REMINDER = "reminder", bi("催办提醒", "Reminder")
    LAST_CALL = "last_call", bi("截止前提醒", "Last call")
    ERRATA = "errata", bi("勘误答复", "Errata answered")
    STATIONS = "stations", bi("校外点、函授站通知", "Stations")
    LIAISON = "liaison", bi("联系人通知", "Liaison")


TO_CONTACTS = (NoticeKind.STATIONS, NoticeKind.LIAISON)
"""What goes to the contacts of a campaign and not to graduates (R84, R204)."""


class NoticeState(models.TextChoices):
    WAITING = "waiting", bi("待发送", "Waiting")
    SENT = "sent", bi("已发送", "Sent")
    DELIVERED = "delivered", bi("已送达", "Delivered")
    READ = "read", bi("本人已阅", "Read by the person")
    SIGNED = "signed", bi("签收表已签", "Signed on the class list")
    OUTBOX = "outbox", bi("未发出，待另行转交", "Not sent, to be handed on")
    FAILED = "failed", bi("发送失败", "Failed")
    NO_ADDRESS = "no_address", bi("没有联系方式", "No address")
    TOLD = "told", bi("已当面告知", "Told in person")


REACHED = (NoticeState.SENT, NoticeState.DELIVERED, NoticeState.READ, NoticeState.SIGNED, NoticeState.TOLD)
"""What counts as proof of notice."""


UNSENT = (NoticeState.FAILED, NoticeState.OUTBOX)
"""What may be tried again: nobody was reached."""


class ContactPoint(models.Model):
    """A telephone number or e-mail address of a graduate, sealed like every personal number."""

    SCOPE = ("candidate__department__path",)

    id = RowKeyField(primary_key=True)
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="contact_points")
    channel = models.CharField(max_length=9, choices=Channel.choices)
    address = EncryptedTextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "channel"], name="verification_contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.candidate_id}"


class NoticeRound(models.Model):
    """One text to many by one channel, sent by a job."""

    SCOPE = ("organisation__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="notice_rounds")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=NoticeKind.choices)
    channel = models.CharField(max_length=9, choices=Channel.choices)
    text = models.TextField()
    nonce = models.UUIDField(unique=True, null=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class Notice(models.Model):
    """One graduate told once, or not: ``reference`` is what the carrier answered, ``by`` who told them in person."""

    SCOPE = ("candidate__department__path", "contact__campaign__school__path", "contact__campaign__centre__path")

    round = models.ForeignKey(NoticeRound, null=True, on_delete=models.PROTECT, related_name="notices")
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="notices")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.PROTECT, related_name="notices")
    facts = models.JSONField(default=dict)
    """What was told, where a later change must be told again: time and place of the session."""
    document = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="notices")
    """The printed class list on which the person signed."""
    channel = models.CharField(max_length=9, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.WAITING)
    at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=120, blank=True)
    error = models.JSONField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["candidate__department", "candidate__class_name", "candidate__student_no"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "candidate"], name="verification_notice_once_a_round"),
            models.CheckConstraint(
                condition=Q(candidate__isnull=True) ^ Q(contact__isnull=True), name="verification_notice_to_one"
            ),
            # What is called proof has its time.
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "delivered", "read", "signed", "told"]) | Q(at__isnull=False),
                name="verification_notice_proof_dated",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["candidate", "state", "at"])]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.channel} {self.state}"

    @property
    def audit_organisation_id(self) -> int:
        if self.candidate is not None:
            return self.candidate.department_id
        assert self.contact is not None, "a notice goes to somebody"
        return self.contact.campaign.school_id

    @property
    def to_name(self) -> str:
        """Who is told."""
        return str(self.candidate.name if self.candidate else self.contact)
