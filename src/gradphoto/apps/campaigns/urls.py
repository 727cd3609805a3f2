"""Addresses of the campaigns app."""

from django.urls import path

from gradphoto.apps.campaigns import views

app_name = "campaigns"
urlpatterns = [
    path("", views.campaign_list, name="list"),
    path("<int:pk>/", views.campaign_detail, name="detail"),
    path("<int:pk>/step/", views.take_step, name="step"),
]
