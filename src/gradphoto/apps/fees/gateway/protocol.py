"""What the house asks of a payment gateway: four calls and one notice, with nothing personal in any of them.

An adapter for a real gateway (a bank, WeChat Pay, Alipay, a province's own) is a class with these methods and the keys
that its contract gives; none ships with the product. See docs/fees.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from gradphoto.engine.errors import GradPhotoError


class GatewayError(GradPhotoError):
    """The gateway, or whoever pretends to be it, said something that is not acted on."""


class Event(StrEnum):
    PAID = "paid"
    REFUNDED = "refunded"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What is to be paid. ``order_id`` is ours and random; ``subject`` names the thing, never the person."""

    order_id: UUID
    amount_fen: int
    subject: str
    notify_url: str


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """The gateway's own number of the order, and the address that the payer opens (shown as a QR code)."""

    reference: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified notice. ``notice_id`` is the gateway's and makes repeats known; ``occurred_at`` has a time zone."""

    notice_id: str
    order_id: UUID
    event: Event
    amount_fen: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class SeenOrder:
    """The state of an order as the gateway knows it: for asking when a notice does not come."""

    order_id: UUID
    paid_fen: int
    refunded_fen: int
    closed: bool


@dataclass(frozen=True, slots=True)
class RefundDone:
    """A refund that the gateway accepted."""

    order_id: UUID
    amount_fen: int
    reference: str


class Gateway(Protocol):
    """One gateway. ``name`` is its key in a campaign's rules; ``moves_money`` is False for a test gateway."""

    name: str
    moves_money: bool

    def create_order(self, request: OrderRequest) -> PlacedOrder:
        """Place an order; placing the same ``order_id`` again returns the same order."""

    def verify_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """The notice, if its signature is right; raises :class:`GatewayError` otherwise, before anything is read."""

    def query(self, order_id: UUID) -> SeenOrder:
        """Ask for an order's state; raises :class:`GatewayError` for an unknown one."""

    def refund(self, order_id: UUID, amount_fen: int, refund_id: str) -> RefundDone:
        """Pay back; the same ``refund_id`` again changes nothing. Raises :class:`GatewayError` beyond what was paid."""
