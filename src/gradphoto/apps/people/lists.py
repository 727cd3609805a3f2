"""The lists of an administrator: people with their roles, the units of the tree, the tables handed in."""

from __future__ import annotations

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import OrderBy
from django.db.models.functions import Length
from django.utils import timezone

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.wording import say
from gradphoto.apps.orgs.actions import managed_organisations
from gradphoto.apps.orgs.models import (
    ImportKind,
    ImportState,
    Membership,
    Organisation,
    OrganisationKind,
    Role,
    TableImport,
    User,
    by_code,
)
from gradphoto.apps.orgs.scope import changeable
from gradphoto.apps.pages.filters import ListFilter, Ticked, choice, record, search
from gradphoto.apps.pages.listing import Cell, Column, Listing
from gradphoto.engine.wording import Wording


def open_units(actor: Actor) -> QuerySet[Organisation]:
    """Where an administrator gives roles: no archived unit."""
    return managed_organisations(actor).filter(archived_at=None).order_by(*by_code())


def _home(value: str) -> Subquery:
    """Of the first unit in which a person holds a role."""
    held = Membership.objects.filter(user=OuterRef("pk")).order_by(*by_code("organisation__"))
    return Subquery(held.values(value)[:1])


BY_UNIT = (
    OrderBy(_home("organisation__parent__path"), nulls_first=True), OrderBy(Length(_home("organisation__code"))),
    OrderBy(_home("organisation__code")), OrderBy(_home("organisation__path")), "display_name", "pk",
)  # fmt: skip
"""People as slips are handed out and lists are read: unit by unit."""


def people_of(actor: Actor) -> QuerySet[User]:
    """Whom an administrator manages."""
    mine = changeable(actor, Membership, "orgs.manage")
    return User.objects.filter(pk__in=mine.values("user")).prefetch_related("memberships__organisation")


class PeopleFilter(ListFilter):
    """By name, by a role held there, and who is closed."""

    q = search("查找", "Search", "find", example=("姓名或用户名", "Name or user name"))
    role = choice(Role, "角色", "Role", method="keep")
    organisation = record(open_units, "单位", "Organisation", method="keep")
    off = Ticked("only_closed", "只看已停用", "Closed only")

    def keep(self, people: QuerySet[User], name: str, value: object) -> QuerySet[User]:
        """Role and unit are asked of one membership: somebody holds the role there."""
        given = self.form.cleaned_data
        held = Membership.objects.all()
        if given.get("role"):
            held = held.filter(role=given["role"])
        if given.get("organisation"):
            held = held.filter(organisation__path__startswith=given["organisation"].path)
        return people.filter(pk__in=held.values("user"))

    def find(self, people: QuerySet[User], name: str, words: str) -> QuerySet[User]:
        return people.filter(Q(display_name__icontains=words) | Q(username__icontains=words))

    def only_closed(self, people: QuerySet[User]) -> QuerySet[User]:
        return people.filter(is_active=False)


def _roles(person: User, facts: None) -> str:
    return "；".join(f"{one.get_role_display()} {one.organisation.name}" for one in person.memberships.all())


def _state(person: User, facts: None) -> str:
    return "" if person.is_active else say(Wording("已停用", "closed"))


def _last_login(person: User, facts: None) -> Cell:
    return timezone.localtime(person.last_login) if person.last_login else None


PEOPLE = Listing(
    name="people.people",
    title=Wording("人员与角色", "People and roles"),
    permission="orgs.manage",
    rows=people_of,
    filters=PeopleFilter,
    columns=(
        Column("name", Wording("姓名", "Name"), "__str__", template="people/cells/name.html", order=("display_name",),
               fixed=True),
        Column("username", Wording("用户名", "User name"), "username", order=("username",)),
        Column("roles", Wording("角色", "Roles"), _roles, template="people/cells/roles.html", width=40),
        Column("telephone", Wording("电话", "Telephone"), "telephone", on_page=False),
        Column("office", Wording("办公室", "Office"), "office", on_page=False),
        Column("email", Wording("邮箱", "Mail address"), "email", on_page=False, width=24),
        Column("state", Wording("状态", "State"), _state, on_page=False),
        Column("last_login", Wording("最近登录", "Last sign-in"), _last_login, css="figures text-nowrap",
               order=(F("last_login").asc(nulls_last=True),)),
    ),
    order=BY_UNIT,
    order_title=Wording("按单位", "By organisation"),
    file_name="people",
)  # fmt: skip


class UnitFilter(ListFilter):
    """By name or code, by kind, by what it hangs on."""

    q = search("查找", "Search", "find", example=("名称或代码", "Name or code"))
    kind = choice(OrganisationKind, "类别", "Kind")
    parent = record(lambda actor: managed_organisations(actor).filter(children__isnull=False).distinct(),
                    "上级单位", "Below")  # fmt: skip
    off = Ticked("only_archived", "只看已撤销", "Archived only")

    def find(self, units: QuerySet[Organisation], name: str, words: str) -> QuerySet[Organisation]:
        named = Q(name__icontains=words) | Q(name_en__icontains=words)
        return units.filter(named | Q(code__iexact=words))

    def only_archived(self, units: QuerySet[Organisation]) -> QuerySet[Organisation]:
        return units.exclude(archived_at=None)


def _unit_state(unit: Organisation, facts: None) -> str:
    return say(Wording("已撤销", "archived")) if unit.archived_at else ""


UNITS = Listing(
    name="people.units",
    title=Wording("单位", "Organisations"),
    permission="orgs.manage",
    rows=lambda actor: managed_organisations(actor).select_related("parent"),
    filters=UnitFilter,
    columns=(
        Column("name", Wording("名称", "Name"), "name", template="people/cells/unit.html", order=("name",), fixed=True,
               width=30),
        Column("parent", Wording("上级单位", "Below"), "parent.name", width=30),
        Column("kind", Wording("类别", "Kind"), "get_kind_display", order=("kind",)),
        Column("code", Wording("代码", "Code"), "code", css="figures", order=("code",)),
        Column("name_en", Wording("英文名称", "English name"), "name_en", on_page=False, width=30),
        Column("state", Wording("状态", "State"), _unit_state, on_page=False),
    ),
    order=tuple(one if isinstance(one, str) else one.asc() for one in by_code()),
    order_title=Wording("按上级单位和代码", "As they hang in the tree"),
    file_name="organisations",
)  # fmt: skip
"""The viewer's part of the tree: what hangs on one unit stands together, by code."""


class TableFilter(ListFilter):
    """Which of the tables of a kind."""

    q = search("查找", "Search", "find", example=("文件名", "File"))
    state = choice(ImportState, "状态", "State")

    def find(self, tables: QuerySet[TableImport], name: str, words: str) -> QuerySet[TableImport]:
        return tables.filter(file_name__icontains=words)


def _tables(kind: ImportKind, title: Wording) -> Listing:
    return Listing(
        name=f"people.tables_{kind}",
        title=title,
        permission="orgs.manage",
        rows=lambda actor: changeable(actor, TableImport, "orgs.manage").filter(kind=kind).defer("rows"),
        filters=TableFilter,
        columns=(
            Column("file", Wording("文件", "File"), "file_name", template="people/cells/table.html", fixed=True,
                   order=("file_name",), width=30),
            Column("state", Wording("状态", "State"), "get_state_display", template="people/cells/table_state.html"),
            Column("taken", Wording("写入行数", "Rows taken"), "taken", css="figures text-md-end", order=("taken",)),
            Column("by", Wording("上传人", "Attached by"), "made_by"),
            Column("time", Wording("时间", "Time"), "made_at", css="figures text-nowrap", order=("made_at",), width=18),
        ),
        order=("-made_at", "-pk"),
        file_name=f"tables-of-{kind}",
    )  # fmt: skip


TABLES = {
    ImportKind.UNITS: _tables(ImportKind.UNITS, Wording("已上传的单位表", "Tables of organisations")),
    ImportKind.PEOPLE: _tables(ImportKind.PEOPLE, Wording("已上传的人员表", "Tables of people")),
}
"""The tables handed in, newest first."""
