"""Addresses of the errata app."""

from django.urls import path

from gradphoto.apps.errata import draft_views, lists, paper_views, views

app_name = "errata"
urlpatterns = [
    path("", views.case_list, name="list"),
    path("export/", lists.CASES.export, name="export"),
    path("draft/", draft_views.draft, name="draft"),
    path("reports/<int:pk>/case/", draft_views.report_case, name="report_case"),
    path("disputes/", draft_views.disputes, name="disputes"),
    path("summary/", paper_views.summary, name="summary"),
    path("routes/", paper_views.routing_table, name="routes"),
    path("forms/", paper_views.form_list, name="forms"),
    path("forms/export/", lists.FORMS.export, name="forms_export"),
    path("forms/<int:pk>/", paper_views.form_detail, name="form"),
    path("forms/<int:pk>/paper/", paper_views.form_paper, name="form_paper"),
    path("forms/<int:pk>/scan/", paper_views.form_scan, name="form_scan"),
    path("<int:pk>/", views.case_detail, name="detail"),
    path("attachments/<int:pk>/", views.attachment, name="attachment"),
]
