"""The money side of a campaign: prices, what is owed and paid, who holds the money, what proves it, what is closed."""

from gradphoto.apps.fees.models.closing import DayClosing, SeasonClosing
from gradphoto.apps.fees.models.handing import (
    HandIn,
    HandInItem,
    HandInStatus,
    Means,
    Receipt,
    ReceiptBook,
    ReceiptCancellation,
)
from gradphoto.apps.fees.models.ledger import (
    PAID,
    TILLS,
    Account,
    AccountKind,
    Charge,
    ChargeStatus,
    Collection,
    Entry,
    EntryKind,
    WaiveGround,
)
from gradphoto.apps.fees.models.outside import (
    BankImport,
    BankImportStatus,
    BankRow,
    GatewayNotice,
    NoticeOutcome,
    OnlineOrder,
    OrderStatus,
    RowOutcome,
)
from gradphoto.apps.fees.models.prices import Channel, Item, Price
from gradphoto.apps.fees.models.refunds import Refund, RefundItem, RefundStatus

__all__ = [
    "PAID", "TILLS", "Account", "AccountKind", "BankImport", "BankImportStatus", "BankRow", "Channel", "Charge",
    "ChargeStatus", "Collection", "DayClosing", "Entry", "EntryKind", "GatewayNotice", "HandIn", "HandInItem",
    "HandInStatus", "Item", "Means", "NoticeOutcome", "OnlineOrder", "OrderStatus", "Price", "Receipt", "ReceiptBook",
    "ReceiptCancellation", "Refund", "RefundItem", "RefundStatus", "RowOutcome", "SeasonClosing", "WaiveGround",
]  # fmt: skip
