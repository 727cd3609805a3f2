"""Addresses of one's own exports."""

from django.urls import path

from gradphoto.apps.pages import views

app_name = "pages"
urlpatterns = [
    path("", views.export_list, name="exports"),
    path("<int:pk>/", views.export_detail, name="export"),
    path("<int:pk>/file/", views.export_file, name="export_file"),
    path("<int:pk>/cancel/", views.cancel_export, name="cancel_export"),
]
