"""Addresses of the delivery app."""

from django.urls import path

from gradphoto.apps.delivery import views

app_name = "delivery"
urlpatterns = [
    path("", views.package_list, name="list"),
    path("portraits/", views.portraits, name="portraits"),
    path("campaigns/<int:pk>/make/", views.make, name="make"),
    path("campaigns/<int:pk>/build/", views.build, name="build"),
    path("<int:pk>/", views.package_detail, name="package"),
    path("<int:pk>/step/", views.package_step, name="step"),
    path("<int:pk>/download/", views.download, name="download"),
    path("<int:pk>/cards/", views.cards, name="cards"),
    path("portraits/<int:pk>/image/", views.portrait_image, name="portrait_image"),
]
