"""What a station hands back: parts of bounded size, each an envelope of its own, and a signed list of them.

``<station>-<installation>-<number>/part-0000.gpp`` holds the records, the later parts hold frames; ``packet.json`` is
written last. A part that is whole can be taken in alone, in any order: nothing in one part needs another to be read.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.packet.envelope_errors import envelope_error

PACKET_KIND = "packet"
PACKET_FORMAT = "gradphoto-packet/1"
MANIFEST = "packet.json"
PART_SUFFIX = ".gpp"
PART_BYTES = 48 * 1024 * 1024
"""How many bytes of frames go into one part: small enough to be copied again, to be held in memory, and for FAT32."""
_LENGTH_BYTES = 4
_CONTEXT = b"gradphoto-packet/1\0"
STATION_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{0,7}")


@dataclass(frozen=True, slots=True)
class PacketHead:
    """Whose packet this is. ``installation`` tells two laptops apart that were opened from the same kit."""

    kit_id: str
    station: str
    installation: str
    number: int
    made_at: str

    @property
    def folder(self) -> str:
        """The folder's name on the stick."""
        return f"{self.station}-{self.installation[:8]}-{self.number:04d}"


@dataclass(frozen=True, slots=True)
class PartEntry:
    """A part as the list names it."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PacketManifest:
    """The signed list of a finished packet. It names no person."""

    head: PacketHead
    parts: tuple[PartEntry, ...]
    counts: dict[str, int]

    def to_bytes(self, signer: Ed25519PrivateKey) -> bytes:
        """JSON with its signature."""
        body = {"format": PACKET_FORMAT, **asdict(self)}
        signature = base64.b64encode(signer.sign(_CONTEXT + _canonical(body))).decode()
        return json.dumps({"body": body, "signature": signature}, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes, signer: Ed25519PublicKey) -> PacketManifest:
        """Raises ``EnvelopeError`` ``packet.altered`` for what ``signer`` did not sign, ``packet.too_new``."""
        try:
            said = strict_json(data)
            body = said["body"]
            signer.verify(base64.b64decode(said["signature"]), _CONTEXT + _canonical(body))
            if body["format"] != PACKET_FORMAT:
                raise envelope_error("too_new")
            parts = tuple(PartEntry(**one) for one in body["parts"])
            return cls(PacketHead(**body["head"]), parts, {str(k): int(v) for k, v in body["counts"].items()})
        except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError) as error:
            raise envelope_error("altered") from error


def part_name(index: int) -> str:
    """``part-0000.gpp``: the records; the following ones hold frames."""
    return f"part-{index:04d}{PART_SUFFIX}"


def plan_parts(sizes: Sequence[tuple[str, int]], most_bytes: int = PART_BYTES) -> list[list[str]]:
    """Frames by SHA-256 in order, put together into parts of at most ``most_bytes`` (one frame may be larger alone)."""
    parts: list[list[str]] = []
    room = 0
    for sha256, size in sizes:
        if not parts or size > room:
            parts.append([])
            room = most_bytes
        parts[-1].append(sha256)
        room -= size
    return parts


def pack_blobs(blobs: Iterable[tuple[str, bytes]]) -> bytes:
    """Media type and bytes of some frames as the payload of one part."""
    index: list[tuple[str, int, str]] = []
    bodies = []
    for media_type, data in blobs:
        index.append((hashlib.sha256(data).hexdigest(), len(data), media_type))
        bodies.append(data)
    head = json.dumps(index, separators=(",", ":")).encode()
    return b"".join((len(head).to_bytes(_LENGTH_BYTES, "big"), head, *bodies))


def unpack_blobs(payload: bytes) -> Iterator[tuple[str, str, bytes]]:
    """SHA-256, media type and bytes of each frame, each proven against its hash. Raises ``packet.altered``."""
    start = _LENGTH_BYTES + int.from_bytes(payload[:_LENGTH_BYTES], "big")
    try:
        index = [(str(sha), int(size), str(kind)) for sha, size, kind in strict_json(payload[_LENGTH_BYTES:start])]
    except (ValueError, TypeError) as error:
        raise envelope_error("altered") from error
    for sha256, size, media_type in index:
        data = payload[start : start + size]
        start += size
        if hashlib.sha256(data).hexdigest() != sha256:
            raise envelope_error("altered")
        yield sha256, media_type, data


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
