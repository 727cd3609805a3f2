"""The personal QR: a signed name of the case, with nothing of the person in it (C6)."""

from __future__ import annotations

import re

import segno
from django.core import signing

from gradphoto.apps.makeup.models import MakeUpCase

_SIGNER = signing.Signer(salt="gradphoto.makeup.personal", sep=".")
_PREFIX = "MU1"
_SHAPE = re.compile(r"(?:^|/)MU1-([0-9a-f]{16})\.[\w-]+/?$")


def personal_token(case: MakeUpCase) -> str:
    """What the QR holds and the station scans: ``MU1-<16 hex>.<signature>``; letters that an address may carry."""
    return _SIGNER.sign(f"{_PREFIX}-{case.key}")


def key_of(text: str) -> str | None:
    """The case's key in a scanned text (bare, or a link that ends in it); None unless we signed it ourselves."""
    try:
        prefix, _, key = _SIGNER.unsign(text.strip().rstrip("/").rsplit("/", 1)[-1]).partition("-")
    except signing.BadSignature:
        return None
    return key if prefix == _PREFIX else None


def said_key(text: str) -> str | None:
    """The key that a scanned text claims to hold, whoever signed it; None for a text that is no personal QR at all."""
    shape = _SHAPE.search(text.strip())
    return shape[1] if shape else None


def qr(text: str) -> str:
    """A QR code as an SVG data URI, for a page."""
    return str(segno.make(text, error="m").svg_data_uri(border=2))
