"""Who asks: the client's address, scheme and host, also behind a reverse proxy (``GRADPHOTO_TRUSTED_PROXIES``).

Forwarded headers are believed only from a trusted proxy. ``ForwardedHeaders`` stands first in the middleware and writes what
it believes where a direct request has it (``REMOTE_ADDR``, ``wsgi.url_scheme``, ``HTTP_HOST``); it removes every forwarded
header. So no later code, own or foreign, can read a header that a stranger wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_FORWARDED = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED",
    "HTTP_X_FORWARDED_SERVER", "HTTP_X_FORWARDED_SSL", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_X_CLUSTER_CLIENT_IP",
    "HTTP_FORWARDED", "HTTP_FORWARDED_FOR", "HTTP_TRUE_CLIENT_IP", "HTTP_CF_CONNECTING_IP", "HTTP_FORWARDED_FOR_IP", "HTTP_VIA",
)  # fmt: skip
_FROM_SOMEWHERE = "gradphoto.through_unknown_proxy"
"""No header can set it: those begin with ``HTTP_``."""
_REQUEST_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


def comes_directly(request: HttpRequest) -> bool:
    """Whether the address is who asks, and not a proxy that nobody declared: then strangers would look like neighbours."""
    return _FROM_SOMEWHERE not in request.META


def client_address(request: HttpRequest) -> str:
    """The address of who asks, in its shortest form; empty where the server knows none (a Unix socket, a test).

    The only place that says so: throttling, lock-outs, the audit trail and the log all take it from here.
    """
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    return str(address) if address else ""


class ForwardedHeaders:
    """Takes over what a trusted proxy forwards and removes what anybody else wrote."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = request.META.pop("HTTP_X_REQUEST_ID", "")
        forwarded = {name: request.META.pop(name) for name in _FORWARDED if name in request.META}
        peer = _parsed(request.META.get("REMOTE_ADDR", ""))
        trusted: Sequence[Network] = settings.TRUSTED_PROXIES
        if peer is not None and _within(peer, trusted):
            self._take_over(request, forwarded, peer, trusted)
            if _REQUEST_ID.fullmatch(number):
                request.META["HTTP_X_REQUEST_ID"] = number
        elif forwarded:
            request.META[_FROM_SOMEWHERE] = "1"
        return self.get_response(request)

    def _take_over(
        self, request: HttpRequest, forwarded: dict[str, str], peer: Address, trusted: Sequence[Network]
    ) -> None:
        hops = _listed(forwarded.get("HTTP_X_FORWARDED_FOR", ""))
        client, depth = _client_of(hops, peer, trusted)
        request.META["REMOTE_ADDR"] = str(client)
        scheme = _at(_listed(forwarded.get("HTTP_X_FORWARDED_PROTO", "")), depth).lower()
        if scheme in ("http", "https"):
            request.META["wsgi.url_scheme"] = scheme
        if host := _at(_listed(forwarded.get("HTTP_X_FORWARDED_HOST", "")), depth):
            request.META["HTTP_HOST"] = host


def _client_of(hops: list[str], peer: Address, trusted: Sequence[Network]) -> tuple[Address, int]:
    """The right-most hop that is no trusted proxy, and how many hops stand from it to the right end (from 1).

    An entry that is no address ends the walk: what stands left of it was written by we do not know whom. A list of trusted
    proxies only is a request that began inside: its left-most entry.
    """
    nearest = peer
    for depth, entry in enumerate(reversed(hops), start=1):
        address = _parsed(entry)
        if address is None:
            return nearest, max(1, depth - 1)
        if not _within(address, trusted):
            return address, depth
        nearest = address
    return nearest, max(1, len(hops))


def _at(entries: list[str], depth: int) -> str:
    """The entry the same proxy wrote; where proxies overwrite instead of append, the list is shorter and its first counts."""
    return entries[-min(depth, len(entries))] if entries else ""


def _listed(header: str) -> list[str]:
    return [entry.strip() for entry in header.split(",") if entry.strip()]


def _parsed(text: str) -> Address | None:
    """An address, with or without brackets, port and zone; an IPv4 address inside IPv6 is the IPv4 address."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
