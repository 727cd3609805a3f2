"""A form of money that comes twice under one number: the same again is harmless, anything else under it is told.

A double click sends the same; the browser's Back brings an old form, and its number, to other people. What is returned
as done there would be money in the hand and not in the books.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.fees.models import Account, Charge, Collection, EntryKind
from gradphoto.apps.roster.models import Candidate


def taken_already(
    till: Account, nonce: uuid.UUID, *, charges: Iterable[Charge] = (), people: Iterable[Candidate] = (),
    amount_fen: int | None = None,
) -> Collection | None:  # fmt: skip
    """The collection under this number, where it is of all these charges and people and stands; None for a new number.

    Raises ``fees.sent_before`` where the number was used for something else, or what it took was taken back since.
    """
    done = Collection.objects.filter(nonce=nonce).first()
    if done is None:
        return None
    standing = done.entries.filter(kind=EntryKind.COLLECT, reversed_by=None)
    paid = dict(standing.values_list("charge", "charge__candidate"))
    is_same = (
        done.till_id == till.pk
        and {charge.pk for charge in charges} <= paid.keys()
        and {person.pk for person in people} <= set(paid.values())
        and amount_fen in (None, done.total_fen)
    )
    if not is_same:
        raise sent_before()
    return done


def sent_before() -> Refusal:
    """The refusal of a form whose number was used for something else."""
    return refuse(
        "fees.sent_before",
        "这张表单已经提交过，本次未收款。",
        "This form was sent before; nothing was taken now.",
        "请刷新页面，核对后再收款。",
        "Reload the page and check before you collect.",
    )
