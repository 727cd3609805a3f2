"""Ways of being paid through somebody else: the protocol of a gateway and the one we ship, which moves no money."""

from gradphoto.apps.fees.gateway.protocol import (
    Event,
    Gateway,
    GatewayError,
    Notice,
    OrderRequest,
    PlacedOrder,
    RefundDone,
    SeenOrder,
)

__all__ = ["Event", "Gateway", "GatewayError", "Notice", "OrderRequest", "PlacedOrder", "RefundDone", "SeenOrder"]
