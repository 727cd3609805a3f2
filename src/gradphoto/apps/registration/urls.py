"""Addresses of the registration app."""

from django.urls import path

from gradphoto.apps.registration import adding_views, closing_views, correction_views, lists, views

app_name = "registration"
urlpatterns = [
    path("registration/reviews/", views.reviews, name="reviews"),
    path("registration/reviews/export/", lists.REVIEWS.export, name="export_reviews"),
    path("registration/reviews/<int:pk>/", views.review_detail, name="review"),
    path("registration/ledger/", views.ledger, name="ledger"),
    path("registration/ledger/export/", lists.LINES.export, name="export_lines"),
    path("registration/ledger/close/", closing_views.close_verification, name="close"),
    path("registration/ledger/<int:pk>/", correction_views.entry, name="entry"),
    path("registration/ledger/without-photo/", adding_views.without_photo, name="without_photo"),
    path("registration/ledger/without-photo/export/", lists.LACKING_LINES.export, name="export_lacking"),
    path("registration/ledger/additions/", adding_views.additions, name="additions"),
    path("registration/ledger/additions/export/", lists.ADDITIONS.export, name="export_additions"),
    path("registration/ledger/additions/<int:pk>/photo/", adding_views.addition_photo, name="addition_photo"),
    path("registration/corrections/", correction_views.corrections, name="corrections"),
    path("registration/corrections/export/", lists.CORRECTIONS.export, name="export_corrections"),
    path("registration/ledger/<int:pk>/photo/", views.entry_photo, name="entry_photo"),
]
