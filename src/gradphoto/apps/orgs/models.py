"""Who takes part: the tree of organisations (R2), the people, and the roles they hold."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from gradphoto.apps.core.blind_indexes import BlindIndexField
from gradphoto.apps.core.errors import invalid
from gradphoto.apps.core.wording import bi, both, say
from gradphoto.apps.orgs.kinds import OrganisationKind, Role
from gradphoto.apps.orgs.permissions import CHILDREN, HELD_IN, fits, mix
from gradphoto.engine.errors import GradPhotoError


def by_code(prefix: str = "") -> tuple[Any, ...]:
    """An order of organisations as a school lists them: the root, then what hangs on it by code, those without one last.

    ``prefix`` is the way from the rows to the organisation (``organisation__``). Codes of one length are compared as text.
    """
    code = f"{prefix}code"
    return (
        Coalesce(models.F(f"{prefix}parent__path"), models.Value("")),
        models.Case(models.When(**{code: ""}, then=models.Value(1)), default=models.Value(0)),
        Length(code), code, f"{prefix}name", f"{prefix}pk",
    )  # fmt: skip


__all__ = ["Membership", "Organisation", "OrganisationKind", "Role", "User", "by_code"]


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
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["path"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent", "kind", "name"],
                condition=models.Q(archived_at=None),
                name="orgs_organisation_name_once",
            )
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

    def end_invitations(self) -> None:
        """What was sent or printed before opens nothing more: a slip that somebody finds is no second way in."""
        self.invitations.filter(used_at=None, ended_at=None).update(ended_at=timezone.now())

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

    def clean(self) -> None:
        """Refuse a role that does not fit, for forms as for actions: ``orgs.role_misplaced``, ``orgs.roles_apart``."""
        try:
            require_fitting(self.role, self.organisation)
            require_apart(self.user, self.role)
        except GradPhotoError as error:
            raise ValidationError(say(error.message), code=error.code) from error

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id


class InvitationWay(models.TextChoices):
    SLIP = "slip", bi("打印单", "Printed slip")
    MAIL = "mail", bi("邮件", "Mail")


class Invitation(models.Model):
    """A link by which a person sets the password of the own account: works once, for a while, and only the newest.

    Here is only the index of its key: nobody, not even with the database, makes the link from it.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations")
    key_index = BlindIndexField(unique=True)
    way = models.CharField(max_length=4, choices=InvitationWay.choices)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(used_at=None, ended_at=None), name="orgs_invitation_live_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.made_at:%Y-%m-%d}"

    @property
    def is_live(self) -> bool:
        return self.used_at is None and self.ended_at is None and self.expires_at > timezone.now()

    @property
    def audit_organisation_id(self) -> int | None:
        return self.user.audit_organisation_id


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


def require_fitting(role: str, organisation: Organisation) -> None:
    """Refuse a role in a kind of organisation that does not have it (``permissions.HELD_IN``)."""
    if fits(role, organisation):
        return
    name, kind = both(Role(role).label), both(OrganisationKind(organisation.kind).label)
    kinds = [both(one.label) for one in HELD_IN[Role(role)]]
    raise invalid(
        "orgs.role_misplaced",
        f"“{name.zh}”不能设在“{kind.zh}”。",
        f"“{name.en}” is not held in an organisation of the kind “{kind.en}”.",
        f"可设在：{'、'.join(one.zh for one in kinds)}。",
        f"It is held in: {', '.join(one.en for one in kinds)}.",
    )


def require_apart(user: User, role: str) -> None:
    """Refuse roles that must not come together in one account (``permissions.APART``)."""
    others = Membership.objects.filter(user=user).exclude(role=role).values_list("role", flat=True)
    if mix([role, *others]):
        raise invalid(
            "orgs.roles_apart",
            "系统管理员账号不能兼任其他角色。",
            "An administrator's account holds no other role.",
            "请为此人另开一个账号。",
            "Open a second account for the person.",
        )


def require_below(kind: OrganisationKind, parent: Organisation) -> None:
    """Refuse a kind of organisation where it does not stand (``permissions.CHILDREN``)."""
    allowed = CHILDREN[OrganisationKind(parent.kind)]
    if kind in allowed:
        return
    above, wanted = both(OrganisationKind(parent.kind).label), both(kind.label)
    kinds = [both(one.label) for one in allowed]
    raise invalid(
        "orgs.kind_misplaced",
        f"“{above.zh}”之下不能设“{wanted.zh}”。",
        f"There is no “{wanted.en}” below “{above.en}”.",
        f"可设：{'、'.join(one.zh for one in kinds)}。",
        f"Below it stand: {', '.join(one.en for one in kinds)}.",
    )


class ImportKind(models.TextChoices):
    UNITS = "units", bi("单位", "Organisations")
    PEOPLE = "people", bi("人员", "People")


class ImportState(models.TextChoices):
    OPEN = "open", bi("待接收", "To be received")
    TAKEN = "taken", bi("已接收", "Taken over")
    DISCARDED = "discarded", bi("已放弃", "Discarded")


class TableImport(models.Model):
    """A table of organisations or people on its way: its cells are kept until it is taken over or left."""

    SCOPE = ("organisation__path",)

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=ImportKind.choices)
    file_name = models.CharField(max_length=120)
    header = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.OPEN)
    taken = models.PositiveIntegerField(default=0)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-made_at"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def audit_organisation_id(self) -> int:
        return self.organisation_id
