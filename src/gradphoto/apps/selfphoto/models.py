"""A person's own photograph by phone: who was let in, what they agreed to, what they tried, what became of it (R9, R144-R148)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.access.models import PersonalSession
from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.lifecycle import StatusField
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.wording import bi
from gradphoto.apps.makeup.models import MakeUpCase
from gradphoto.apps.orgs.models import User
from gradphoto.apps.roster.models import Candidate


class PortraitStatus(models.TextChoices):
    """Where a person's own photograph stands."""

    INVITED = "invited", bi("已邀请", "Invited")
    AGREED = "agreed", bi("已同意", "Agreed")
    TRIED = "tried", bi("已试拍", "Tried")
    SUBMITTED = "submitted", bi("待审核", "Awaits review")
    WITHDRAWN = "withdrawn", bi("本人已撤回", "Taken back by the person")
    REJECTED = "rejected", bi("已退回", "Returned")
    APPROVED = "approved", bi("审核通过", "Approved")
    ENDED = "ended", bi("已终止", "Ended")


class SelfPortrait(models.Model):
    """One person's photograph of themselves in one campaign, from the link to the approval.

    ``more_tries`` were granted beyond the rule's number. ``blocked_reason``: a reviewer saw another person; nothing goes
    on until the college has seen the person and given a new link.
    """

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="self_portrait")
    status = StatusField(max_length=10, choices=PortraitStatus.choices, default=PortraitStatus.INVITED)
    opened_at = models.DateTimeField(default=timezone.now)
    more_tries = models.PositiveSmallIntegerField(default=0)
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    rejection = models.JSONField(null=True)
    blocked_reason = models.CharField(max_length=200, blank=True)
    check_in = models.ForeignKey(CheckIn, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["candidate__department__path", "candidate__student_no"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=PortraitStatus.values), name="selfphoto_portrait_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.status}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class LinkSource(models.TextChoices):
    """On what ground a link was given."""

    MAKE_UP = "make_up", bi("补拍", "Make-up")
    COLLECTION = "collection", bi("学习中心自行采集", "Collected by the learning centre itself")
    LIST = "list", bi("名单", "List")
    NOTICE = "notice", bi("通知", "Notice")


class PersonalLink(models.Model):
    """A link that opens one person's page: random, kept as an index only, ended by its day, a newer one or the college."""

    SCOPE = ("portrait__candidate__department__path", "portrait__candidate__campaign__centre__path")

    portrait = models.ForeignKey(SelfPortrait, on_delete=models.CASCADE, related_name="links")
    code_index = BlindIndexField(unique=True)
    source = models.CharField(max_length=10, choices=LinkSource.choices, default=LinkSource.LIST)
    case = models.ForeignKey(MakeUpCase, null=True, on_delete=models.SET_NULL, related_name="self_photo_links")
    issued_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-issued_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portrait"], condition=Q(ended_at=None), name="selfphoto_link_live_once")
        ]

    def __str__(self) -> str:
        return f"{self.portrait_id} {self.issued_at:%Y-%m-%d}"

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()

    @property
    def audit_organisation_id(self) -> int:
        return self.portrait.candidate.department_id


class PhotoSession(PersonalSession):
    """A person's session on the pages of their own photograph; it ends with the link that opened it."""

    portrait = models.ForeignKey(SelfPortrait, on_delete=models.CASCADE, related_name="sessions")
    link = models.ForeignKey(PersonalLink, null=True, on_delete=models.CASCADE, related_name="sessions")

    class Meta:
        ordering: ClassVar = ["-seen_at"]

    def __str__(self) -> str:
        return f"{self.portrait_id} {self.seen_at:%Y-%m-%d %H:%M}"


class Purpose(models.TextChoices):
    """What a consent is for; each is asked for alone."""

    PHOTOGRAPH = "photograph", bi("拍摄并提交本人照片", "Taking and handing in the photograph")
    COMPARE = "compare", bi("与已有照片一对一比对", "Compare with an earlier photograph")


class Consent(models.Model):
    """What somebody agreed to, in which words, when; taken back, it stays on record as taken back."""

    portrait = models.ForeignKey(SelfPortrait, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    text_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-given_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["portrait", "purpose"], condition=Q(withdrawn_at=None), name="selfphoto_consent_once"
            ),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="selfphoto_consent_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.portrait_id} {self.purpose} {self.text_version}"


class PictureSource(models.TextChoices):
    CAMERA = "camera", bi("相机拍摄", "Taken by the page")
    GALLERY = "gallery", bi("相册选取", "Chosen from the gallery")


class PortraitTry(models.Model):
    """One photograph that was judged: the original as evidence, the verdict as it was told.

    ``facts``: width, height, colour profile, orientation and camera of the file. ``blob`` is empty once the rule of
    retention has removed a try that came to nothing; the row stays and counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portrait = models.ForeignKey(SelfPortrait, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=8, choices=PictureSource.choices, default=PictureSource.CAMERA)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    copy = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    copy_width = models.PositiveIntegerField()
    copy_height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=8)
    severity = models.PositiveIntegerField()
    findings = models.JSONField(default=list)
    kept = models.JSONField(default=list)
    not_assessed = models.JSONField(default=list)
    measurements = models.JSONField(default=dict)
    crop = models.JSONField(null=True)
    facts = models.JSONField(default=dict)
    pipeline_version = models.CharField(max_length=60)
    rules_version = models.CharField(max_length=16)
    explanation = models.CharField(max_length=300, blank=True)
    submitted_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    check_in = models.OneToOneField(CheckIn, null=True, on_delete=models.PROTECT, related_name="self_portrait_try")
    frame = models.ForeignKey(Frame, null=True, on_delete=models.PROTECT, related_name="self_portrait_tries")

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portrait", "number"], name="selfphoto_try_number_once"),
            models.UniqueConstraint(fields=["portrait", "sha256"], name="selfphoto_try_picture_once"),
        ]

    def __str__(self) -> str:
        return f"{self.portrait_id} #{self.number} {self.outcome}"

    @property
    def outcome_label(self) -> str:
        """The verdict in a word."""
        return {"pass": bi("合格", "Pass"), "review": bi("需看一眼", "Review")}.get(self.outcome, bi("不合格", "Fail"))


class PictureUpload(models.Model):
    """A file on its way in, part by part; a broken connection goes on where it stood."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    portrait = models.ForeignKey(SelfPortrait, on_delete=models.CASCADE, related_name="uploads")
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    received_bytes = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=8, choices=PictureSource.choices, default=PictureSource.CAMERA)
    began_at = models.DateTimeField(default=timezone.now, db_index=True)
    finished_at = models.DateTimeField(null=True)
    made = models.ForeignKey(PortraitTry, null=True, on_delete=models.CASCADE, related_name="uploads")

    class Meta:
        ordering: ClassVar = ["-began_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["portrait", "sha256"], name="selfphoto_upload_file_once"),
            models.CheckConstraint(
                condition=Q(received_bytes__lte=models.F("size_bytes")), name="selfphoto_upload_within_size"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.portrait_id} {self.received_bytes}/{self.size_bytes}"


class UploadPart(models.Model):
    """A piece of an upload, kept encrypted until the whole is there."""

    upload = models.ForeignKey(PictureUpload, on_delete=models.CASCADE, related_name="parts")
    offset = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["offset"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "offset"], name="selfphoto_part_offset_once")
        ]

    def __str__(self) -> str:
        return f"{self.upload_id} @{self.offset}"


class Reference(models.Model):
    """An earlier photograph of the person that the college holds (admission, student record), for one-to-one comparison."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="reference_photograph")
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=80)
    added_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.candidate_id} {self.origin}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id


class Comparison(models.Model):
    """What the comparison of a try with the reference said: a score with its band, evidence for a person, no decision."""

    made_of = models.OneToOneField(PortraitTry, on_delete=models.CASCADE, related_name="comparison")
    score = models.FloatField()
    band = models.CharField(max_length=20)
    calibration = models.CharField(max_length=60)
    rule_source = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.made_of_id} {self.band}"


class PersonNotice(models.Model):
    """One message to one person about their photograph: sent only where a carrier took it (R203)."""

    SCOPE = ("portrait__candidate__department__path", "portrait__candidate__campaign__centre__path")

    portrait = models.ForeignKey(SelfPortrait, on_delete=models.CASCADE, related_name="notices")
    about = models.CharField(max_length=12)
    key = models.CharField(max_length=80, unique=True)
    asked_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-asked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.portrait_id} {self.about}"
