"""Addresses of the core app."""

from django.urls import URLPattern

app_name = "core"
urlpatterns: list[URLPattern] = []
