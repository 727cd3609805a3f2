"""Addresses of the fees app."""

app_name = "fees"
urlpatterns: list[object] = []
