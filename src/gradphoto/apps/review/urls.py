"""Addresses of the review; the site puts them under ``capture/review/``."""

from django.urls import path

from gradphoto.apps.review import views

app_name = "review"
urlpatterns = [
    path("", views.review, name="list"),
    path("frames/<int:pk>/", views.review_frame, name="frame"),
    path("frames/<int:pk>/decide/", views.review_decide, name="decide"),
    path("undo/", views.review_undo, name="undo"),
    path("accept-passed/", views.accept_passed, name="accept_passed"),
    path("statistics/", views.review_statistics, name="statistics"),
    path("campaigns/<int:pk>/reassess/", views.review_reassess, name="reassess"),
]
