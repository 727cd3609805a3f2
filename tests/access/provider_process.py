"""A made-up provider as a process of its own: it prints its port and serves until it is ended."""

from __future__ import annotations

import http.server
import sys


class QuietHandler(http.server.BaseHTTPRequestHandler):
    """Answers ``say(body, status)``, and writes no log."""

    content_type = "application/json"

    def answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", self.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.write(body, status)

    def write(self, body: bytes, status: int) -> None:
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


def serve(handler: type[QuietHandler]) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    print(server.server_port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit()
