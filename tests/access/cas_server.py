"""A small CAS server as a process of its own: ``/login``, ``/p3/serviceValidate`` with tickets used once, ``/logout``.

``python cas_server.py`` prints its port. ``POST /person`` says who signs in there, how the server misbehaves, and starts the
list of what was asked, which ``GET /asked`` tells.
"""

from __future__ import annotations

import json
import secrets
import time
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.sax.saxutils import escape

from provider_process import QuietHandler, serve

SPACE = 'xmlns:cas="http://www.yale.edu/tp/cas"'
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "registrar"><!ENTITY b "&a;&a;&a;&a;">]>'
    f"<cas:serviceResponse {SPACE}><cas:authenticationSuccess><cas:user>&a;</cas:user></cas:authenticationSuccess></cas:serviceResponse>"
)


class Server(QuietHandler):
    content_type = "application/xml"

    tickets: ClassVar[dict[str, tuple[str, float, bool]]] = {}
    person: ClassVar[dict[str, object]] = {}
    asked: ClassVar[list[str]] = []

    def do_GET(self):
        url = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(url.query).items()}
        if url.path == "/asked":
            return self.say(json.dumps(Server.asked))
        Server.asked.append(self.path)
        if url.path == "/cas/login":
            return self.login(query)
        if url.path == "/cas/p3/serviceValidate":
            return self.validate(query)
        return self.say("", 404)

    def do_POST(self):
        Server.person = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Server.asked = []
        return self.say("")

    def login(self, query):
        """A password was typed, as it always is here; with ``single`` the browser was signed in already."""
        ticket = self.person.get("ticket") or f"ST-{secrets.token_urlsafe(20)}"
        fresh = not self.person.get("single") or "renew" in query
        life = float(self.person.get("life_s", 60))
        self.tickets[ticket] = (query["service"], time.monotonic() + life, fresh)
        self.send_response(302)
        sign = "&" if "?" in query["service"] else "?"
        self.send_header("Location", f"{query['service']}{sign}{urlencode({'ticket': ticket})}")
        self.end_headers()

    def validate(self, query):
        time.sleep(float(self.person.get("wait_s", 0)))
        if "redirect" in self.person:
            self.send_response(302)
            self.send_header("Location", self.person["redirect"])
            self.end_headers()
            return None
        service, until, fresh = self.tickets.pop(query.get("ticket", ""), ("", 0.0, False))
        if "body" in self.person:
            return self.say(self.person["body"], int(self.person.get("status", 200)))
        if not service or time.monotonic() > until:
            return self.refuse("INVALID_TICKET")
        if service != query.get("service"):
            return self.refuse("INVALID_SERVICE")
        if "renew" in query and not fresh:
            return self.refuse("INVALID_TICKET_SPEC")
        attributes = "".join(
            f"<cas:{name}>{escape(str(one))}</cas:{name}>"
            for name, said in self.person.get("attributes", {}).items()
            for one in (said if isinstance(said, list) else [said])
        )
        user = f"<cas:user>{escape(str(self.person.get('user', 'nobody')))}</cas:user>"
        return self.say(
            f"<cas:serviceResponse {SPACE}>\n <cas:authenticationSuccess>\n  {user}\n"
            f"  <cas:attributes>{attributes}</cas:attributes>\n </cas:authenticationSuccess>\n</cas:serviceResponse>"
        )

    def refuse(self, code):
        return self.say(
            f"<cas:serviceResponse {SPACE}><cas:authenticationFailure code='{code}'>no</cas:authenticationFailure>"
            "</cas:serviceResponse>"
        )

    def say(self, text, status=200):
        self.answer(text.encode(), status)

    def write(self, body, status):
        """All at once, or drop by drop where the person is so set."""
        try:
            step = 1 if self.person.get("drips") and status == 200 and body.startswith(b"<") else len(body)
            for at in range(0, len(body), step or 1):
                self.wfile.write(body[at : at + step])
                if step == 1:
                    time.sleep(0.02)
        except OSError:
            """Whoever asked went away."""


if __name__ == "__main__":
    serve(Server)
