"""Addresses of the desk."""

from django.urls import path

from gradphoto.apps.desk import begin_views, dashboard_views, views
from gradphoto.apps.desk.lists import PEOPLE

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("todo/", views.todo, name="todo"),
    path("guide/", views.guide, name="guide"),
    path("begin/campaign/", begin_views.begin_campaign, name="begin_campaign"),
    path("dashboard/", dashboard_views.overview, name="dashboard"),
    path("dashboard/people/", dashboard_views.people, name="people"),
    path("dashboard/people/export/", PEOPLE.export, name="people_export"),
]
