"""The charges behind a sum: those of a hand-in list, those of a request for a refund. One list, two papers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.http import QueryDict

from gradphoto.apps.core.actors import Actor
from gradphoto.apps.fees.models import HandIn, HandInItem, Refund, RefundItem
from gradphoto.apps.orgs.scope import scoped
from gradphoto.apps.pages.filters import ListFilter, search
from gradphoto.apps.pages.listing import Column, Listing
from gradphoto.apps.roster.person_columns import person_column
from gradphoto.apps.roster.typed import named
from gradphoto.engine.wording import Wording

_PERSON = "charge__candidate__"


class ChargeFilter(ListFilter):
    """Whose charge."""

    q = search("查找", "Search", "find", example=("学号、姓名", "Number, name"))

    def find(self, items: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        return items.filter(named(words, _PERSON))


def _items(item: type[Model], paper: type[Model], name: str) -> Callable[[Actor, QueryDict], QuerySet[Any]]:
    """The items of the one paper that the page is about, where the viewer sees that paper."""

    def of_paper(actor: Actor, params: QueryDict) -> QuerySet[Any]:
        wanted = params.get(name, "")
        seen = scoped(actor, paper).filter(pk=int(wanted) if wanted.isdecimal() else 0)
        items = item._default_manager.filter(**{f"{name}__in": seen})
        return items.select_related("charge__candidate__department")

    return of_paper


def _columns(amount: Callable[[Any], int]) -> tuple[Column, ...]:
    return (
        person_column("student_no", "charge.candidate", css="figures",
               order=(f"{_PERSON}student_no",), fixed=True),
        person_column("name", "charge.candidate", template="fees/cells/charged_person.html",
               css="text-nowrap", order=(f"{_PERSON}name",), fixed=True),
        person_column("department", "charge.candidate",
               order=(f"{_PERSON}department__path", f"{_PERSON}student_no")),
        person_column("class_name", "charge.candidate", css="text-nowrap"),
        Column("item", Wording("项目", "Item"), "charge.get_item_display", css="text-nowrap"),
        Column("amount", Wording("金额（元）", "Yuan"), lambda one, lookups: Decimal(amount(one)) / 100,
               css="figures text-md-end"),
    )  # fmt: skip


_ORDER = (f"{_PERSON}department__path", f"{_PERSON}student_no", "pk")
_ORDER_TITLE = Wording("按院系和学号", "By department and number")

HAND_IN_CHARGES = Listing(
    name="fees.hand_in_charges",
    title=Wording("上缴的费用", "Charges handed in"),
    permission="fees.collect",
    rows=lambda actor: HandInItem.objects.none(),
    about=_items(HandInItem, HandIn, "hand_in"),
    filters=ChargeFilter,
    columns=_columns(lambda one: one.charge.amount_fen),
    order=_ORDER,
    order_title=_ORDER_TITLE,
    page_size=100,
)
REFUND_CHARGES = Listing(
    name="fees.refund_charges",
    title=Wording("要退的费用", "Charges to refund"),
    permission="fees.collect",
    rows=lambda actor: RefundItem.objects.none(),
    about=_items(RefundItem, Refund, "refund"),
    filters=ChargeFilter,
    columns=_columns(lambda one: one.amount_fen),
    order=_ORDER,
    order_title=_ORDER_TITLE,
    page_size=100,
)
