"""Where search forms are sent, so that no ID number that is typed stands in an address."""

from django.urls import path

from gradphoto.apps.pages import views

app_name = "search"
urlpatterns = [path("", views.ask, name="ask")]
