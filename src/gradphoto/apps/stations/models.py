"""What the centre keeps of its stations, and what a station keeps of itself."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.core.encryption import EncryptedTextField, RowKeyField
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession

if TYPE_CHECKING:
    from gradphoto.apps.capture.models import Frame


class StationKit(models.Model):
    """A kit that was made for a station: its range of shooting numbers and the keys its packets are read with.

    The station's private signing key is in the kit only; ``secrets`` holds the other keys as sealed JSON.
    """

    SCOPE = ("campaign__school__path", "campaign__centre__path")

    id = RowKeyField(primary_key=True)
    kit_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="kits")
    sessions = models.ManyToManyField(CaptureSession, related_name="kits")
    station = models.CharField(max_length=8)
    number_first = models.PositiveIntegerField()
    number_last = models.PositiveIntegerField()
    signing_public = models.CharField(max_length=64)
    secrets = EncryptedTextField()
    chairs = models.JSONField(default=list)
    """The chairs that this station works, by number; empty: all of a room's."""
    suite = models.CharField(max_length=8)
    people = models.PositiveIntegerField()
    file = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number_last__gte=F("number_first")), name="stations_kit_range"),
            models.UniqueConstraint(fields=["campaign", "number_first"], name="stations_kit_range_once"),
        ]

    def __str__(self) -> str:
        return f"{self.station} {self.number_first}-{self.number_last}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at < timezone.now()

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.centre_id


class PacketIntake(models.Model):
    """One packet of one laptop as far as it has arrived. ``problems`` tells of parts that could not be read."""

    SCOPE = ("kit__campaign__school__path", "kit__campaign__centre__path")

    kit = models.ForeignKey(StationKit, on_delete=models.CASCADE, related_name="intakes")
    installation = models.CharField(max_length=32)
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    parts_in = models.JSONField(default=list)
    parts_listed = models.JSONField(null=True)
    problems = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-last_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kit", "installation", "number"], name="stations_intake_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kit.station} {self.number}"

    @property
    def parts_missing(self) -> list[str]:
        """Parts that the packet's list names and nobody has brought yet."""
        return sorted(set(self.parts_listed or ()) - set(self.parts_in))

    @property
    def is_whole(self) -> bool:
        return self.parts_listed is not None and not self.parts_missing


class RecordKind(models.TextChoices):
    """In the order in which records are put into place: each needs those before it."""

    SESSION = "session", bi("场次", "Session")
    CHECK_IN = "check_in", bi("登记", "Check-in")
    HOLD = "hold", bi("拦下", "Hold")
    FRAME = "frame", bi("照片", "Frame")
    ALARM = "alarm", bi("警报", "Alarm")
    CLOCK = "clock", bi("相机时钟", "Camera clock")
    NOTICE = "notice", bi("设备提示", "Notice of a device")
    CONSENT = "consent", bi("人脸比对同意", "Consent to comparing faces")
    AUDIT = "audit", bi("审计", "Audit")


class RecordState(models.TextChoices):
    WAITING = "waiting", bi("等待", "Waiting")
    APPLIED = "applied", bi("已并入", "Taken in")
    CONFLICT = "conflict", bi("待裁定", "To be decided")
    SET_ASIDE = "set_aside", bi("不采用", "Not used")


_STATE_CSS = {"applied": "state-good", "conflict": "state-bad", "waiting": "state-busy"}


class StationRecord(models.Model):
    """One record of a laptop in its newest known state, and what became of it here.

    ``number`` is the packet it came with: an older packet never replaces a newer one, whatever the order of arrival.
    ``applied`` is what was put into place last: where the centre's own record differs from it, somebody changed it here.
    """

    SCOPE = ("kit__campaign__school__path", "kit__campaign__centre__path")

    kit = models.ForeignKey(StationKit, on_delete=models.CASCADE, related_name="records")
    installation = models.CharField(max_length=32)
    kind = models.CharField(max_length=8, choices=RecordKind.choices)
    key = models.CharField(max_length=90)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=RecordState.choices, default=RecordState.WAITING)
    ruling = models.JSONField(default=dict)
    applied = models.JSONField(default=dict)
    why = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kit", "installation", "kind", "key"], name="stations_record_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["kit", "kind", "state"]), models.Index(fields=["key"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"

    @property
    def said_at(self) -> datetime | None:
        """When it happened at the station, by the laptop's clock."""
        try:
            return datetime.fromisoformat(self.payload["at"])
        except (KeyError, TypeError, ValueError):
            return None  # not every record has one, and what was altered may have anything

    @property
    def state_css(self) -> str:
        """The colour of its state on a page."""
        return _STATE_CSS.get(self.state, "")

    @property
    def said_status(self) -> str:
        """The status as the station says it, in words."""
        labels: dict[str, str] = dict(CheckInStatus.choices) if self.kind == RecordKind.CHECK_IN else {}
        return labels.get(str(self.payload.get("status", "")), "")

    @property
    def label(self) -> str:
        """What a person calls the record: the shooting number, the file, or the beginning of its key."""
        if self.kind == RecordKind.CHECK_IN:
            return str(self.payload.get("number", "")).zfill(5)
        if self.kind == RecordKind.CONSENT:
            return str(self.payload.get("paper", ""))
        return str(self.payload.get("number") or self.payload.get("file_name") or self.key[:8])

    @property
    def audit_organisation_id(self) -> int:
        return self.kit.campaign.centre_id


class ConflictKind(models.TextChoices):
    PERSON_TWICE = "person_twice", bi("同一人拍了两次", "Photographed twice")
    PERSON_REMOVED = "person_removed", bi("已不在核准名单", "No longer on the approved list")
    PERSON_GONE = "person_gone", bi("名册中无此人", "No such person in the roster")
    NUMBER = "number", bi("拍摄序号重复", "Shooting number taken")
    CHANGED_HERE = "changed_here", bi("中心已改动", "Changed at the centre")
    HISTORY = "history", bi("审计记录不一致", "Audit trail does not agree")
    OTHER = "other", bi("无法并入", "Cannot be taken in")


class Conflict(models.Model):
    """Two truths about one thing: kept side by side until a person decides, with a reason."""

    SCOPE = ("record__kit__campaign__school__path", "record__kit__campaign__centre__path")

    record = models.ForeignKey(StationRecord, on_delete=models.CASCADE, related_name="conflicts")
    kind = models.CharField(max_length=16, choices=ConflictKind.choices)
    sentence = models.JSONField()
    candidate = models.ForeignKey(Candidate, null=True, on_delete=models.PROTECT, related_name="+")
    present = models.ForeignKey("capture.CheckIn", null=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    choice = models.CharField(max_length=10, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["decided_at", "-raised_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["record"], condition=Q(choice=""), name="stations_conflict_one_open"),
            models.CheckConstraint(condition=Q(choice="") | ~Q(reason=""), name="stations_conflict_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.record.key}"

    @property
    def their_frame(self) -> StationRecord | None:
        """The station's accepted photograph of the person, where its file has come: to be seen beside the centre's."""
        found = self.record.kit.records.filter(
            installation=self.record.installation,
            kind=RecordKind.FRAME,
            payload__check_in=self.record.key,
            payload__status="accepted",
        ).first()
        come = found is not None and Blob.objects.filter(pk=found.payload["sha256"]).exists()
        return found if come else None

    @property
    def our_frame(self) -> Frame | None:
        """The centre's accepted photograph of the person."""
        return self.present.frames.filter(status="accepted").first() if self.present is not None else None

    @property
    def audit_organisation_id(self) -> int:
        return self.record.kit.campaign.centre_id


class StationSelf(models.Model):
    """On a laptop only: which station it is. There is at most one row; a centre has none."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")

    only = models.BooleanField(default=True, unique=True, editable=False)
    kit_id = models.CharField(max_length=36)
    installation = models.CharField(max_length=32)
    station = models.CharField(max_length=8)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    number_first = models.PositiveIntegerField()
    number_last = models.PositiveIntegerField()
    chairs = models.JSONField(default=list)
    """Which chairs of its rooms this laptop works (R86); empty: all of them."""
    suite = models.CharField(max_length=8)
    centre_name = models.CharField(max_length=120)
    centre_box = models.CharField(max_length=64)
    centre_signing = models.CharField(max_length=64, blank=True)
    """Whose receipts are believed: the key that signed the kit."""
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(only=True), name="stations_station_only_one")]

    def __str__(self) -> str:
        return self.station

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.centre_id


class OutgoingPacket(models.Model):
    """On a laptop only: one packet, planned before it is written, so that a pulled stick costs one part and no more."""

    SCOPE = ("station__campaign__school__path", "station__campaign__centre__path")

    station = models.ForeignKey(StationSelf, on_delete=models.CASCADE, related_name="packets")
    number = models.PositiveIntegerField(unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    frames = models.JSONField(default=list)
    """SHA-256 of the frames in each part, part 1 first."""
    written = models.JSONField(default=dict)
    """Name of a part that was written -> its size and SHA-256."""
    audit_from = models.JSONField(default=dict)
    audit_to = models.JSONField(default=dict)
    """Chain -> number of the last entry that earlier packets carry, and that this one carries."""
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def audit_organisation_id(self) -> int:
        return self.station.audit_organisation_id


class StationReceipt(models.Model):
    """On a laptop only: what the centre has signed for. Frames named here are safe there, each by its SHA-256."""

    SCOPE = ("station__campaign__school__path", "station__campaign__centre__path")

    station = models.ForeignKey(StationSelf, on_delete=models.CASCADE, related_name="receipts")
    made_at = models.DateTimeField()
    taken_at = models.DateTimeField(default=timezone.now)
    digest = models.CharField(max_length=64, unique=True)
    counts = models.JSONField(default=dict)
    frames = models.JSONField(default=list)
    check_ins = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"

    @property
    def audit_organisation_id(self) -> int:
        return self.station.audit_organisation_id


class ClearedFrame(models.Model):
    """On a laptop only: a frame whose picture was removed from it, because the centre has it or because somebody said so."""

    SCOPE = ("station__campaign__school__path", "station__campaign__centre__path")

    station = models.ForeignKey(StationSelf, on_delete=models.CASCADE, related_name="cleared")
    blob = models.OneToOneField(Blob, on_delete=models.PROTECT, related_name="cleared")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=200, blank=True)
    """Empty where a receipt names the frame; else why somebody removed it without."""

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.blob_id

    @property
    def audit_organisation_id(self) -> int:
        return self.station.audit_organisation_id
