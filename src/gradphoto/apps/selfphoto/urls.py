"""Addresses of the staff's pages on self-photographs."""

from django.urls import path

from gradphoto.apps.selfphoto import lists
from gradphoto.apps.selfphoto.views import staff

app_name = "selfphoto"
urlpatterns = [
    path("", staff.people, name="list"),
    path("export/", lists.PEOPLE.export, name="export"),
    path("<int:pk>/", staff.person, name="person"),
    path("references/", staff.references, name="references"),
    path("references/<int:pk>/", staff.reference, name="reference"),
]
