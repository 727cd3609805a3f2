"""The price list: who set which price for whom, from which document and from which day on (R133-R136, B1)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.models import Organisation


class Item(models.TextChoices):
    """What is paid for."""

    PHOTO = "photo", bi("图像采集费", "Photograph per head")
    MAKE_UP = "make_up", bi("补采（补拍）", "Make-up shot")
    GROUP_PHOTO = "group_photo", bi("集体合影", "Group photograph")
    EXTRA_PRINT = "extra_print", bi("加印照片", "Extra print")
    IMAGE_CARD = "image_card", bi("图像信息卡制作费", "Image card")


class Channel(models.TextChoices):
    """Who takes the money (B15); a campaign's rule set says which ways are open."""

    ON_THE_DAY = "on_the_day", bi("学生当天现场交", "Student on the day")
    CLASS = "class", bi("班级代收", "Collected by class")
    COLLEGE = "college", bi("院系预收", "College in advance")
    SCHOOL = "school", bi("学校统一支付", "School pays")
    REMITTANCE = "remittance", bi("汇款", "Remittance")
    ONLINE = "online", bi("网上支付", "Online payment")


class Price(models.Model):
    """One line of the price list. A later effective date replaces an earlier one; a wrong line is withdrawn.

    ``school_kind`` is compared with the candidate's own (B14) and ``cohort_year`` with the campaign's; empty and 0 mean
    every kind and every year. Which line counts for whom is decided in ``fees.prices`` alone.
    """

    SCOPE = ("organisation__path",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="prices")
    item = models.CharField(max_length=12, choices=Item.choices)
    school_kind = models.CharField(max_length=20, blank=True)
    cohort_year = models.PositiveSmallIntegerField(default=0)
    amount_fen = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    effective_from = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["item", "school_kind", "-cohort_year", "-effective_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "item", "school_kind", "cohort_year", "effective_from"],
                condition=Q(withdrawn_at=None),
                name="fees_price_once",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="fees_price_positive"),
            models.CheckConstraint(condition=~Q(source=""), name="fees_price_has_source"),
            models.CheckConstraint(condition=Q(item__in=Item.values), name="fees_price_item_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.amount_fen} fen"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id
