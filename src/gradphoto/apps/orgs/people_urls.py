"""Addresses of the administrator's pages: organisations, people and their roles."""

from django.urls import path

from gradphoto.apps.orgs import invitation_pages, people, unit_views

app_name = "people"
urlpatterns = [
    path("", people.people_list, name="list"),
    path("add/", people.add_person, name="add"),
    path("invite/", invitation_pages.invite_people, name="invite"),
    path("second-factor/", invitation_pages.second_factor_rules, name="second_factor"),
    path("organisations/", people.organisations, name="organisations"),
    path("organisations/<int:pk>/", unit_views.unit, name="unit"),
    path("import/<int:pk>/", unit_views.table, name="table"),
    path("import/<str:kind>/", unit_views.imports, name="imports"),
    path("import/<str:kind>/template/", unit_views.template, name="template"),
    path("<int:pk>/", people.person, name="person"),
    path("<int:pk>/switch/", people.switch, name="switch"),
    path("<int:pk>/second-factor/", people.remove_second_factor, name="remove_second_factor"),
    path("<int:pk>/grant/", people.grant, name="grant"),
    path("<int:pk>/withdraw/", people.withdraw, name="withdraw"),
]
