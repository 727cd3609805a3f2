"""Addresses of the delivery app."""

from django.urls import URLPattern

app_name = "delivery"
urlpatterns: list[URLPattern] = []
