"""Lifecycle C3 of a batch, from production to the school's check (R153-R155)."""

from gradphoto.apps.core.lifecycle import Lifecycle
from gradphoto.apps.delivery.models import DeliveryReport, Package
from gradphoto.apps.delivery.models import PackageStatus as S
from gradphoto.apps.delivery.models import ReportStatus as R

PACKAGE = Lifecycle(
    Package,
    {
        S.MAKING: {"delivery.finish_package": S.READY},
        S.READY: {"delivery.deliver_package": S.DELIVERED},
        S.DELIVERED: {"delivery.check_package": S.CHECKED},
    },
)

REPORT = Lifecycle(
    DeliveryReport, {R.OPEN: {"delivery.settle_report": R.SETTLED, "delivery.withdraw_report": R.WITHDRAWN}}
)
