"""A state is written by its lifecycle and by nothing else: every way around it is refused, and none stands in the code."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models, transaction

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.core.lifecycle import REGISTRY, LifecycleBypassedError, StatusField
from world import build_world

SOURCE = Path(__file__).parents[2] / "src" / "gradphoto"
MAY = {
    "apps/core/lifecycle.py": "the one place",
    "apps/schedule/actions.py": "a run of the solver tells its outcome; it has no steps",
    "apps/schedule/board_actions.py": "the same",
    "apps/schedule/jobs.py": "the same",
    "engine/devices/errors.py": "the status words of a card",
}
"""Modules that write something named ``status``, each with its reason."""


@pytest.fixture
def world(db):
    return build_world()


def test_every_status_with_a_lifecycle_is_guarded():
    named = [one for one in apps.get_models() if one.__module__.startswith("gradphoto.") and _state_of(one)]
    assert {one.__name__ for one in named if not isinstance(_state_of(one), StatusField)} == set()
    assert {one.__name__ for one in named} == {one.__name__ for one in REGISTRY}
    assert {"Frame", "RosterImport", "OnlineOrder", "CheckIn", "Candidate"} <= {one.__name__ for one in REGISTRY}


def _state_of(model: type[models.Model]) -> models.Field | None:
    found = [one for one in model._meta.fields if one.name == "status" and one.choices]
    return found[0] if found else None


BY_ONE_HAND = {
    "api.EventDelivery": (
        "sending webhooks",
        "where an event is on its way: tried in a job, ended and begun again by a person",
    ),
    "core.Job": ("jobs", "taken under a lease by conditional updates, from processes that hold no lock"),
    "orgs.TableImport": ("table_imports", "open, then taken over or left: two functions"),
    "pairing.Repair": ("actions", "the actions of a session's pairing, which lock the session"),
    "review.FrameReview": ("standing", "worked out anew from the frame's standing decisions, not moved step by step"),
    "stations.StationRecord": (
        "intake conflicts placing",
        "where a packet's record stands in the intake: repeated at will",
    ),
    "roster.BulkOutcome": ("bulk", "written once, with the outcome"),
    "roster.ImportDifference": ("apply review", "an answer to a question, given with others in one statement"),
    "verification.Notice": ("actions receipts jobs", "what the carrier says of a message, in any order"),
}
"""A ``state`` that is no step of a lifecycle: the modules of its room that write it, and why it needs no table."""
_MORE = {
    "stations/place_frames.py": "a station's reviews are placed as they were decided there",
    "access/school_cas.py": "the state of a sign-in under way, no row's",
}


def test_a_state_without_a_lifecycle_is_written_by_its_own_modules():
    stated = {one._meta.label for one in apps.get_models() for f in one._meta.fields if f.name == "state" and f.choices}
    assert stated == set(BY_ONE_HAND)
    allowed = {
        (label.split(".")[0], module) for label, (modules, _) in BY_ONE_HAND.items() for module in modules.split()
    }
    found = set()
    for path in sorted((SOURCE / "apps").rglob("*.py")):
        name = path.relative_to(SOURCE / "apps").as_posix()
        writes = "/migrations/" not in name and _writes(path, "state")
        if writes and name not in _MORE and name != "core/errors.py":
            found.add((name.split("/")[0], path.stem))
    assert found <= allowed, found - allowed
    gone = [(room, module) for room, module in allowed if not [*(SOURCE / "apps" / room).rglob(f"{module}.py")]]
    assert gone == [], "a module of that name is there no more"


def test_every_state_of_a_table_is_one_of_the_models():
    for model, lifecycle in REGISTRY.items():
        known = {str(value) for value, _ in model._meta.get_field("status").choices}
        assert set(lifecycle.table) <= known, model.__name__
        for steps in lifecycle.table.values():
            assert {state for to in steps.values() for state in to} <= known, model.__name__


def _by_full_save(row):
    row.save()


def _by_naming_it(row):
    row.save(update_fields=["status"])


def _by_update(row):
    type(row).objects.filter(pk=row.pk).update(status="closed")


def _by_base_manager(row):
    type(row)._base_manager.filter(pk=row.pk).update(status="closed")


def _by_bulk_update(row):
    type(row).objects.bulk_update([row], ["status"])


def _by_update_or_create(row):
    type(row).objects.update_or_create(pk=row.pk, defaults={"status": "closed"})


def _by_insert_over_it(row):
    type(row).objects.bulk_create([row], update_conflicts=True, unique_fields=["pk"], update_fields=["status"])


@pytest.mark.parametrize(
    "write",
    [
        _by_full_save, _by_naming_it, _by_update, _by_base_manager, _by_bulk_update, _by_update_or_create,
        _by_insert_over_it,
    ],
)  # fmt: skip
def test_a_write_around_the_lifecycle_is_refused(world, write):
    before = world.campaign.status
    world.campaign.status = "closed"
    with pytest.raises(LifecycleBypassedError, match=r"campaigns\.Campaign\.status"), transaction.atomic():
        write(world.campaign)
    assert Campaign.objects.get(pk=world.campaign.pk).status == before


def test_what_is_not_the_status_is_saved_by_name(world):
    world.campaign.title = "又一批"
    world.campaign.save(update_fields=["title"])
    assert Campaign.objects.get(pk=world.campaign.pk).title == "又一批"


def test_a_question_may_hold_a_value_of_the_states_kind(world):
    """Such a value is put into the question as into a change, and a question moves nothing."""
    kind = Campaign._meta.get_field("status")
    asked = Campaign.objects.annotate(shown=models.Value("closed", output_field=kind))
    assert set(asked.values_list("shown", flat=True)) == {"closed"}


def test_no_module_writes_a_status_but_the_lifecycle():
    """What the guard would refuse when it runs is found here before it runs."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE).as_posix()
        if "/migrations/" in name:
            continue
        lines = _writes(path)
        if lines:
            found[name] = lines
    assert {name: lines for name, lines in found.items() if name not in MAY} == {}
    assert set(MAY) == set(found), "who does not write it any more is struck from the list"


def _writes(path: Path, field: str = "status") -> list[int]:
    """The lines of a module that write the field; a module without its name is not even taken apart."""
    text, lines = path.read_text(encoding="utf-8"), []
    if field not in text and "writes_allowed" not in text:
        return lines
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            flat = [one for target in targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
            lines += [node.lineno for one in flat if isinstance(one, ast.Attribute) and one.attr == field]
        if isinstance(node, ast.ImportFrom) and field == "status":
            lines += [node.lineno for one in node.names if one.name == "writes_allowed"]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _WRITERS:
            named = {word.arg for word in node.keywords}
            texts = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant)}
            by_name = node.func.attr in ("save", "bulk_update", "bulk_create", "update_or_create") and field in texts
            if (node.func.attr == "update" and field in named) or by_name:
                lines.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_keep":
            lines += [node.lineno for word in node.keywords if word.arg == field]
    return lines


_WRITERS = ("update", "save", "bulk_update", "bulk_create", "update_or_create")
