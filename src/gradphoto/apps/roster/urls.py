"""Addresses of the roster app for the staff."""

from django.urls import include, path

from gradphoto.apps.roster.lists import CANDIDATES, CASES
from gradphoto.apps.roster.papers.lists import SIGNED_TABLES
from gradphoto.apps.roster.views import approval, corrections, imports, lists, persons, plan, signing

app_name = "roster"
urlpatterns = [
    path("", lists.candidate_list, name="list"),
    path("by-number/", lists.find_by_number, name="find_by_number"),
    path("bulk/<int:pk>/", lists.bulk_result, name="bulk"),
    path("bulk/<int:pk>/progress/", lists.bulk_progress, name="bulk_progress"),
    path("bulk/<int:pk>/export/", lists.bulk_export, name="bulk_export"),
    path("export/", CANDIDATES.export, name="export"),
    path("progress/", plan.progress, name="progress"),
    path("milestones/<int:pk>/drop/", plan.drop_milestone, name="drop_milestone"),
    path("add/", persons.add, name="add"),
    path("<int:pk>/", persons.candidate_detail, name="detail"),
    path("<int:pk>/cell/", lists.edit_cell, name="cell"),
    path("cases/export/", CASES.export, name="cases_export"),
    path("cases/", corrections.case_list, name="cases"),
    path("cases/<int:pk>/", corrections.case_detail, name="case"),
    path("cases/<int:pk>/proof/", corrections.proof, name="proof"),
    path("approval/", approval.approval, name="approval"),
    path("approval/<int:pk>/scan/", approval.approval_scan, name="approval_scan"),
    path("slips/", signing.slips, name="slips"),
    path("tables/", signing.tables, name="tables"),
    path("tables/export/", SIGNED_TABLES.export, name="tables_export"),
    path("tables/attach/", signing.attach_table, name="attach_table"),
    path("tables/<int:pk>/scan/", signing.table_scan, name="table_scan"),
    path("papers/", include("gradphoto.apps.roster.papers.urls")),
    path("imports/", imports.import_list, name="imports"),
    path("imports/template/", imports.template, name="template"),
    path("imports/<int:pk>/", imports.import_detail, name="import"),
    path("imports/<int:pk>/columns/", imports.columns, name="mapping"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/export/", imports.import_export, name="import_export"),
    path("imports/<int:pk>/marked/", imports.marked_up, name="marked_up"),
]
