"""State that belongs to no stage of the journey: blobs, background jobs, the audit trail."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField
from gradphoto.apps.core.wording import bi


class Blob(models.Model):
    """A file. Written once, never altered; see ``core.blobs``.

    ``name``: the SHA-256 of a photograph, which has no ``file_key``; of an encrypted file a random one.
    """

    name = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    file_key = EncryptedTextField(null=True)  # type: ignore[misc]
    content_index = BlindIndexField(blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    removed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name[:12]

    @property
    def evidence(self) -> str:
        """What the audit trail calls the content: equal for equal contents, 64 hex digits."""
        return self.content_index or self.name


class JobState(models.TextChoices):
    QUEUED = "queued", bi("排队中", "Queued")
    RUNNING = "running", bi("进行中", "Running")
    DONE = "done", bi("已完成", "Done")
    FAILED = "failed", bi("失败", "Failed")
    CANCELLED = "cancelled", bi("已取消", "Cancelled")


class Job(models.Model):
    """One piece of background work: the record of truth; the broker only carries its id (see ``core.jobs``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    organisation_id = models.BigIntegerField(null=True)
    title = models.JSONField()
    params = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(default=timezone.now)
    waits = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    waiting_for = models.JSONField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=80, blank=True)
    error = models.JSONField(null=True)
    remedy = models.JSONField(null=True)
    result_url = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a store of files that does not answer."""
        return self.state == JobState.QUEUED and self.waiting_for is not None

    @property
    def left_something(self) -> bool:
        """Whether beginning again would have something to do."""
        return self.state in (JobState.FAILED, JobState.CANCELLED) or (self.state == JobState.DONE and self.failed > 0)

    @property
    def tone(self) -> str:
        """The colour of its state: good only where nothing was left undone."""
        if self.state == JobState.FAILED or (self.state == JobState.DONE and self.failed >= max(1, self.total)):
            return "bad"
        if self.state == JobState.DONE:
            return "busy" if self.failed else "good"
        return "" if self.state == JobState.CANCELLED else "busy"

    @property
    def state_label(self) -> str:
        """The state as a person reads it."""
        if self.is_waiting:
            return bi("等待文件存储", "Waiting for the store")
        if self.state == JobState.DONE and self.failed:
            return bi("全部失败", "All failed") if self.failed >= self.total else bi("部分失败", "Done in part")
        return str(self.get_state_display())

    @property
    def percent(self) -> int:
        if self.state == JobState.DONE:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def audit_organisation_id(self) -> int | None:
        return self.organisation_id


class JobIssue(models.Model):
    """One row or file of a job that could not be done, with the reason and the remedy."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="issues")
    subject = models.CharField(max_length=120)
    code = models.CharField(max_length=80)
    message = models.JSONField()
    remedy = models.JSONField()

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            # A re-issued job meets the same bad rows again; they are told once.
            models.UniqueConstraint(fields=["job", "subject", "code"], name="core_jobissue_once"),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.code}"


class Worker(models.Model):
    """A background worker that was heard: who works off jobs, since when, and on what (``core.heartbeats``)."""

    name = models.CharField(max_length=80, primary_key=True)
    version = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    job = models.UUIDField(null=True)
    queues = models.CharField(max_length=60, default="quick,bulk,pictures")

    def __str__(self) -> str:
        return self.name


class AuditHead(models.Model):
    """The end of one organisation's chain. It is locked while an entry is added, so that the chain has no forks.

    ``seal`` is keyed over chain, count and digest: a head that somebody else wrote is told from one of ours.
    """

    chain = models.BigIntegerField(primary_key=True)
    count = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"chain {self.chain}: {self.count}"


class AuditCheckpoint(models.Model):
    """What the whole trail came to at one moment, signed (see ``core.checkpoints``); the copy that counts is outside."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=80)
    code = models.CharField(max_length=14, unique=True)
    whole = models.BooleanField()
    sha256 = models.CharField(max_length=64)
    note = models.TextField()

    def __str__(self) -> str:
        return f"{self.number} {self.code}"


class KnownKey(models.Model):
    """The fingerprint of a key that something in this database needs, until it is retired (see ``core.key_register``)."""

    purpose = models.CharField(max_length=20)
    fingerprint = models.CharField(max_length=16)
    known_since = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["purpose", "fingerprint"], name="core_knownkey_once")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.fingerprint}"


class AuditEntry(models.Model):
    """What happened, by whom, to what; linked to the entry before it by a keyed digest (see ``core.audit``)."""

    chain = models.BigIntegerField()
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    action = models.CharField(max_length=80, db_index=True)
    actor = models.CharField(max_length=80)
    actor_label = models.CharField(max_length=150)
    target_type = models.CharField(max_length=60)
    target_key = models.CharField(max_length=64)
    detail = models.JSONField(default=dict)
    correlation = models.UUIDField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["chain", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["chain", "number"], name="core_auditentry_number")]
        indexes: ClassVar = [models.Index(fields=["target_type", "target_key"])]

    def __str__(self) -> str:
        return f"{self.chain}/{self.number} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("An audit entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("An audit entry is never deleted.")
