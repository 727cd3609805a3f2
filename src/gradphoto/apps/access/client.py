"""The client of a request as throttling knows it: its address, and the browser where somebody entered before."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from gradphoto.apps.core.client_address import client_address


@dataclass(frozen=True, slots=True)
class Client:
    """``device`` is the secret of a browser, or empty where the entry point knows none."""

    address: str
    device: str = ""


def client_of(request: HttpRequest, device_cookie: str = "") -> Client:
    """The address the request came from and, with ``device_cookie``, the browser's own secret."""
    return Client(client_address(request), request.COOKIES.get(device_cookie, "") if device_cookie else "")
