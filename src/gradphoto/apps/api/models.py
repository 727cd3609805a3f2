"""Tokens of programs, what they pushed, when each candidate changed last; events and the programs that are told."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils import timezone

from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Membership, Organisation, Role, User
from gradphoto.apps.roster.models import RosterImport


class TokenState(models.TextChoices):
    """How a token stands; it is worked out, not kept."""

    WAITING = "waiting", bi("待本人领取密钥", "Secret not drawn yet")
    LIVE = "live", bi("有效", "Valid")
    EXPIRED = "expired", bi("已到期", "Expired")
    REVOKED = "revoked", bi("已停用", "Closed")
    ROLE_GONE = "role_gone", bi("此人已无该角色", "The person's role is gone")


class ApiToken(models.Model):
    """A person's program is let in: with one role that the person holds in one unit, with some rights of it, for a while.

    An administrator makes it, and only the person draws its secret: who gives roles gets none by it. Here is only the
    index of the secret.
    """

    SCOPE = ("organisation__path",)

    name = models.CharField(max_length=60)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=[(one.value, one.label) for one in Role])
    rights = models.JSONField(default=list)
    key_index = BlindIndexField(blank=True, default="")
    hint = models.CharField(max_length=6, blank=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    drawn_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    window_at = models.DateTimeField(null=True)
    window_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key_index"], condition=~models.Q(key_index=""), name="api_token_key_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id

    @property
    def state(self) -> TokenState:
        """How it stands now, the reason that cannot be mended first."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if self.expires_at <= timezone.now():
            return TokenState.EXPIRED
        if self.membership() is None:
            return TokenState.ROLE_GONE
        return TokenState.WAITING if self.drawn_at is None else TokenState.LIVE

    def membership(self) -> Membership | None:
        """The role of the person that the token stands on; None where it was withdrawn, or the person or unit is closed."""
        held = Membership.objects.select_related("organisation", "user")
        return held.filter(
            user=self.person_id, organisation=self.organisation_id, role=self.role,
            user__is_active=True, organisation__archived_at=None,
        ).first()  # fmt: skip


class RosterPush(models.Model):
    """A roster that a program handed in: by its own key the same push is done once, however often it is sent."""

    SCOPE = ("roster_import__organisation__path",)

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="pushes")
    key = models.CharField(max_length=80)
    content_index = BlindIndexField()
    roster_import = models.ForeignKey(RosterImport, null=True, on_delete=models.CASCADE, related_name="pushes")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["token", "key"], name="api_push_key_once")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"


class CandidateChange(models.Model):
    """When something of a candidate or of where they stand changed last; triggers write it (``api.changes``), nobody else."""

    candidate_id = models.BigIntegerField(primary_key=True)
    changed_at: models.DateTimeField[datetime, datetime] = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.changed_at:%Y-%m-%d %H:%M}"


class Webhook(models.Model):
    """A program that is told of events in a unit and below it: where, of which, under which secret."""

    SCOPE = ("organisation__path",)

    id = RowKeyField(primary_key=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=300)
    secret = EncryptedTextField()
    events = models.JSONField(default=list)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class Event(models.Model):
    """Something that happened, written in the transaction in which it did; keys only, no personal data."""

    SCOPE = ("unit__path",)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField()
    about = models.CharField(max_length=60, db_index=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", bi("待发送", "Waiting")
    SENT = "sent", bi("已送达", "Delivered")
    DEAD = "dead", bi("多次失败，已停止", "Failed, given up")


class EventDelivery(models.Model):
    """One event on its way to one program. It stays until it is delivered or somebody has looked at it."""

    SCOPE = ("webhook__organisation__path",)

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=120, blank=True)
    tried_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["event", "webhook"], name="api_delivery_once")]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=models.Q(state="waiting"), name="api_delivery_due")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.webhook_id} {self.state}"

    @property
    def audit_organisation_id(self) -> int:
        return self.webhook.organisation_id
