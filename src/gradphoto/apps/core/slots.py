"""Places on a page that later rooms of the house fill: the earlier room names the place and knows nobody who fills it.

``roster`` writes ``{% slot "person.panels" candidate %}`` into its page; ``errata``, which stands after it in the
journey and may import it, registers a filler when its app is ready. Without any filler the place stays empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

Filler = Callable[..., Mapping[Any, SafeString]]
"""``(request, subjects, **options)`` -> what to show, by the subject's key; a subject that is left out shows nothing."""
_FILLERS: dict[str, list[Filler]] = defaultdict(list)


def fills(place: str) -> Callable[[Filler], Filler]:
    """Register a filler of a place. It is asked once for a whole list, so that a row costs no query of its own."""

    def register(filler: Filler) -> Filler:
        _FILLERS[place].append(filler)
        return filler

    return register


def filled(place: str, request: HttpRequest, subjects: Sequence[Any], **options: object) -> dict[Any, SafeString]:
    """What every filler shows in a place, in the order of registration, by the primary key of the subject."""
    answers = [filler(request, subjects, **options) for filler in _FILLERS[place]]
    return {
        subject.pk: format_html_join("", "{}", ((answer.get(subject.pk, ""),) for answer in answers))
        for subject in subjects
    }
