"""What carried a make-up photograph out of the house: told by delivery, which stands later on the journey (R147).

As ``fees.providers``: delivery registers its query when it starts (``delivery.apps``) and the make-up desk asks it here, so that
"delivered" is proven by a package that was handed over, not by a stamp.
"""

from __future__ import annotations

from collections.abc import Callable

from gradphoto.apps.makeup.models import MakeUpCase

Carrier = Callable[[MakeUpCase], str]

_told: list[Carrier] = []


def tell_carrier(query: Carrier) -> None:
    """Register who knows by which print or file a case's photograph went out; the last one counts."""
    _told[:] = [query]


def carrier_of(case: MakeUpCase) -> str:
    """The print or file with which the case's present photograph went out; empty where none did, or nobody knows."""
    return _told[0](case) if _told and case.check_in_id is not None else ""
