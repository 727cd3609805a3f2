"""The form of the review, ready to be tried by ``tests/pages``."""

from __future__ import annotations

from django.urls import reverse

from gradphoto.apps.orgs.models import Role
from gradphoto.apps.review.forms import RejectFrame
from pages.form_cases import Stage, form_case
from review_world import open_session, seen, shoot
from verification.graduate_world import staff
from world import World, add_candidate


@form_case(RejectFrame)
def reject_frame(world: World) -> Stage:
    frame = shoot(open_session(world), add_candidate(world, 1), measured=False)
    now = seen(frame)
    good = {"choice": "reject", "version": now.version, "assessment": now.assessment_pk or "", "words": ""}
    good |= {"reason": ["person.hair", "portrait.head_roll"]}
    wrong = {"words": ("很长的说明" * 50, "pages.too_long"), "reason": ([], "capture.reason_missing")}
    return Stage(reverse("review:decide", args=[frame.pk]), staff(world, Role.REGISTRAR), good, wrong)
