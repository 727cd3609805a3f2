"""Who takes part: the tree of organisations (R2), the people, and the roles they hold."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models

from gradphoto.apps.core.wording import bi


class OrganisationKind(models.TextChoices):
    NATIONAL_CENTRE = "national_centre", bi("国家中心", "National centre")
    AGENCY = "agency", bi("图片社总部", "Picture agency")
    COLLECTION_CENTRE = "collection_centre", bi("采集中心", "Collection centre")
    PROVINCE = "province", bi("省教育厅", "Provincial education department")
    SCHOOL = "school", bi("院校", "School")
    DEPARTMENT = "department", bi("院系", "Department")
    LEARNING_CENTRE = "learning_centre", bi("校外学习中心", "Learning centre")


class Organisation(models.Model):
    """A node of the tree. ``path`` lists the ids from the root (``/1/4/9/``): a subtree is one prefix."""

    SCOPE = ("path",)
    SHARED_DOWN = ("path",)

    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=160, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, db_index=True, blank=True, default="")

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["parent", "kind", "name"], name="orgs_organisation_name_once")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        path = f"{self.parent.path if self.parent else '/'}{self.pk}/"
        if path != self.path:
            self.path = path
            type(self).objects.filter(pk=self.pk).update(path=path)

    @property
    def audit_organisation_id(self) -> int:
        return self.pk

    def ancestor_paths(self) -> list[str]:
        """The paths from the root down to this organisation, itself included."""
        parts = self.path.strip("/").split("/")
        return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]


class Role(models.TextChoices):
    """What a person does in an organisation (R2)."""

    ADMINISTRATOR = "administrator", bi("系统管理员", "Administrator")
    AUDITOR = "auditor", bi("安全审计员", "Auditor")
    REGISTRAR = "registrar", bi("教务处", "Registrar")
    COLLEGE_OFFICER = "college_officer", bi("学院负责人", "College officer")
    COLLEGE_LEADER = "college_leader", bi("主管学生工作的院领导", "College leader in charge of student work")
    COUNSELLOR = "counsellor", bi("毕业班辅导员", "Counsellor")
    LEARNING_CENTRE = "learning_centre", bi("学习中心", "Learning centre officer")
    HEAD_OFFICE = "head_office", bi("学院党政办公室", "Head office")
    PHOTOGRAPHER = "photographer", bi("摄影师", "Photographer")
    SITE_STAFF = "site_staff", bi("现场检验员", "On-site checker")
    COLLECTION_CENTRE = "collection_centre", bi("采集中心", "Collection centre officer")
    NATIONAL_REVIEWER = "national_reviewer", bi("国家中心审核员", "National reviewer")


class User(AbstractUser):
    """A person with a sign-in. Graduates have none: they enter the portal with their image card."""

    display_name = models.CharField(max_length=60, blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    office = models.CharField(max_length=120, blank=True)
    notices_by_mail = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=False)
    password_set_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.display_name or self.username

    @cached_property
    def held(self) -> tuple[Membership, ...]:
        """This person's memberships, read once a request."""
        return tuple(self.memberships.select_related("organisation"))

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(membership.role for membership in self.held)

    @property
    def audit_organisation_id(self) -> int | None:
        """The chain of the person's own organisation: where sign-ins and refusals are looked for."""
        return self.held[0].organisation_id if self.held else None

    @cached_property
    def second_factor_is_compulsory(self) -> bool:
        """Whether a rule at or above one of the person's organisations demands it for the role held there."""
        above = {path for held in self.held for path in held.organisation.ancestor_paths()}
        rules = SecondFactorRule.objects.filter(role__in=self.roles, organisation__path__in=above)
        demanded = [(rule.role, rule.organisation.path) for rule in rules.select_related("organisation")]
        return any(
            role == held.role and held.organisation.path.startswith(path)
            for role, path in demanded
            for held in self.held
        )


class Membership(models.Model):
    """A person holds a role in an organisation, and so in everything below it."""

    SCOPE = ("organisation__path",)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="orgs_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role} @ {self.organisation}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class SecondFactorRule(models.Model):
    """In an organisation and below it, holders of this role sign in with a second factor."""

    SCOPE = ("organisation__path",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="second_factor_rules")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "role"], name="orgs_secondfactorrule_once")
        ]

    def __str__(self) -> str:
        return f"{self.role} @ {self.organisation}"

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id
