"""Addresses of the make-up app."""

from django.urls import path

from gradphoto.apps.makeup.views import cases, days

app_name = "makeup"
urlpatterns = [
    path("", cases.case_list, name="list"),
    path("approve/", cases.approve_many, name="approve_many"),
    path("slips/", cases.slips, name="slips"),
    path("expire/", cases.expire, name="expire"),
    path("new/", cases.new, name="new"),
    path("missed/<int:pk>/", cases.missed_of, name="missed"),
    path("cases/<int:pk>/", cases.case_page, name="case"),
    path("cases/<int:pk>/step/", cases.step, name="step"),
    path("cases/<int:pk>/seat/", cases.seat, name="seat"),
    path("cases/<int:pk>/contact/", cases.show_contact, name="contact"),
    path("scan/", cases.scan, name="scan"),
    path("recipients/", cases.recipients, name="recipients"),
    path("branches/", cases.branch_list, name="branches"),
    path("days/", days.days, name="days"),
    path("days/publish/", days.publish, name="publish"),
    path("slots/<int:pk>/capacity/", days.capacity, name="capacity"),
]
