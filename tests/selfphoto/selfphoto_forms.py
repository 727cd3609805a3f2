"""The forms of the own photograph, ready to be tried by ``tests/pages``."""

from __future__ import annotations

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.selfphoto.forms import staff as forms
from gradphoto.demo.sitters import picture
from makeup.makeup_world import client
from pages.form_cases import Stage, form_case
from selfphoto.selfphoto_world import let_everybody, linked, rule
from world import World, add_candidate

TOO_LONG = ("很长的说明" * 50, "pages.too_long")
NOT_OFFERED = ("x", "pages.not_offered")


@form_case(forms.GiveLinks)
def give_links(world: World) -> Stage:
    let_everybody(world)
    person = add_candidate(world, 1)
    good = {"people": [person.pk], "how": "slips"}
    return Stage("/self-photographs/", client(world, Role.COUNSELLOR), good, {"how": NOT_OFFERED}, {"people": 10**6})


def _page(world: World) -> str:
    let_everybody(world)
    rule(world, keys.SELF_PHOTO_COMPARE, True)
    person = add_candidate(world, 1)
    linked(world, person)
    return f"/self-photographs/{person.pk}/"


@form_case(forms.GiveOneLink)
def give_one(world: World) -> Stage:
    return Stage(_page(world), client(world, Role.COUNSELLOR), {"source": "list"}, {"source": NOT_OFFERED})


@form_case(forms.RevokeLink)
def revoke(world: World) -> Stage:
    return Stage(_page(world), client(world, Role.COUNSELLOR), {"reason": "发错了人"}, {"reason": TOO_LONG})


@form_case(forms.GrantTries)
def grant(world: World) -> Stage:
    wrong = {"more": ("x", "pages.invalid"), "reason": TOO_LONG}
    return Stage(_page(world), client(world, Role.COUNSELLOR), {"more": 3, "reason": "网络中断"}, wrong)


@form_case(forms.KeepReference)
def keep_reference(world: World) -> Stage:
    upload = SimpleUploadedFile("x.jpg", picture("person_01"), "image/jpeg")
    wrong = {"file": (SimpleUploadedFile("x.jpg", b"GIF89a"), "core.upload_wrong_kind"), "origin": TOO_LONG}
    return Stage(_page(world), client(world, Role.COUNSELLOR), {"file": upload, "origin": "录取照片"}, wrong)


@form_case(forms.EnterReferences)
def enter_references(world: World) -> Stage:
    rule(world, keys.COMPARE_FACES, True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("1.jpg", b"x")
    upload = SimpleUploadedFile("x.zip", packed.getvalue(), "application/zip")
    good = {"campaign": world.campaign.pk, "file": upload, "origin": "录取照片"}
    wrong = {"file": (SimpleUploadedFile("x.zip", b"GIF89a"), "core.upload_wrong_kind"), "origin": TOO_LONG}
    return Stage("/self-photographs/references/", client(world, Role.REGISTRAR), good, wrong, {"campaign": 10**6})
