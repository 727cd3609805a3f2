"""Who corrects what: the campaign's routing table by kind of error and field, a setting with its source (R167, B10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradphoto.apps.campaigns.models import Campaign
from gradphoto.apps.campaigns.rules import in_force, value_of
from gradphoto.apps.campaigns.settings_keys import ERRATA_ROUTES
from gradphoto.apps.core.errors import refuse
from gradphoto.apps.core.wording import both, say
from gradphoto.apps.errata.kinds import Corrector, ErrataKind
from gradphoto.apps.verification.items import ITEMS
from gradphoto.engine.wording import Wording


@dataclass(frozen=True, slots=True)
class Route:
    """A line of the table: ``key`` is a kind, or ``data_wrong.<field>``; no corrector means as for the kind itself."""

    key: str
    title: Wording
    corrector: str
    is_field: bool

    @property
    def shown(self) -> Wording:
        """Who corrects it, in words."""
        if self.corrector in Corrector.values:
            return both(Corrector(self.corrector).label)
        return Wording("同上", "As above") if self.is_field else Wording("—", "—")


def corrector_of(campaign: Campaign, kind: str, field: str = "") -> Corrector:
    """Who corrects this in the campaign. Raises ``campaigns.rule_missing`` or ``errata.route_unknown``."""
    table = value_of(campaign, ERRATA_ROUTES)
    named = table.get(f"{kind}.{field}") or table.get(kind, "")
    if named not in Corrector.values:
        title = ErrataKind(kind).label
        raise refuse(
            "errata.route_unknown",
            f"流转表没有规定“{title}”由谁更正。",
            f"The routing table does not say who corrects: {title}.",
            "请教务处在勘误流转表中补充。",
            "Have the registrar add it to the routing table.",
        )
    return Corrector(named)


def lines() -> Iterator[tuple[str, str]]:
    """The keys of the table with their titles, as the page of the rule shows them."""
    for kind in ErrataKind:
        yield kind.value, str(kind.label)
        if kind is ErrataKind.DATA_WRONG:
            yield from ((f"{kind.value}.{item.field}", f"{kind.label} · {say(item.title)}") for item in ITEMS)


def routes(campaign: Campaign) -> Iterator[Route]:
    """The campaign's table line by line, fields of wrong data below their kind."""
    rule = in_force(campaign.rule_set, ERRATA_ROUTES)
    table = ERRATA_ROUTES.read(rule.value) if rule else {}
    for kind in ErrataKind:
        yield Route(kind.value, Wording(str(kind.label), str(kind.label)), table.get(kind.value, ""), False)
        if kind is ErrataKind.DATA_WRONG:
            for item in ITEMS:
                key = f"{kind.value}.{item.field}"
                yield Route(key, item.title, table.get(key, ""), True)
