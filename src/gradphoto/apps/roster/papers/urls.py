"""Addresses of the papers, below ``/roster/papers/`` and in the roster's own name space."""

from django.urls import path

from gradphoto.apps.roster.papers import audit_views, views
from gradphoto.apps.roster.papers.lists import DOCUMENTS

urlpatterns = [
    path("", views.papers, name="papers"),
    path("export/", DOCUMENTS.export, name="documents_export"),
    path("in/", views.receipts, name="receipts"),
    path("bundles/<int:pk>/", views.bundle, name="bundle"),
    path("bundles/<int:pk>/progress/", views.bundle_progress, name="bundle_progress"),
    path("bundles/<int:pk>/file/", views.bundle_file, name="bundle_file"),
    path("find/", views.find_document, name="find_document"),
    path("d/<str:number>/", views.document, name="document"),
    path("scans/<int:pk>/", views.page_scan, name="page_scan"),
    path("admissions/", audit_views.admissions_list, name="admissions"),
    path("admissions/<int:pk>/", audit_views.admissions_result, name="admissions_result"),
    path("admissions/<int:pk>/progress/", audit_views.admissions_progress, name="admissions_progress"),
    path("admissions/<int:pk>/export/", audit_views.differences_export, name="differences_export"),
    path("cohort/", audit_views.cohort, name="cohort"),
    path("cohort/<int:pk>/drop/", audit_views.drop_cohort, name="drop_cohort"),
]
