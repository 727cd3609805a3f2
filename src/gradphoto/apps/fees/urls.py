"""Addresses of the fees app."""

from django.urls import path

from gradphoto.apps.fees.views import (
    closing,
    counter,
    handing,
    outside,
    overview,
    prices,
    receipts,
    refunds,
    shooting_lists,
)

app_name = "fees"
urlpatterns = [
    path("", overview.overview, name="list"),
    path("reconcile/", overview.reconciliation, name="reconcile"),
    path("reconcile/export/", overview.reconciliation_export, name="reconcile_export"),
    path("shooting-list/", shooting_lists.shooting_list, name="shooting_list"),
    path("shooting-lists/", shooting_lists.shooting_lists, name="shooting_lists"),
    path("counter/", counter.counter, name="counter"),
    path("student/<int:pk>/", counter.student, name="student"),
    path("student/<int:pk>/order/", outside.open_order, name="open_order"),
    path("bulk/", counter.bulk, name="bulk"),
    path("collections/<int:pk>/", receipts.collection, name="collection"),
    path("collections/<int:pk>/receipt/", receipts.issue, name="issue"),
    path("hand-ins/", handing.hand_ins, name="hand_ins"),
    path("hand-ins/export/", handing.hand_ins_export, name="hand_ins_export"),
    path("hand-ins/new/", handing.new_hand_in, name="new_hand_in"),
    path("hand-ins/<int:pk>/", handing.hand_in, name="hand_in"),
    path("hand-ins/<int:pk>/paper/", handing.hand_in_paper, name="hand_in_paper"),
    path("receipts/", receipts.receipt_list, name="receipts"),
    path("receipts/export/", receipts.receipt_export, name="receipt_export"),
    path("receipts/<int:pk>/", receipts.receipt, name="receipt"),
    path("receipts/<int:pk>/pdf/", receipts.receipt_pdf, name="receipt_pdf"),
    path("refunds/", refunds.refunds, name="refunds"),
    path("refunds/export/", refunds.refunds_export, name="refunds_export"),
    path("refunds/<int:pk>/", refunds.refund, name="refund"),
    path("my-day/", closing.my_day, name="my_day"),
    path("seasons/", closing.seasons, name="seasons"),
    path("journal/", closing.journal, name="journal"),
    path("prices/", prices.price_list, name="prices"),
    path("outside/", outside.outside, name="outside"),
    path("outside/orders/export/", outside.orders_export, name="orders_export"),
    path("outside/statements/<int:pk>/", outside.statement, name="statement"),
    path("outside/statements/<int:pk>/report/", outside.statement_report, name="statement_report"),
    path("orders/<int:pk>/", outside.order, name="order"),
    path("orders/<int:pk>/ask/", outside.ask_gateway, name="ask_gateway"),
    path("orders/<int:pk>/rehearse/", outside.rehearse_payment, name="rehearse_payment"),
    path("gateway/<str:name>/notify/", outside.notify, name="notify"),
]
