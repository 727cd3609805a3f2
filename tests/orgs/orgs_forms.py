"""The forms of the administrator's pages, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gradphoto.apps.orgs import table_imports
from gradphoto.apps.orgs.models import ImportKind, Membership, Role
from gradphoto.apps.pages.forms import ROW
from gradphoto.apps.people import forms, unit_forms
from pages.form_cases import Stage, form_case
from verification.graduate_world import staff
from world import World

LONG = "很长的说明" * 60
TOO_LONG = (LONG, "pages.too_long")


def _office(world: World):
    """An administrator of the school alone."""
    Membership.objects.filter(user=world.people[Role.ADMINISTRATOR]).update(organisation=world.school)
    return staff(world, Role.ADMINISTRATOR)


def _person(world: World, role: Role = Role.COUNSELLOR) -> str:
    return reverse("people:person", args=[world.people[role].pk])


@form_case(forms.AddUser)
def add_user(world: World) -> Stage:
    good = {
        "username": "wang", "display_name": "王老师", "organisation": world.department.pk, "role": "counsellor",
        "email": "w@example.edu", "telephone": "1", "office": "204",
    }  # fmt: skip
    wrong = {
        "username": ("counsellor", "orgs.username_taken"), "role": ("king", "pages.not_offered"), "office": TOO_LONG,
        "email": ("nonsense", "pages.invalid"), "display_name": TOO_LONG,
    }  # fmt: skip
    foreign = {"organisation": world.strange_school.pk}
    return Stage(reverse("people:list"), _office(world), good, wrong, foreign)


@form_case(forms.InvitePeople)
def invite(world: World) -> Stage:
    good = {"person": [world.people[Role.COUNSELLOR].pk], "way": "slip"}
    wrong = {"way": ("pigeon", "pages.not_offered")}
    foreign = {"person": [world.strangers[Role.COUNSELLOR].pk]}
    return Stage(_person(world), _office(world), good, wrong, foreign)


@form_case(forms.GrantRole)
def grant(world: World) -> Stage:
    good = {"role": "site_staff", "organisation": world.department.pk}
    wrong = {"role": ("king", "pages.not_offered")}
    return Stage(_person(world), _office(world), good, wrong, foreign={"organisation": world.strange_school.pk})


@form_case(forms.WithdrawRole)
def withdraw(world: World) -> Stage:
    mine = Membership.objects.get(user=world.people[Role.COUNSELLOR])
    strange = Membership.objects.get(user=world.strangers[Role.COUNSELLOR])
    wrong = {"membership": ("none", "pages.not_offered")}
    return Stage(_person(world), _office(world), {"membership": mine.pk}, wrong, {"membership": strange.pk})


@form_case(forms.SetUserActive)
def switch(world: World) -> Stage:
    return Stage(_person(world), _office(world), {"reason": "离职"}, {"reason": TOO_LONG})


@form_case(forms.RemoveSecondFactor)
def remove_factor(world: World) -> Stage:
    from allauth.mfa.models import Authenticator

    user = world.people[Role.COUNSELLOR]
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return Stage(_person(world), _office(world), {"reason": "手机丢失"}, {"reason": TOO_LONG})


@form_case(forms.RequireSecondFactor)
def factors(world: World) -> Stage:
    good = {ROW: world.school.pk, "role": ["registrar"]}
    wrong = {"role": (["king"], "pages.not_offered")}
    return Stage(reverse("people:second_factor"), _office(world), good, wrong)


@form_case(unit_forms.AddOrganisation)
def add_unit(world: World) -> Stage:
    good = {"parent": world.school.pk, "kind": "department", "name": "新学院", "code": "77", "name_en": "New"}
    wrong = {
        "kind": ("kingdom", "pages.not_offered"), "name": ("计算机学院", "orgs.organisation_known"), "code": TOO_LONG,
    }  # fmt: skip
    foreign = {"parent": world.strange_school.pk}
    return Stage(reverse("people:organisations"), _office(world), good, wrong, foreign)


def _unit(world: World) -> str:
    return reverse("people:unit", args=[world.department.pk])


@form_case(unit_forms.ChangeOrganisation)
def change(world: World) -> Stage:
    good = {"name": "人工智能学院", "code": "31", "name_en": "AI"}
    wrong = {"name": ("外语学院", "orgs.organisation_known"), "code": TOO_LONG}
    return Stage(_unit(world), _office(world), good, wrong)


@form_case(unit_forms.MoveOrganisation)
def move(world: World) -> Stage:
    foreign = {"parent": world.strange_school.pk}
    wrong = {"parent": ("none", "pages.not_offered")}
    return Stage(_unit(world), _office(world), {"parent": world.school.pk}, wrong, foreign)


@form_case(unit_forms.ArchiveOrganisation)
def archive(world: World) -> Stage:
    return Stage(_unit(world), _office(world), {"reason": "撤并"}, {"reason": TOO_LONG})


@form_case(unit_forms.RestoreOrganisation)
def restore(world: World) -> Stage:
    from django.utils import timezone

    world.department.archived_at = timezone.now()
    world.department.save()
    return Stage(_unit(world), _office(world), {"reason": "恢复招生"}, {"reason": TOO_LONG})


def _table(data: str = "名称,类别\n新学院,院系\n") -> SimpleUploadedFile:
    return SimpleUploadedFile("units.csv", data.encode())


@form_case(unit_forms.ReadTable)
def read_table(world: World) -> Stage:
    wrong = {"file": (SimpleUploadedFile("units.csv", b""), "core.upload_empty")}
    return Stage(reverse("people:imports", args=["units"]), _office(world), {"file": _table()}, wrong)


@form_case(unit_forms.MapTable)
def map_table(world: World) -> Stage:
    browser = _office(world)
    made = table_imports.read_table(
        world.actor(Role.ADMINISTRATOR), world.school, kind=ImportKind.UNITS, file_name="units.csv",
        data="名称,类别\n新学院,院系\n".encode(),
    )  # fmt: skip
    wrong = {"column_1": ("name", "orgs.column_twice"), "column_0": ("shoe size", "pages.not_offered")}
    return Stage(reverse("people:table", args=[made.pk]), browser, {"column_0": "name", "column_1": "kind"}, wrong)
