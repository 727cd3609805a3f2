"""Addresses of the make-up app."""

from django.urls import path

from gradphoto.apps.makeup import lists
from gradphoto.apps.makeup.views import cases, closings, days, fee, missed, selfmade

app_name = "makeup"
urlpatterns = [
    path("", cases.case_list, name="list"),
    path("export/", lists.CASES.export, name="export"),
    path("new/", cases.new, name="new"),
    path("missed/<int:pk>/", missed.missed_of, name="missed"),
    path("missed/<int:pk>/poster/", missed.poster, name="poster"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/seat/", cases.seat, name="seat"),
    path("cases/<int:pk>/contact/", cases.show_contact, name="contact"),
    path("cases/<int:pk>/mailed/", cases.mailed, name="mailed"),
    path("scan/", cases.scan, name="scan"),
    path("recipients/", cases.recipients, name="recipients"),
    path("recipients/export/", lists.RECIPIENTS.export, name="recipients_export"),
    path("branches/", cases.branch_list, name="branches"),
    path("days/", days.days, name="days"),
    path("slots/<int:pk>/capacity/", days.capacity, name="capacity"),
    path("self-organised/", selfmade.collections, name="collections"),
    path("self-organised/export/", lists.COLLECTIONS.export, name="collections_export"),
    path("self-organised/<int:pk>/", selfmade.collection, name="collection"),
    path("self-organised/<int:pk>/known/", selfmade.known, name="collection_known"),
    path("self-organised/<int:pk>/upload/", selfmade.upload, name="collection_upload"),
    path("self-organised/<int:pk>/report/", selfmade.report, name="collection_report"),
    path("closings/", closings.closings, name="closings"),
    path("closings/export/", lists.CLOSINGS.export, name="closings_export"),
    path("closings/<int:pk>/", closings.closing, name="closing"),
    path("closings/<int:pk>/fee/", fee.fee, name="fee"),
    path("closings/<int:pk>/sheet/", closings.sheet, name="closing_sheet"),
]
