"""Addresses of the pages about programs: tokens, one's own, the description of the interface."""

from django.urls import path

from gradphoto.apps.api import views, webhook_views
from gradphoto.apps.api.lists import TOKENS, WEBHOOKS

app_name = "api"
urlpatterns = [
    path("", views.tokens, name="tokens"),
    path("export/", TOKENS.export, name="export"),
    path("mine/", views.mine, name="mine"),
    path("webhooks/", webhook_views.webhooks, name="webhooks"),
    path("webhooks/export/", WEBHOOKS.export, name="webhooks_export"),
    path("webhooks/<int:pk>/", webhook_views.webhook, name="webhook"),
    path("description/", views.description, name="description"),
    path("openapi.json", views.openapi, name="openapi"),
]
