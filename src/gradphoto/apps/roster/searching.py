"""Whom the words typed into a search box mean: a student number from its beginning, a name in any of its writings."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.db.models import Q

from gradphoto.engine.standards.names import searched


def named(words: str, person: str = "") -> Q:
    """The condition; ``person`` is the way from the rows to who has ``name`` and ``student_no`` (``candidate__``).

    A dot, apostrophe or width that another keyboard gives finds the person all the same.
    """
    spellings = [Q(**{f"{person}name__icontains": spelling}) for spelling in searched(words)]
    return reduce(or_, spellings, Q(**{f"{person}student_no__startswith": words.strip()}))
