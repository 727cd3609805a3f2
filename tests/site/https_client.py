"""A certificate of a test's own, and a client that trusts nothing else."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME = "photo.example.edu"


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of our own for the name, good for two days."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1)).add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256())
    )  # fmt: skip
    cert_file, key_file = folder / "fullchain.pem", folder / "privkey.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    key_file.write_bytes(key.private_bytes(*form))
    return cert_file, key_file


class Visitor:
    """A client with an address, a cookie jar and trust in our certificate alone."""

    def __init__(self, site: dict, address: str = "127.0.0.1") -> None:
        self.site, self.address, self.cookies = site, address, SimpleCookie()

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> http.client.HTTPResponse:
        port = self.site["ports"]["https"]
        wire = http.client.HTTPSConnection(NAME, port)
        plain = socket.create_connection(("127.0.0.1", port), 10, source_address=(self.address, 0))
        wire.sock = ssl.create_default_context(cafile=str(self.site["cert"])).wrap_socket(plain, server_hostname=NAME)
        sent = {"Cookie": "; ".join(f"{one.key}={one.value}" for one in self.cookies.values()), **headers}
        if form is not None:
            sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.site["url"]}
        wire.request("GET" if form is None else "POST", path, urlencode(form) if form is not None else None, sent)
        answer = wire.getresponse()
        answer.text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(line)
        return answer

    def send(self, path: str, form: dict[str, str], **headers: str) -> http.client.HTTPResponse:
        """The form of a page, with the token that the page holds."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.ask(path).text)[1]
        return self.ask(path, {**form, "csrfmiddlewaretoken": token}, Referer=self.site["url"] + path, **headers)
