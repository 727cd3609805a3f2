"""When and where: rooms with their half-days, sessions (采集场次), slots, and who comes in which slot."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Job
from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation
from gradphoto.apps.roster.models import Candidate


class OfCampaign(models.Model):
    """What belongs to a campaign is seen by its school, everything below it, and its collection centre."""

    SCOPE: ClassVar[tuple[str, ...]] = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN: ClassVar[tuple[str, ...]] = ("campaign__school__path",)

    class Meta:
        abstract = True

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id  # type: ignore[attr-defined]


class CollectionRoom(OfCampaign):
    """A collection point (采集点): one room with its stations (R86)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=120)
    city = models.CharField(max_length=40, blank=True)
    """Where it stands, by which stations are told their sessions (R11); empty: the school's own."""
    stations = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "name"], name="schedule_room_once"),
            models.CheckConstraint(condition=Q(stations__gte=1, stations__lte=20), name="schedule_room_stations"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def refused(self) -> bool:
        """Whether a required item of the check list failed: nobody is planned into such a room (R93)."""
        return any(check.required and not check.passed for check in self.checks.all())


class OpenPeriod(models.Model):
    """A half-day in which a room is open, with at most one break."""

    room = models.ForeignKey(CollectionRoom, on_delete=models.CASCADE, related_name="periods")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    break_from = models.DateTimeField(null=True, blank=True)
    break_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["room", "starts_at"], name="schedule_period_once"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schedule_period_ends_after_start"),
            models.CheckConstraint(
                condition=Q(break_from=None, break_to=None)
                | Q(break_from__gt=F("starts_at"), break_to__gt=F("break_from"), break_to__lt=F("ends_at")),
                name="schedule_period_break_inside",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%m-%d %H:%M} {self.room}"


class ReadinessCheck(models.Model):
    """One item of a room's check list: passed or not, who looked, and when (R93)."""

    room = models.ForeignKey(CollectionRoom, on_delete=models.CASCADE, related_name="checks")
    item = models.CharField(max_length=30)
    required = models.BooleanField()
    passed = models.BooleanField()
    checked_by = models.CharField(max_length=150)
    checked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["item"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["room", "item"], name="schedule_check_once")]

    def __str__(self) -> str:
        return f"{self.room} {self.item}"


class Team(OfCampaign):
    """A shooting team (拍摄组): it mans one room a day, of at most so many stations."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=60)
    stations = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "name"], name="schedule_team_once"),
            models.CheckConstraint(condition=Q(stations__gte=1, stations__lte=20), name="schedule_team_stations"),
        ]

    def __str__(self) -> str:
        return self.name


class WishKind(models.TextChoices):
    FIXED = "fixed", bi("固定开始时间", "Begins exactly at")
    FORBIDDEN = "forbidden", bi("不能到场", "Cannot come")
    PREFERRED = "preferred", bi("希望的时段", "Would rather come")


class GroupWish(OfCampaign):
    """What a class asked for. A preferred period is best an hour long (R78)."""

    SCOPE = ("department__path", "campaign__centre__path")
    SHARED_DOWN = ()

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="wishes")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    season = models.CharField(max_length=8, choices=Season.choices)
    class_name = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=10, choices=WishKind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schedule_wish_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.class_name} {self.kind} {self.starts_at:%m-%d %H:%M}"


class SessionStatus(models.TextChoices):
    PLANNED = "planned", bi("已排定", "Planned")
    OPEN = "open", bi("采集中", "In session")
    CLOSED = "closed", bi("已结束", "Closed")


class CaptureSession(models.Model):
    """One room's day, with as many chairs as the room has stations (R79, R86)."""

    SCOPE = ("campaign__school__path", "campaign__centre__path")
    SHARED_DOWN = ("campaign__school__path",)

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="sessions")
    date = models.DateField()
    place = models.CharField(max_length=120)
    room = models.ForeignKey(CollectionRoom, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    status = StatusField(max_length=8, choices=SessionStatus.choices, default=SessionStatus.PLANNED)

    class Meta:
        ordering: ClassVar = ["date", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "date", "place"], name="schedule_session_once")
        ]

    def __str__(self) -> str:
        return f"{self.date:%Y-%m-%d} {self.place}"

    @property
    def chairs(self) -> int:
        """How many people are photographed at a time: the room's stations, as the planner counts them."""
        return self.room.stations if self.room is not None else 1

    @property
    def audit_organisation_id(self) -> int:
        return self.campaign.school_id


class Slot(models.Model):
    """A stretch of time for one class. Spring and autumn graduates never share one (R12)."""

    SCOPE = ("department__path", "session__campaign__centre__path")

    session = models.ForeignKey(CaptureSession, on_delete=models.CASCADE, related_name="slots")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="slots")
    class_name = models.CharField(max_length=60, blank=True)
    season = models.CharField(max_length=8, choices=Season.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    locked = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["starts_at", "session"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schedule_slot_ends_after_start"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%m-%d %H:%M} {self.class_name}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id

    @property
    def group_key(self) -> str:
        """The key by which the planner knows the class."""
        return f"{self.season}/{self.department_id}/{self.class_name}"


class Appointment(models.Model):
    """A candidate's place in the shooting order of a slot (student number ascending, R102)."""

    SCOPE = ("candidate__department__path", "slot__session__campaign__centre__path")

    slot = models.ForeignKey(Slot, on_delete=models.CASCADE, related_name="appointments")
    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="appointment")
    position = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["slot__starts_at", "slot", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slot", "position"], name="schedule_appointment_position_once")
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.candidate}"


class PlanRun(OfCampaign):
    """One search of the planner, for the whole board or for a room that runs late: how good its answer is, who must be
    told what, or why there is none.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="plan_runs")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    status = models.CharField(max_length=12, blank=True)
    seconds = models.FloatField(default=0)
    levels = models.JSONField(default=list)
    reasons = models.JSONField(default=list)
    proposal = models.JSONField(null=True)
    anew = models.BooleanField(default=False)
    """Whether everything that is not locked may move; else what stands stays where it can."""
    late_room = models.ForeignKey(CollectionRoom, null=True, on_delete=models.SET_NULL, related_name="+")
    late_minutes = models.PositiveSmallIntegerField(default=0)
    changes = models.JSONField(default=list)
    """Who must be told what: a pair of sentences for every class that was moved."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.campaign} {self.status}"


class BoardChange(OfCampaign):
    """One change of the board, with the slots as they stood before it: the last one can be taken back."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="board_changes")
    words = models.JSONField()
    before = models.JSONField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return str(self.words.get("zh", ""))


class BookingStatus(models.TextChoices):
    REPORTED = "reported", bi("已上报", "Reported")
    AGREED = "agreed", bi("已约定", "Agreed")
    REFUSED = "refused", bi("已退回", "Returned")


class Booking(OfCampaign):
    """The school's headcount report and the time agreed with the collection centre (R72, R73, R49)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="bookings")
    spring_count = models.PositiveIntegerField()
    autumn_count = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    place = models.CharField(max_length=160)
    contact = models.CharField(max_length=80, blank=True)
    status = StatusField(max_length=10, choices=BookingStatus.choices, default=BookingStatus.REPORTED)
    reason = models.CharField(max_length=200, blank=True)
    reported_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["first_day", "campaign"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="schedule_booking_days_in_order"),
            models.UniqueConstraint(
                fields=["campaign"], condition=~Q(status="refused"), name="schedule_booking_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m-%d} {self.campaign}"


class Duty(models.Model):
    """A person at a post on the day (R91, R92): of a college, or of the whole point when ``department`` is the school."""

    SCOPE = ("department__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="duties")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    post = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    phone = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering: ClassVar = ["department", "post", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "department", "post", "name"], name="schedule_duty_once")
        ]

    def __str__(self) -> str:
        return f"{self.post} {self.name}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id


class GroupPhotoStatus(models.TextChoices):
    BOOKED = "booked", bi("已预约", "Booked")
    TAKEN = "taken", bi("已拍摄", "Photographed")
    CANCELLED = "cancelled", bi("已取消", "Cancelled")


class GroupPhoto(models.Model):
    """A class's group photograph (集体合影, R131), after its slot. Who takes part is who is charged for it (``apps.fees``).

    It names the class and not its slot, because slots are written anew whenever the rest is planned again.
    """

    SCOPE = ("department__path", "campaign__centre__path")

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="group_photos")
    department = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    season = models.CharField(max_length=8, choices=Season.choices)
    class_name = models.CharField(max_length=60, blank=True)
    place = models.CharField(max_length=120)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    status = StatusField(max_length=10, choices=GroupPhotoStatus.choices, default=GroupPhotoStatus.BOOKED)
    reason = models.CharField(max_length=200, blank=True)
    booked_by = models.CharField(max_length=150)

    class Meta:
        ordering: ClassVar = ["starts_at", "place", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="schedule_group_ends_after_start"),
            models.CheckConstraint(condition=~Q(place=""), name="schedule_group_has_place"),
            models.UniqueConstraint(
                fields=["campaign", "department", "season", "class_name"],
                condition=~Q(status="cancelled"),
                name="schedule_group_photo_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%m-%d %H:%M} {self.class_name}"

    @property
    def audit_organisation_id(self) -> int:
        return self.department_id

    @property
    def group_key(self) -> str:
        """The key by which the planner knows the class."""
        return f"{self.season}/{self.department_id}/{self.class_name}"
