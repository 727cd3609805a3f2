"""A gateway that moves no money and speaks the format of docs/fees.md: for rehearsals, demonstrations and tests.

A notice is a POST with a JSON body ``{"notice_id", "order_id", "event", "amount_fen", "occurred_at"}`` and two headers:
``X-Test-Gateway-Time`` (Unix seconds) and ``X-Test-Gateway-Signature``, the hex HMAC-SHA256 over ``time + "." + body``.
Its orders lie as small files in a folder of their own, apart from the product's records, as a real gateway's would.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from gradphoto.apps.fees.gateway.protocol import (
    Event,
    GatewayError,
    Notice,
    OrderRequest,
    PlacedOrder,
    RefundDone,
    SeenOrder,
)
from gradphoto.engine.wording import Wording

TIME_HEADER = "X-Test-Gateway-Time"
SIGNATURE_HEADER = "X-Test-Gateway-Signature"
TOLERANCE_S = 600
"""How old a signed notice may be: a gateway that repeats itself later signs anew."""


class TrialGateway:
    """The gateway ``test``. ``pay``, ``close`` and ``refund`` return signed notices as they would come by the network."""

    __test__ = False  # not a test case, whatever its name begins with
    name = "test"
    moves_money = False

    def __init__(self, key: bytes, folder: Path) -> None:
        self._key = key
        self._folder = folder

    def create_order(self, request: OrderRequest) -> PlacedOrder:
        """See ``Gateway``."""
        path = self._path(request.order_id)
        if not path.exists():
            self._store(
                request.order_id,
                {"amount_fen": request.amount_fen, "paid_fen": 0, "refunds": {}, "closed": False,
                 "notify_url": request.notify_url},
            )  # fmt: skip
        return PlacedOrder(f"T{request.order_id.hex[:16].upper()}", f"testpay:{request.order_id}")

    def verify_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """See ``Gateway``. Codes: ``fees.notice_unsigned``, ``fees.notice_stale``, ``fees.notice_unreadable``."""
        at, given = headers.get(TIME_HEADER, ""), headers.get(SIGNATURE_HEADER, "")
        if not at.isascii() or not at.isdigit() or not hmac.compare_digest(self._sign(at, body), given):
            raise _error("fees.notice_unsigned", "通知签名不正确。", "The notice's signature is wrong.")
        if abs(time.time() - int(at)) > TOLERANCE_S:
            raise _error("fees.notice_stale", "通知时间过旧。", "The notice is too old.")
        try:
            told = json.loads(body)
            return Notice(
                str(told["notice_id"])[:80],
                UUID(told["order_id"]),
                Event(told["event"]),
                int(told["amount_fen"]),
                datetime.fromisoformat(told["occurred_at"]).astimezone(UTC),
            )
        except (ValueError, KeyError, TypeError) as error:
            raise _error("fees.notice_unreadable", "通知内容无法识别。", "The notice cannot be read.") from error

    def query(self, order_id: UUID) -> SeenOrder:
        """See ``Gateway``."""
        order = self._load(order_id)
        return SeenOrder(order_id, order["paid_fen"], sum(order["refunds"].values()), order["closed"])

    def refund(self, order_id: UUID, amount_fen: int, refund_id: str) -> RefundDone:
        """See ``Gateway``."""
        order = self._load(order_id)
        if refund_id not in order["refunds"]:
            if sum(order["refunds"].values()) + amount_fen > order["paid_fen"]:
                raise _error("fees.refund_too_much", "退款超过已付金额。", "That is more than was paid.")
            order["refunds"][refund_id] = amount_fen
            self._store(order_id, order)
        return RefundDone(order_id, order["refunds"][refund_id], refund_id)

    def pay(self, order_id: UUID, amount_fen: int | None = None) -> tuple[dict[str, str], bytes]:
        """Pretend that the payer paid; returns headers and body of the notice."""
        order = self._load(order_id)
        order["paid_fen"] = order["amount_fen"] if amount_fen is None else amount_fen
        self._store(order_id, order)
        return self.notice(order_id, Event.PAID, order["paid_fen"])

    def close(self, order_id: UUID) -> tuple[dict[str, str], bytes]:
        """Pretend that the time to pay ran out."""
        order = self._load(order_id)
        order["closed"] = True
        self._store(order_id, order)
        return self.notice(order_id, Event.CLOSED, 0)

    def notice(
        self, order_id: UUID, event: Event, amount_fen: int, notice_id: str = ""
    ) -> tuple[dict[str, str], bytes]:
        """A signed notice of any content."""
        told = {
            "notice_id": notice_id or uuid.uuid4().hex,
            "order_id": str(order_id),
            "event": str(event),
            "amount_fen": amount_fen,
            "occurred_at": datetime.now(UTC).isoformat(),
        }
        body, at = json.dumps(told, sort_keys=True).encode(), str(int(time.time()))
        return {TIME_HEADER: at, SIGNATURE_HEADER: self._sign(at, body)}, body

    def _sign(self, at: str, body: bytes) -> str:
        return hmac.new(self._key, at.encode() + b"." + body, hashlib.sha256).hexdigest()

    def _path(self, order_id: UUID) -> Path:
        return self._folder / f"{order_id}.json"

    def _load(self, order_id: UUID) -> dict[str, Any]:
        try:
            return dict(json.loads(self._path(order_id).read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise _error("fees.gateway_unknown_order", "网关没有这个订单。", "The gateway has no such order.") from None

    def _store(self, order_id: UUID, order: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._path(order_id).with_suffix(".new")
        fresh.write_text(json.dumps(order), encoding="utf-8")
        os.replace(fresh, self._path(order_id))


def _error(code: str, zh: str, en: str) -> GatewayError:
    return GatewayError(
        code,
        Wording(zh, en),
        Wording("不予入账；请与支付网关核对。", "Nothing was booked; check with the gateway."),
    )
