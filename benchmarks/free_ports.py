"""A port for a server that is started as a process: chosen before it listens, so nobody else may be given it meanwhile."""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _COUNT = 20_000, 12_000
"""Below 32768: from there on Linux lends ports to whoever connects somewhere, browsers and databases by the hundred."""
_PLACES = itertools.count(os.getpid() * 97)
"""Processes that choose at the same time begin at different places."""


def free_port() -> int:
    """A port of this machine on which nobody listens; never the same one twice in a process."""
    while True:
        port = _FIRST + next(_PLACES) % _COUNT
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
