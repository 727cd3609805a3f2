"""Addresses of the roster app."""

from django.urls import path

from gradphoto.apps.roster import views

app_name = "roster"
urlpatterns = [
    path("", views.candidate_list, name="list"),
    path("advance/", views.advance, name="advance"),
    path("export/", views.export, name="export"),
    path("<int:pk>/", views.candidate_detail, name="detail"),
    path("<int:pk>/step/", views.take_step, name="step"),
    path("<int:pk>/correct/", views.correct, name="correct"),
    path("<int:pk>/reveal/", views.reveal, name="reveal"),
    path("imports/", views.import_list, name="imports"),
    path("imports/template/", views.template, name="template"),
    path("imports/<int:pk>/", views.import_detail, name="import"),
    path("imports/<int:pk>/marked/", views.marked_up, name="marked_up"),
]
