"""Addresses of the pairing of a session; the site puts them under ``capture/sessions/``."""

from django.urls import path

from gradphoto.apps.pairing import views

app_name = "pairing"
urlpatterns = [
    path("<int:pk>/pairing/", views.pairing, name="board"),
    path("<int:pk>/pairing/apply/", views.apply, name="apply"),
    path("<int:pk>/pairing/faces/", views.compare, name="compare"),
    path("<int:pk>/pairing/keep/", views.keep, name="keep"),
    path("<int:pk>/pairing/rebind/", views.rebind, name="rebind"),
    path("<int:pk>/pairing/clock/", views.clock, name="clock"),
    path("<int:pk>/pairing/decide/", views.decide, name="decide"),
]
