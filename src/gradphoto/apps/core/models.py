"""State that belongs to no stage of the journey: blobs, background jobs, the audit trail."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.core.wording import bi


class Blob(models.Model):
    """A file known by its content. Written once, never altered; see ``core.blobs``."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.sha256[:12]


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
    def waits_in_vain(self) -> bool:
        """Whether no worker is running that could work on it."""
        from gradphoto.apps.core import heartbeats

        return heartbeats.waits_in_vain(self)

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

    def __str__(self) -> str:
        return self.name


class AuditHead(models.Model):
    """The end of one organisation's chain. It is locked while an entry is added, so that the chain has no forks."""

    chain = models.BigIntegerField(primary_key=True)
    count = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"chain {self.chain}: {self.count}"


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
