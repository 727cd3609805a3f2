"""Addresses of the centre's side of stations; the site puts them under ``capture/stations/``."""

from django.urls import path

from gradphoto.apps.stations import views
from gradphoto.apps.stations.lists import RECORDS

app_name = "stations"
urlpatterns = [
    path("", views.stations, name="list"),
    path("kits/", views.kit_new, name="kit_new"),
    path("kits/<int:pk>/file/", views.kit_file, name="kit_file"),
    path("kits/<int:pk>/receipt/", views.kit_receipt, name="kit_receipt"),
    path("records/", views.packet_records, name="packet_records"),
    path("records/export/", RECORDS.export, name="export_records"),
    path("conflicts/", views.conflict_list, name="conflict_list"),
    path("conflicts/<int:pk>/photo/", views.conflict_photo, name="conflict_photo"),
]
