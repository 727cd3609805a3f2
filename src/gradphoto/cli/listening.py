"""Where the server listens: a taken port and a wrong certificate are sentences, not tracebacks of a child."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Listening:
    """Address and port, and the certificate where the site does TLS by itself."""

    host: str = "127.0.0.1"
    port: int = 8000
    cert: Path | None = None
    key: Path | None = None

    @property
    def own_address(self) -> str:
        """The site's address as somebody at this machine writes it."""
        scheme = "https" if self.cert else "http"
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", *_LOOPBACK) else self.host  # noqa: S104 - compared, not bound
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def is_open_to_others(self) -> bool:
        """Whether other machines reach it."""
        return self.host not in _LOOPBACK


def hold_port(where: Listening) -> socket.socket:
    """Make sure that nobody listens there, and hold the place. Raises ``server.port_taken`` and its kin.

    The kernel lets a second server share a port in silence (SO_REUSEPORT, which granian uses on Linux); the socket that is
    returned is bound without it first, so the second one fails. It never listens: granian's sockets get every connection.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[0]
        held = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _refusal(where, error) from error
    try:
        if sys.platform != "win32":
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(address)
    except OSError as error:
        held.close()
        raise _refusal(where, error) from error
    if sys.platform == "linux":
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    else:
        held.close()  # elsewhere granian could not bind beside it
    return held


def _refusal(where: Listening, error: OSError) -> GradPhotoError:
    place = f"{where.host}:{where.port}"
    if error.errno == errno.EADDRINUSE:
        return GradPhotoError(
            "server.port_taken",
            Wording(f"{place} 已被占用，可能另一个 gradphoto serve 正在运行。",
                    f"{place} is taken; another gradphoto serve may be running."),
            Wording("请先停止占用它的程序，或用 --port 换一个端口。", "Stop what holds it, or choose another --port."),
        )  # fmt: skip
    if error.errno == errno.EACCES:
        return GradPhotoError(
            "server.port_forbidden",
            Wording(f"本账户不能监听 {place}。", f"This account may not listen on {place}."),
            Wording(
                "1024 以下的端口请交给反向代理（docs/deploy.md），或用 --port 换一个端口。",
                "Leave ports below 1024 to a reverse proxy (docs/deploy.md), or choose another --port.",
            ),
        )
    return GradPhotoError(
        "server.address_unknown",
        Wording(f"不能监听 {place}：{error.strerror}。", f"Cannot listen on {place}: {error.strerror}."),
        Wording("--host 应为本机的一个地址，或 0.0.0.0。", "--host must be an address of this machine, or 0.0.0.0."),
    )


def check_certificate(cert: Path | None, key: Path | None) -> None:
    """Refuse what the server could not use: one without the other, a pair that does not match, a key of the old form."""
    if cert is None and key is None:
        return
    if cert is None or key is None:
        raise _wrong("server.tls_pair", "--tls-cert 与 --tls-key 须同时给出。", "--tls-cert and --tls-key belong together.",
                     "请补上另一个。", "Give the other one, too.")  # fmt: skip
    if "BEGIN PRIVATE KEY" not in key.read_text(encoding="ascii", errors="replace"):
        raise _wrong(
            "server.tls_key_form", f"{key} 不是未加密的 PKCS#8 私钥。", f"{key} is no unencrypted PKCS#8 key.",
            f"请转换：openssl pkcs8 -topk8 -nocrypt -in {key} -out new-key.pem",
            f"Convert it: openssl pkcs8 -topk8 -nocrypt -in {key} -out new-key.pem",
        )  # fmt: skip
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise _wrong(
            "server.tls_unusable", f"证书与私钥不能使用：{error}", f"Certificate and key cannot be used: {error}",
            "请确认两个文件都是 PEM 且属于同一张证书。", "Make sure that both are PEM and belong together.",
        ) from error  # fmt: skip


def _wrong(code: str, zh: str, en: str, remedy_zh: str, remedy_en: str) -> GradPhotoError:
    return GradPhotoError(code, Wording(zh, en), Wording(remedy_zh, remedy_en))
