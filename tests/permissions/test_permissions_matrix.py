"""Every action for every role at every place of the tree; expected from the printed table by ``permission_oracle``."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models

import gradphoto.apps
from gradphoto.apps.core import actions
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.errors import PermissionRefusal
from gradphoto.apps.orgs import permissions as table
from gradphoto.apps.orgs.models import Membership, OrganisationKind, Role, User
from permissions import permission_oracle as oracle
from permissions.permission_world import HOMES, grow, nothing_refuses, people_of

for _module in pkgutil.walk_packages(gradphoto.apps.__path__, "gradphoto.apps."):
    if ".migrations" not in _module.name:
        importlib.import_module(_module.name)

REGISTRY = actions.REGISTRY
TABLE = oracle.printed_table()
BY_NAME = {name: one for name, one in REGISTRY.items() if isinstance(one.permission, str)}
MORE_THAN_ROLES = {
    "by_system", "by_self", "by_the_invited", "by_the_graduate", "by_the_student", "by_its_student", "by_the_sitter", "keeps_token", "(has_role:api.manage | keeps_token)",
    "has_role:roster.whole_numbers|registration.export", "may_cancel", "gives", "receives", "issues",
    "pays_back", "asked_for_it",
    "sets_prices", "(has_role:fees.collect & keeps_till)", "(has_role:makeup.arrange | by_its_student)",
    "(has_role:roster.endorse | (has_role:roster.endorse_outside & _of_a_learning_centre))",
}  # fmt: skip


def target_of(one):
    """The model an action acts on, by its annotation; ``None`` for an action on nothing."""
    function = inspect.unwrap(one.function)
    annotation = list(inspect.signature(function).parameters.values())[1].annotation
    found = eval(annotation.removesuffix(" | None"), function.__globals__)
    return found if inspect.isclass(found) and issubclass(found, models.Model) else None


@pytest.fixture
def tree(db):
    """One tree for all questions: nothing here changes it."""
    if connection.vendor != "sqlite":
        pytest.skip(
            "records are placed with constraints off, which PostgreSQL does not offer; the filters are the same"
        )
    grown = grow()
    people_of(grown)
    with nothing_refuses():
        for one in REGISTRY.values():
            if (model := target_of(one)) is not None and hasattr(model, "SCOPE"):
                for place in grown.places:
                    grown.record(model, place)
    return grown


def test_every_action_is_permitted_as_the_printed_table_says(tree):
    wrong, asked, permitted = [], 0, 0
    for name, one in BY_NAME.items():
        if (model := target_of(one)) is None:
            continue
        roles = TABLE[one.permission]
        answers = oracle.changes if one.within is None else oracle.sees
        for place in tree.places:
            record = tree.record(model, place)
            for (role, home), actor in tree.people.items():
                expected = role in roles and answers(actor, roles, record)
                asked, permitted = asked + 1, permitted + expected
                if actions.may(actor, name, record) is not expected:
                    wrong.append((name, role, home, place, f"expected {expected}"))
    assert not wrong, (len(wrong), wrong[:20])
    assert asked > 30_000
    assert 2_000 < permitted < asked / 5


def test_only_the_system_acts_on_nothing(tree):
    """An action without a target is closed in the action itself, whatever page called it."""
    for one in REGISTRY.values():
        if target_of(one) is not None or one.permission == "roster.read":
            continue
        for actor in tree.people.values():
            with pytest.raises(PermissionRefusal):
                one.function(actor, None)
    root = {"kind": OrganisationKind.SCHOOL, "name": "a root of one's own"}
    with pytest.raises(PermissionRefusal):
        REGISTRY["orgs.add_organisation"].function(tree.people["administrator", "national"], None, **root)


def test_what_is_more_than_roles_is_a_predicate_that_is_known_here():
    others = {str(getattr(one.permission, "name", "")) for one in REGISTRY.values() if one.name not in BY_NAME}
    assert others == MORE_THAN_ROLES
    assert {one.permission for one in BY_NAME.values()} <= set(TABLE)


def test_graduates_and_stations_do_nothing_that_is_staffs(tree):
    graduate = Actor.graduate(1)
    for name, one in BY_NAME.items():
        if (model := target_of(one)) is not None:
            assert not actions.may(graduate, name, tree.record(model, "college")), name
            assert actions.may(Actor.system("worker"), name, tree.record(model, "college")), name


def test_a_role_is_held_where_it_belongs(tree):
    """Nine of ten pairs of role and kind are refused, by forms and by actions; each with the kinds that would do."""
    user = User(username="x")
    for role in Role:
        homes = [one for one in tree.organisations.values() if one.parent_id and one.kind in table.HELD_IN[role]]
        for organisation in tree.organisations.values():
            held = Membership(user=user, organisation=organisation, role=role)
            if table.fits(role, organisation):
                continue
            with pytest.raises(ValidationError) as refused:
                held.clean()
            assert refused.value.code == "orgs.role_misplaced"
        assert homes or role is Role.NATIONAL_REVIEWER
        assert {tree.organisations[home].kind for home in HOMES[role]} <= set(table.HELD_IN[role])


def test_the_documentation_is_the_table():
    assert table.printed() == oracle.TABLE.read_text(encoding="utf-8"), (
        "python -m gradphoto.apps.orgs.permissions > docs/permissions.md"
    )
    assert {name: frozenset(map(str, one.roles)) for name, one in table.PERMISSIONS.items()} == TABLE


def test_every_permission_is_used_and_no_role_stands_outside_the_table():
    source = Path(gradphoto.apps.__path__[0])
    used: set[str] = set()
    for path in [*source.rglob("*.py"), *source.rglob("*.html")]:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            assert "user.roles" not in text, path
            continue
        if "migrations" in path.parts:
            continue
        tree = ast.parse(text)
        used |= (
            {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
            & set(table.PERMISSIONS)
            if path.parts[-2:] != ("orgs", "permissions.py")
            else set()
        )
        # An administrator gives roles: the pages for it (people) name them, as the rooms they stand over do.
        if path.parent.name not in ("orgs", "people"):
            named = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "Role"]
            assert not named, (path, [ast.unparse(n) for n in named])
    assert used == set(table.PERMISSIONS)
