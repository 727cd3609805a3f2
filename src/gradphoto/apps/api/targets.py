"""Where an event may be sent: to a public address over HTTPS, or to what the operator allows; never by a redirect.

The name is looked up once and the connection goes to the very address that was judged, so that a name that changes its mind
in between (rebinding) reaches nothing inside.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from gradphoto.apps.core.errors import invalid

CONNECT_S, WHOLE_S = 10.0, 20.0
_MOST_ANSWER = 1024
_NAT64 = ipaddress.IPv6Network("64:ff9b::/32")


@dataclass(frozen=True, slots=True)
class Target:
    """A judged address: scheme, host as it is named, port, path with its query."""

    scheme: str
    host: str
    port: int
    path: str


def read_target(address: str) -> Target:
    """The parts of an address, without looking its host up. Raises ``api.address_unfit``."""
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise _unfit() from error
    plain = address.isascii() and address.isprintable() and " " not in address
    if (
        not plain
        or parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.username is not None
        or parts.fragment
    ):
        raise _unfit()
    return Target(parts.scheme, parts.hostname, port, f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")


def judged_address(target: Target) -> str:
    """The IP address to connect to. Raises ``api.address_inside`` where any address of the host is not allowed,
    ``OSError`` where it has none."""
    found = {str(one[4][0]) for one in _looked_up(target)}
    addresses = [ipaddress.ip_address(one.partition("%")[0]) for one in sorted(found)]
    allowed = [
        any(one in network for network in settings.EVENT_NETWORKS if network.version == one.version)
        for one in addresses
    ]
    good = [
        known or (_is_public(one) and target.scheme == "https") for one, known in zip(addresses, allowed, strict=True)
    ]
    if not addresses or not all(good):
        raise _inside()
    return str(addresses[0])


def _looked_up(target: Target) -> list[tuple[Any, ...]]:
    try:
        return list(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
    except UnicodeError as error:  # an empty or endless label is no name, and a job must not break at it
        raise OSError("no name of a host") from error


def _is_public(one: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(one, "ipv4_mapped", None) or getattr(one, "sixtofour", None)
    if isinstance(one, ipaddress.IPv6Address) and (one in _NAT64 or one.teredo is not None):
        return False  # what they lead to is behind a translator
    if one.is_reserved or getattr(one, "is_site_local", False):
        return False  # ::127.0.0.1 and fec0:: are old ways inside, and count as global all the same
    return one.is_global and not one.is_multicast and (inner is None or _is_public(inner))


def post(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send the body; the status of the answer. Raises ``OSError``, ``http.client.HTTPException`` or the refusals above."""
    target = read_target(address)
    connection = _connection(target, judged_address(target))
    ends = threading.Timer(WHOLE_S, _cut, [connection])
    ends.start()
    try:
        connection.request("POST", target.path, body, {"Host": _host(target), **headers})
        answer = connection.getresponse()
        answer.read(_MOST_ANSWER)
        return answer.status
    finally:
        ends.cancel()
        connection.close()


def _host(target: Target) -> str:
    name = f"[{target.host}]" if ":" in target.host else target.host
    return name if target.port == (443 if target.scheme == "https" else 80) else f"{name}:{target.port}"


class _Pinned(http.client.HTTPConnection):
    """Connects to the judged address, whatever the name means by now."""

    def __init__(self, target: Target, ip: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_S)
        self._ip, self._secure = ip, target.scheme == "https"

    def connect(self) -> None:
        plain = socket.create_connection((self._ip, self.port), timeout=CONNECT_S)
        if self._secure:
            # The handshake comes after `sock` is there, so that who drags it out is cut off in time, too.
            self.sock = secure = ssl.create_default_context().wrap_socket(
                plain, server_hostname=self.host, do_handshake_on_connect=False
            )
            secure.do_handshake()
        else:
            self.sock = plain


def _connection(target: Target, ip: str) -> _Pinned:
    return _Pinned(target, ip)


def _cut(connection: _Pinned) -> None:
    """A receiver that answers a byte a second holds no worker."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


def _unfit() -> Exception:
    return invalid(
        "api.address_unfit", "这不是可用的接收地址。", "This is no address that events can be sent to.",
        "请填写 https:// 开头的完整地址，不带用户名和 #。", "Give a whole address with https://, without a user name and #.",
        field="address",
    )  # fmt: skip


def _inside() -> Exception:
    return invalid(
        "api.address_inside", "地址指向内部网络，或不是 https。", "The address leads to an inner network, or is no https.",
        "需要时请运维人员在 GRADPHOTO_EVENT_NETWORKS 中允许该网段。",
        "Where it is meant, the operator allows the network in GRADPHOTO_EVENT_NETWORKS.", field="address",
    )  # fmt: skip
