"""Addresses of the papers, below ``/roster/papers/`` and in the roster's own name space."""

from django.urls import path

from gradphoto.apps.roster.papers import audit_views, receipt_views, views

urlpatterns = [
    path("", views.papers, name="papers"),
    path("in/", receipt_views.receipts, name="receipts"),
    path("make/", views.make, name="make_paper"),
    path("case/<int:pk>/", views.case_form, name="case_form"),
    path("all/", views.print_all, name="print_all"),
    path("bundles/<int:pk>/", views.bundle, name="bundle"),
    path("bundles/<int:pk>/progress/", views.bundle_progress, name="bundle_progress"),
    path("bundles/<int:pk>/file/", views.bundle_file, name="bundle_file"),
    path("find/", views.find_document, name="find_document"),
    path("d/<str:number>/", views.document, name="document"),
    path("d/<str:number>/attach/", views.attach_page, name="attach_page"),
    path("scans/<int:pk>/", views.page_scan, name="page_scan"),
    path("admissions/", audit_views.admissions_list, name="admissions"),
    path("admissions/<int:pk>/", audit_views.admissions_result, name="admissions_result"),
    path("admissions/<int:pk>/progress/", audit_views.admissions_progress, name="admissions_progress"),
    path("admissions/<int:pk>/cases/", audit_views.admissions_cases, name="admissions_cases"),
    path("cohort/", audit_views.cohort, name="cohort"),
    path("cohort/<int:pk>/drop/", audit_views.drop_cohort, name="drop_cohort"),
]
