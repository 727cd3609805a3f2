"""Addresses of the invited: the link of a slip or mail, and the page on which the password is set."""

from django.urls import path

from gradphoto.apps.orgs import invitation_pages

urlpatterns = [
    path("invitation/", invitation_pages.accept, name="account_invitation"),
    path("invitation/<str:key>/", invitation_pages.link, name="account_invitation_link"),
]
