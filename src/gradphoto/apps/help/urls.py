"""Addresses of the manuals."""

from django.urls import path

from gradphoto.apps.help import views

app_name = "help"
urlpatterns = [
    path("", views.index, name="index"),
    path("<slug:name>/", views.manual, name="manual"),
]
