"""Addresses of the pairing of a session; the site puts them under ``capture/sessions/``."""

from django.urls import path

from gradphoto.apps.pairing import face_pages, views

app_name = "pairing"
urlpatterns = [
    path("<int:pk>/pairing/", views.pairing, name="board"),
    path("<int:pk>/pairing/faces/", views.compare, name="compare"),
    path("faces/<int:pk>/on-file/", face_pages.on_file, name="face_on_file"),
]
