"""Addresses of the staff's pages on self-photographs."""

from django.urls import path

from gradphoto.apps.selfphoto.views import staff

app_name = "selfphoto"
urlpatterns = [
    path("", staff.portraits, name="list"),
]
