"""Addresses of the centre's side of stations; the site puts them under ``capture/stations/``."""

from django.urls import path

from gradphoto.apps.stations import conflict_photo, views

app_name = "stations"
urlpatterns = [
    path("", views.stations, name="list"),
    path("kits/", views.kit_new, name="kit_new"),
    path("kits/<int:pk>/file/", views.kit_file, name="kit_file"),
    path("kits/<int:pk>/receipt/", views.kit_receipt, name="kit_receipt"),
    path("kits/<int:pk>/revoke/", views.kit_revoke, name="kit_revoke"),
    path("packets/", views.packet_upload, name="packet_upload"),
    path("records/", views.packet_records, name="packet_records"),
    path("conflicts/", views.conflict_list, name="conflict_list"),
    path("conflicts/<int:pk>/photo/", conflict_photo.conflict_photo, name="conflict_photo"),
    path("conflicts/<int:pk>/", views.conflict_decide, name="conflict_decide"),
]
