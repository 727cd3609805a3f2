"""Addresses of the schedule app."""

from django.urls import path

from gradphoto.apps.schedule import views

app_name = "schedule"
urlpatterns = [
    path("", views.board, name="list"),
    path("make/", views.make, name="make"),
    path("export/", views.export, name="export"),
    path("slots/<int:pk>/", views.slot_detail, name="slot"),
]
