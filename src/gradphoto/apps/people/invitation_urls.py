"""Addresses of the invited: the link of a slip or mail, and the page on which the password is set."""

from django.urls import path

from gradphoto.apps.people import invitation_views

urlpatterns = [
    path("invitation/", invitation_views.accept, name="account_invitation"),
    path("invitation/<str:key>/", invitation_views.link, name="account_invitation_link"),
]
