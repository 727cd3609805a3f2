"""The forms of delivery, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.utils import timezone

from gradphoto.apps.delivery import forms
from gradphoto.apps.delivery.actions import print_cards, report_photo
from gradphoto.apps.delivery.models import ImageCard, Package
from gradphoto.apps.orgs.models import Role
from pages.form_cases import Stage, form_case
from verification.graduate_world import add_graduate, staff
from world import World, add_candidate

LONG = "很长的说明" * 50
TOO_LONG = (LONG, "pages.too_long")


def _package(world: World) -> str:
    add_graduate(world, 1)
    Package.objects.update(delivered_at=timezone.now(), check_due=timezone.localdate(), photo_count=1)
    return f"/delivery/{Package.objects.latest('pk').pk}/"


@form_case(forms.CheckPackage)
def check_a_package(world: World) -> Stage:
    return Stage(_package(world), staff(world, Role.REGISTRAR), {"note": "已核对"}, {"note": TOO_LONG})


@form_case(forms.ReportMissing)
def report_missing(world: World) -> Stage:
    where = _package(world)
    left_out = add_candidate(world, 7)
    wrong = {"student_no": ("0000", "delivery.not_concerned"), "note": TOO_LONG}
    good = {"student_no": left_out.student_no, "note": "光盘中没有"}
    return Stage(f"{where}reports/", staff(world, Role.REGISTRAR), good, wrong)


@form_case(forms.SettleReport)
def settle_a_report(world: World) -> Stage:
    where = _package(world)
    card = ImageCard.objects.select_related("candidate").latest("pk")
    made = report_photo(
        world.actor(Role.REGISTRAR), Package.objects.latest("pk"), candidate=card.candidate, kind="damaged", note="花屏"
    )
    good = {"row": made.pk, "note": "已重做"}
    return Stage(f"{where}reports/", staff(world, Role.COLLECTION_CENTRE), good, {"note": TOO_LONG})


@form_case(forms.ReissueCards)
def cards_anew(world: World) -> Stage:
    where = _package(world)
    card = ImageCard.objects.select_related("candidate").latest("pk")
    print_cards(world.actor(Role.REGISTRAR), Package.objects.latest("pk"), cards=[card])
    good = {
        "row": "class-0",
        "department": card.candidate.department_id,
        "class_name": card.candidate.class_name,
        "reason": "不清",
    }
    return Stage(f"{where}cards/", staff(world, Role.REGISTRAR), good, {"reason": TOO_LONG})
