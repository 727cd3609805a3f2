"""The college's appearance check: what no model can judge, a line a person, day and finding (R120, R122, R123)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gradphoto.apps.core.wording import bi
from gradphoto.apps.roster.models import Candidate


class Appearance(models.TextChoices):
    """What the college finds when it looks at a graduate before the day (S1 四.1); ``fine`` settles what was found before."""

    FINE = "fine", bi("仪容合格", "As it should be")
    HAIR_DYED = "hair_dyed", bi("染发", "Dyed hair")
    HAIR_OVER = "hair_over", bi("头发遮眉或遮耳", "Hair over brows or ears")
    HAIR_LOOSE = "hair_loose", bi("长发未扎", "Long hair not tied")
    BEARD = "beard", bi("未剃须", "Not shaved")
    TINTED = "tinted", bi("有色镜片", "Tinted lenses")
    MAKE_UP = "make_up", bi("浓妆", "Heavy make-up")
    JEWELLERY = "jewellery", bi("首饰不合要求", "Jewellery against the rule")
    COLLAR = "collar", bi("衣领不合要求（无领、高领、毛领）", "Collar: none, high or fur")
    STRAPS = "straps", bi("吊带背心", "Straps or camisole")
    COLOUR = "colour", bi("衣服与背景颜色相近", "Clothes like the backdrop")
    OTHER = "other", bi("其他（写明）", "Something else (say what)")


class AppearanceLine(models.Model):
    """One finding about one person on one day. It stands until a later look finds the person as it should be."""

    SCOPE = ("candidate__department__path", "candidate__campaign__centre__path")

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="appearance_lines")
    day = models.DateField()
    finding = models.CharField(max_length=12, choices=Appearance.choices)
    note = models.CharField(max_length=200, blank=True)
    noted_by = models.CharField(max_length=150)
    noted_at = models.DateTimeField(default=timezone.now)
    settled_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["day", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["candidate", "day", "finding"], name="capture_appearance_once_a_day"),
            models.CheckConstraint(condition=Q(finding__in=Appearance.values), name="capture_appearance_finding_known"),
            models.CheckConstraint(condition=~Q(finding="other") | ~Q(note=""), name="capture_appearance_other_told"),
        ]
        indexes: ClassVar = [models.Index(fields=["candidate", "settled_on"], name="capture_appearance_open")]

    def __str__(self) -> str:
        return f"{self.get_finding_display()}{f'：{self.note}' if self.note else ''}"

    @property
    def audit_organisation_id(self) -> int:
        return self.candidate.department_id
