"""One world with every state in it: the stage of every form of the product side by side, each in a campaign of its own.

What no stage leads to is put there as it stands (``LEFT_OUT`` says where not, and why). Two people see all of it: one
holds every business role, the other the administrator's and the auditor's.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import Error, models, transaction
from django.test import Client

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.errors import GradPhotoError
from gradphoto.apps.core.lifecycle import REGISTRY
from gradphoto.apps.orgs.models import Membership, Role, User
from gradphoto.apps.selfphoto.models import PhotoSession, SelfPortrait
from gradphoto.apps.verification.models import VerificationCase
from pages.form_cases import CASES, FormCase, Stage, load_cases
from permissions.permission_world import Place, nothing_refuses, record_at
from review_world import many_frames, open_session
from verification import graduate_world
from world import World, build_world, put

BACKEND = "django.contrib.auth.backends.ModelBackend"
APART = (Role.ADMINISTRATOR, Role.AUDITOR)
_PRICES = "stands on prices that other campaigns of the world have, too: tests/schedule shows each state"
LEFT_OUT: dict[tuple[str, str], str] = {
    **{("GroupPhoto", state): _PRICES for state in ("booked", "taken", "cancelled")},
    **{("BankImport", state): "no form makes one: tests/fees shows it" for state in ("reading", "done")},
}
"""(model, state) that no record of the world is in, with the reason."""


@dataclass
class Walk:
    """The world, the browsers of the two who see all, the stages that stand in it, and which forms found no room."""

    world: World
    staff: Client
    office: Client
    stages: list[Stage] = field(default_factory=list)
    no_room: list[str] = field(default_factory=list)
    makers: dict[type[models.Model], Callable[[World], Stage]] = field(default_factory=dict)
    made: int = 0

    def build(self, case: FormCase) -> None:
        """The case's stage in a campaign of its own."""
        before = _counts()
        self._stand(case.stage, str(case))
        for model, count in _counts().items():
            if count > before[model]:
                self.makers.setdefault(model, case.stage)

    def again(self, model: type[models.Model]) -> bool:
        """One more record of the model, by a stage that made one before."""
        return model in self.makers and self._stand(self.makers[model], "")

    def _stand(self, stage: Callable[[World], Stage], name: str) -> bool:
        self.made += 1
        series, graduate_world.card_series = graduate_world.card_series, f"{self.made:03d}"
        try:
            with transaction.atomic():
                self.stages.append(stage(dataclasses.replace(self.world, campaign=self._campaign())))
            return True
        except (GradPhotoError, Error, AssertionError, models.ObjectDoesNotExist, ValidationError) as error:
            self.no_room.append(f"{name}: {error}")
            return False
        finally:
            graduate_world.card_series = series

    def _campaign(self) -> Campaign:
        mine = self.world.campaign
        return Campaign.objects.create(
            cohort_year=2026, title=f"2026届{self.made:03d}", school=mine.school, centre=mine.centre,
            rule_set=mine.rule_set, status="collecting",
        )  # fmt: skip


def build_walk() -> Walk:
    """About five seconds. The last campaigns of each room stay open, the others are closed: lists stay short."""
    load_cases()
    world = build_world()
    walk = Walk(world, everybody(world, "staff", set(Role) - set(APART)), everybody(world, "office", APART))
    for case in {case.stage: case for case in CASES}.values():
        walk.build(case)
    # Most campaigns of the stages are closed: pages that count for each open one stay quick.
    with_cases = VerificationCase.objects.values("candidate__campaign")
    plain = Campaign.objects.exclude(pk__in=with_cases).exclude(pk=world.campaign.pk).filter(school=world.school)
    put(plain.filter(pk__in=plain.order_by("pk").values_list("pk")[8:]), status="closed")
    many_frames(world, open_session(world), 6, failing=2, doubtful=2, first=100)
    with nothing_refuses():
        _put_missing_states(walk)
    return walk


def everybody(world: World, name: str, roles: Any) -> Client:
    user = User.objects.create(username=name, display_name=name)
    for role in roles:
        home = Membership.objects.get(user=world.people[role]).organisation
        Membership.objects.create(user=user, organisation=home, role=role)
    browser = Client(raise_request_exception=False)
    browser.force_login(user, BACKEND)
    return browser


def _counts() -> dict[type[models.Model], int]:
    return {model: model._base_manager.count() for model in REGISTRY}


def missing_states() -> Iterator[tuple[type[models.Model], str]]:
    """Every state of a model with a lifecycle in which no record is."""
    for model in REGISTRY:
        known = [value for value, _ in model._meta.get_field("status").choices]
        have = set(model._base_manager.values_list("status", flat=True))
        yield from ((model, str(value)) for value in known if value not in have)


def _put_missing_states(walk: Walk) -> None:
    """No copies: what a stage made once it makes again, and that record takes the state."""
    for model, state in list(missing_states()):
        if _spare(model) is None and not walk.again(model):
            continue
        record = _spare(model)
        if record is not None:
            with suppress(Error), transaction.atomic():
                put(model._base_manager.filter(pk=record), status=state)


def _spare(model: type[models.Model]) -> int | None:
    """The newest record of a state in which another one is, too."""
    states = Counter(model._base_manager.values_list("status", flat=True))
    return (
        model._base_manager.filter(status__in=[one for one, n in states.items() if n > 1])
        .order_by("-pk")
        .values_list("pk", flat=True)
        .first()
    )


def graduates(walk: Walk) -> Iterator[tuple[str, Client]]:
    """A phone in the portal for a case of each state."""
    seen = set()
    for case in VerificationCase.objects.select_related("candidate__image_card", "candidate__campaign__school"):
        if case.status not in seen and hasattr(case.candidate, "image_card"):
            seen.add(case.status)
            # The stages have many people of one number; a card is read by it.
            case.candidate.student_no = f"9{case.pk:09d}"
            case.candidate.save(update_fields=["student_no"])
            phone = Client(raise_request_exception=False)
            phone.post(
                "/verify/sign-in/",
                {**graduate_world.card_of(case.candidate), "code": case.candidate.image_card.code.decrypt()},
            )
            yield case.status, phone


def sitters(walk: Walk) -> Iterator[Client]:
    """A phone on the pages of the own photograph for a person of each state."""
    seen = set()
    for portrait in SelfPortrait.objects.order_by("-pk"):
        if portrait.status not in seen:
            seen.add(portrait.status)
            key = f"walk-{portrait.pk}"
            PhotoSession.objects.create(portrait=portrait, key_index=blind_index(key))
            phone = Client(raise_request_exception=False)
            phone.cookies["gradphoto_my_photo"] = key
            yield phone


def place_what_is_lacking(walk: Walk) -> None:
    """A record of each model that no stage makes, placed where it hangs."""
    place = Place("walk", walk.world.department, walk.world.campaign)
    with nothing_refuses():
        for model in apps.get_models():
            known = model.__module__.startswith("gradphoto.") and model.__name__ not in ("AddedFont", "SessionClosing")
            if known and not model._base_manager.exists():
                with suppress(Error, models.ObjectDoesNotExist), transaction.atomic():
                    record_at(model, place)
