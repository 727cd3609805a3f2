"""A receipt: what the centre signs for, so that a laptop knows which of its frames are safe. It names no person."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gradphoto.engine.bounded.strict_json import strict_json
from gradphoto.engine.packet.envelope_errors import envelope_error

RECEIPT_FORMAT = "gradphoto-receipt/1"
RECEIPT_SUFFIX = ".gpreceipt"
_CONTEXT = b"gradphoto receipt\0"


@dataclass(frozen=True, slots=True)
class Receipt:
    """For one laptop: ``frames`` by SHA-256 and ``check_ins`` by nonce; ``counts`` of records by what became of them.

    A frame stands here only when its bytes lie in the centre's store *and* its record is taken in.
    """

    kit_id: str
    station: str
    installation: str
    made_at: str
    packets: tuple[int, ...]
    counts: dict[str, int]
    frames: tuple[str, ...]
    check_ins: tuple[str, ...]
    audit_code: str = ""
    consents_ended: tuple[str, ...] = ()
    """The laptop's consents to comparing faces that do not stand at the centre, by the key they travel under."""

    def to_bytes(self, signer: Ed25519PrivateKey) -> bytes:
        """JSON with its signature."""
        body = {"format": RECEIPT_FORMAT, **asdict(self)}
        if not self.consents_ended:
            del body["consents_ended"]  # a laptop of an earlier version knows no such line and reads the receipt
        signature = base64.b64encode(signer.sign(_CONTEXT + _canonical(body))).decode()
        return json.dumps({"body": body, "signature": signature}, ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes, signer: Ed25519PublicKey) -> Receipt:
        """Raises ``EnvelopeError`` ``packet.altered`` for what ``signer`` did not sign, ``packet.too_new``, and
        ``packet.not_a_receipt`` for another file."""
        try:
            said = strict_json(data)
            body = said["body"]
            if not str(body["format"]).startswith("gradphoto-receipt/"):
                raise envelope_error("not_a_receipt")
        except (ValueError, KeyError, TypeError) as error:
            raise envelope_error("not_a_receipt") from error
        try:
            signer.verify(base64.b64decode(said["signature"]), _CONTEXT + _canonical(body))
            if body.pop("format") != RECEIPT_FORMAT:
                raise envelope_error("too_new")
            lists: dict[str, Any] = {name: tuple(body.pop(name)) for name in ("packets", "frames", "check_ins")}
            lists["consents_ended"] = tuple(map(str, body.pop("consents_ended", ())))
            return cls(**body, **lists)
        except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError) as error:
            raise envelope_error("altered") from error


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
