"""No ID number in an address: what people search for travels in the body, and in a query only sealed.

A search form posts to ``search:ask`` (``pages/asks.html``), which answers with the address of the list. Words stand in
that address as they were typed, so that it can be kept and passed on; what may be an ID number, or part of one, stands
there as a token that only who typed it can read, for twelve hours. ``SealedQueries`` opens tokens, so that every view and
list reads plain words, and whatever address is made of ``request.GET`` (pages, order, tabs, export) is sealed again. A
number that arrives bare, typed into the address bar, is answered by the sealed address.
"""

from __future__ import annotations

import base64
import binascii
import struct
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from gradphoto.apps.core.encryption import decrypt, encrypt
from gradphoto.apps.core.errors import Refusal, refuse
from gradphoto.apps.core.middleware import refusal_answer
from gradphoto.apps.core.problems import is_for_programs
from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.standards.identity import may_be_id_number

KEPT_S = 12 * 3600
"""So long a sealed search is read again: a working day."""
_MARK = "~"
_UNTIL = struct.Struct(">Q")
_SHORTEST = 60
"""Characters of a token at least: what is shorter was typed."""


class SealedQuery(QueryDict):
    """The parameters of an address in plain words; an address made of them holds tokens for what may be an ID number."""

    user_pk = 0

    @classmethod
    def of(cls, params: QueryDict, user_pk: int) -> SealedQuery:
        """The parameters as ``user_pk`` may read them. Raises ``pages.search_expired``."""
        query = cls("", mutable=True, encoding=params.encoding)
        query.user_pk = user_pk
        for name, values in params.lists():
            query.setlist(name, [unsealed(value, user_pk) if is_token(value) else value for value in values])
        query._mutable = False
        return query

    def __deepcopy__(self, memo: MutableMapping[int, Any]) -> SealedQuery:
        copied: SealedQuery = super().__deepcopy__(memo)
        copied.user_pk = self.user_pk
        return copied

    def urlencode(self, safe: str | None = None) -> str:
        """The query of an address: nothing in it may be an ID number."""
        outside = QueryDict(mutable=True)
        for name, values in self.lists():
            outside.setlist(name, [sealed(one, self.user_pk) if may_be_id_number(one) else one for one in values])
        return outside.urlencode(safe)

    def plain(self) -> str:
        """The query with plain words, for a place that is encrypted itself."""
        return super().urlencode()


def sealed(words: str, user_pk: int) -> str:
    """A token for what somebody typed: readable for them alone, until its hour has come."""
    body = encrypt(_UNTIL.pack(int(time.time()) + KEPT_S) + words.encode(), _bound_to(user_pk))
    return _MARK + base64.urlsafe_b64encode(body).decode().rstrip("=")


def unsealed(token: str, user_pk: int) -> str:
    """What was typed. Raises ``pages.search_expired`` where it is too old, altered or somebody else's."""
    body = token.removeprefix(_MARK)
    try:
        plain = decrypt(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), _bound_to(user_pk))
    except (GradPhotoError, binascii.Error) as error:
        raise _expired() from error
    if _UNTIL.unpack_from(plain)[0] < time.time():
        raise _expired()
    return plain[_UNTIL.size :].decode()


def is_token(value: str) -> bool:
    return len(value) >= _SHORTEST and value.startswith(_MARK) and value.isascii()


def _bound_to(user_pk: int) -> str:
    return f"pages.search\0{user_pk}"


def _expired() -> Refusal:
    return refuse(
        "pages.search_expired", "这次查找已过期，或是别人的查找。", "This search has expired, or was somebody else's.",
        "请回到列表，重新输入要查找的内容。", "Go back to the list and type again whom you look for.",
    )  # fmt: skip


class SealedQueries:
    """Opens the tokens of an address; answers a bare number by the address that does not hold it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_for_programs(request):
            return self.get_response(
                request
            )  # it takes no number in an address, and refuses a parameter it does not know
        bare = any(map(may_be_id_number, _values(request.GET)))
        if not bare and not any(map(is_token, _values(request.GET))):
            return self.get_response(request)
        if not request.user.is_authenticated:
            # Nobody's search: the sign-in that comes next would carry the number on as where to go afterwards.
            return _to(request, _without_numbers(request.GET)) if bare else self.get_response(request)
        try:
            query = SealedQuery.of(request.GET, request.user.pk)
        except Refusal as error:
            return refusal_answer(request, error)
        if bare and request.method in ("GET", "HEAD"):
            return _to(request, query)
        request.GET = query  # type: ignore[assignment]
        return self.get_response(request)


def _values(params: QueryDict) -> Iterator[str]:
    return (value for name, values in params.lists() for value in (name, *values))


def _without_numbers(params: QueryDict) -> QueryDict:
    kept = QueryDict(mutable=True)
    for name, values in params.lists():
        if not any(map(may_be_id_number, (name, *values))):
            kept.setlist(name, values)
    return kept


def _to(request: HttpRequest, query: QueryDict) -> HttpResponse:
    return HttpResponseRedirect(f"{request.path}?{query.urlencode()}" if query else request.path)
