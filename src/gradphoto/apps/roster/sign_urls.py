"""Addresses of the student's own page."""

from django.urls import path

from gradphoto.apps.roster.views import own

app_name = "sign"
urlpatterns = [
    path("", own.enter, name="enter"),
    path("row/", own.row, name="row"),
    path("report/", own.report, name="report"),
    path("done/", own.done, name="done"),
    path("leave/", own.leave, name="leave"),
    path("<str:code>/", own.link, name="link"),
]
