"""Addresses that only a station has."""

from django.urls import path

from gradphoto.apps.stations import station_pages

app_name = "station"
urlpatterns = [
    path("sign-in/", station_pages.sign_in, name="sign_in"),
    path("hand-over/", station_pages.hand_over, name="hand_over"),
]
