"""The lists of stations: kits with their packets, every record's fate, and conflicts."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Count, Q, QuerySet

from gradphoto.apps.core.wording import bi
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, choice, search, tab
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.typed import named
from gradphoto.apps.stations.models import (
    Conflict,
    ConflictKind,
    RecordKind,
    RecordState,
    StationKit,
    StationRecord,
)
from gradphoto.engine.wording import Wording


class KitFilter(ListFilter):
    q = search("站点", "Station", "at_station")

    def at_station(self, kits: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return kits.filter(station__istartswith=text.strip())


def _kits(actor: Any) -> QuerySet[StationKit]:
    found = scoped(actor, StationKit).select_related("campaign").prefetch_related("intakes").distinct()
    waiting = Count("records", filter=Q(records__state=RecordState.WAITING), distinct=True)
    return found.annotate(waiting=waiting)


KITS = Listing(
    name="stations.kits",
    title=Wording("采集箱", "Kits"),
    permission="stations.manage",
    rows=_kits,
    filters=KitFilter,
    columns=(Column("station", Wording("站点", "Station"), "station"),),
    order=("-made_at", "-pk"),
)


class RecordFilter(ListFilter):
    """What became of the records that stations handed in."""

    kind = choice(RecordKind, "种类", "Kind")
    state = choice(RecordState, "状态", "State")
    station = django_filters.CharFilter(lookup_expr="iexact", field_name="kit__station", label=bi("站点", "Station"))


def _why(record: StationRecord, lookups: Any) -> str:
    return str((record.why or {}).get("zh", ""))


RECORDS = Listing(
    name="stations.records",
    title=Wording("采集包记录", "Packet records"),
    permission="stations.manage",
    rows=lambda actor: scoped(actor, StationRecord).select_related("kit").distinct(),
    filters=RecordFilter,
    columns=(
        Column("station", Wording("站点", "Station"), "kit.station", order=("kit__station",)),
        Column("packet", Wording("采集包", "Packet"), "number", css="figures", order=("number",)),
        Column("kind", Wording("种类", "Kind"), "get_kind_display"),
        Column("record", Wording("记录", "Record"), "label", css="figures"),
        Column("state", Wording("状态", "State"), "get_state_display", template="stations/cells/state.html"),
        Column("why", Wording("说明", "Note"), _why, template="stations/cells/why.html", width=48),
    ),
    file_name="packet-records",
)


class ConflictFilter(ListFilter):
    """What awaits a decision, or was decided; that stands as tabs."""

    state = tab(
        [("open", bi("未裁定", "Open")), ("decided", bi("已裁定", "Decided"))], "状态", "State", method="in_state"
    )
    kind = choice(ConflictKind, "种类", "Kind")
    q = search("姓名或学号", "Name or student number", "find")

    def in_state(self, conflicts: QuerySet[Any], name: str, state: str) -> QuerySet[Any]:
        return conflicts.exclude(choice="") if state == "decided" else conflicts.filter(choice="")

    def find(self, conflicts: QuerySet[Any], name: str, text: str) -> QuerySet[Any]:
        return conflicts.filter(named(text, "candidate__"))


CONFLICTS = Listing(
    name="stations.conflicts",
    title=Wording("待裁定", "To be decided"),
    permission="stations.manage",
    rows=lambda actor: (
        scoped(actor, Conflict)
        .select_related("record__kit", "candidate__department", "present__candidate", "decided_by")
        .distinct()
    ),
    filters=ConflictFilter,
    columns=(Column("kind", Wording("种类", "Kind"), "get_kind_display"),),
    order=("-raised_at", "-pk"),
    defaults={"state": "open"},
)
