"""Addresses of the registration app."""

from django.urls import path

from gradphoto.apps.registration import adding_views, closing_views, correction_views, views

app_name = "registration"
urlpatterns = [
    path("registration/reviews/", views.reviews, name="reviews"),
    path("registration/reviews/advance/", views.advance, name="advance"),
    path("registration/reviews/<int:pk>/", views.review_detail, name="review"),
    path("registration/reviews/<int:pk>/decide/", views.decide, name="decide"),
    path("registration/ledger/", views.ledger, name="ledger"),
    path("registration/ledger/close/", closing_views.close_verification, name="close"),
    path("registration/ledger/export/", views.export, name="export"),
    path("registration/ledger/<int:pk>/", correction_views.entry, name="entry"),
    path("registration/ledger/<int:pk>/propose/", correction_views.propose, name="propose"),
    path("registration/ledger/<int:pk>/photo/propose/", adding_views.propose_photo, name="propose_photo"),
    path("registration/ledger/without-photo/", adding_views.without_photo, name="without_photo"),
    path("registration/ledger/additions/", adding_views.additions, name="additions"),
    path("registration/ledger/additions/<int:pk>/decide/", adding_views.decide_photo, name="decide_photo"),
    path("registration/ledger/additions/<int:pk>/photo/", adding_views.addition_photo, name="addition_photo"),
    path("registration/corrections/", correction_views.corrections, name="corrections"),
    path("registration/corrections/<int:pk>/decide/", correction_views.decide, name="decide_correction"),
    path("registration/ledger/<int:pk>/photo/", views.entry_photo, name="entry_photo"),
]
