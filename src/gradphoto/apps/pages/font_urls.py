"""Addresses of the fonts' pages."""

from django.urls import path

from gradphoto.apps.pages import font_pages

app_name = "fonts"
urlpatterns = [
    path("", font_pages.font_list, name="list"),
    path("<int:pk>/", font_pages.font_detail, name="detail"),
]
