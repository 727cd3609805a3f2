"""TLS without a proxy: `serve --tls-cert --tls-key` (issue 11, section 1)."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

sys.path.insert(0, os.path.dirname(__file__))
from benchmarks.free_ports import free_port
from https_client import NAME, Visitor, certificate
from serving import run, terminal, until

from gradphoto.cli.listening import check_certificate
from gradphoto.engine.errors import GradPhotoError


@pytest.mark.slow
def test_a_site_that_does_tls_by_itself(tmp_path):
    cert, key = certificate(tmp_path)
    port = free_port()
    data = tmp_path / "data"
    begun = run(data, "setup", "--name", "示范大学")
    password = begun.stdout.split("password")[1].split()[0]
    url = f"https://{NAME}:{port}"
    serve = (
        "serve",
        "--port",
        str(port),
        "--workers",
        "1",
        "--no-worker",
        "--tls-cert",
        str(cert),
        "--tls-key",
        str(key),
    )
    with terminal(data, *serve, GRADPHOTO_SITE_URL=url) as screen:
        screen.wait_for(f"https://127.0.0.1:{port}/")
        visitor = Visitor({"cert": cert, "url": url, "ports": {"https": port}})

        def answers():
            try:
                return visitor.ask("/accounts/login/")
            except OSError:
                return None

        until(answers)
        first = visitor.ask("/accounts/login/")
        assert first.headers["Strict-Transport-Security"]
        assert "Secure" in first.headers["Set-Cookie"]
        assert visitor.send("/accounts/login/", {"login": "admin", "password": password}).status == 302
        assert visitor.ask("/verify/", Host="evil.example").status == 400


def test_a_certificate_that_cannot_be_used_is_refused_before_the_start(tmp_path):
    cert, key = certificate(tmp_path)
    other = ec.generate_private_key(ec.SECP256R1())
    encoding, none = serialization.Encoding.PEM, serialization.NoEncryption()
    for name, form in (
        ("other", serialization.PrivateFormat.PKCS8),
        ("old", serialization.PrivateFormat.TraditionalOpenSSL),
    ):
        (tmp_path / name).write_bytes(other.private_bytes(encoding, form, none))
    for pair, code in (
        ((cert, None), "server.tls_pair"),
        ((None, key), "server.tls_pair"),
        ((cert, tmp_path / "other"), "server.tls_unusable"),
        ((cert, tmp_path / "old"), "server.tls_key_form"),
        ((key, key), "server.tls_unusable"),
    ):
        with pytest.raises(GradPhotoError) as refused:
            check_certificate(*pair)
        assert refused.value.code == code
    check_certificate(cert, key)
    check_certificate(None, None)


def test_the_remedy_for_an_old_key_is_a_command_that_works(tmp_path):
    cert, key = certificate(tmp_path)
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    old, new = tmp_path / "old.pem", tmp_path / "new-key.pem"
    old.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    with pytest.raises(GradPhotoError) as refused:
        check_certificate(cert, old)
    command = refused.value.remedy.en.split(": ", 1)[1].rstrip(".").replace("new-key.pem", str(new))
    subprocess.run(command.split(), check=True, capture_output=True)
    check_certificate(cert, new)
