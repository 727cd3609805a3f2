"""Addresses of the administrator's pages: organisations, people and their roles."""

from django.urls import path

from gradphoto.apps.people import unit_views, views
from gradphoto.apps.people.lists import PEOPLE, UNITS

app_name = "people"
urlpatterns = [
    path("", views.people_list, name="list"),
    path("export/", PEOPLE.export, name="export"),
    path("second-factor/", views.second_factor_rules, name="second_factor"),
    path("organisations/", unit_views.organisations, name="organisations"),
    path("organisations/export/", UNITS.export, name="organisations_export"),
    path("organisations/<int:pk>/", unit_views.unit, name="unit"),
    path("import/<int:pk>/", unit_views.table, name="table"),
    path("import/<str:kind>/", unit_views.imports, name="imports"),
    path("import/<str:kind>/export/", unit_views.tables_export, name="tables_export"),
    path("import/<str:kind>/template/", unit_views.template, name="template"),
    path("<int:pk>/", views.person, name="person"),
]
