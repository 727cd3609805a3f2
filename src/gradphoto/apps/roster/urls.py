"""Addresses of the roster app for the staff."""

from django.urls import include, path

from gradphoto.apps.roster.views import corrections, imports, lists, persons, plan, signing

app_name = "roster"
urlpatterns = [
    path("", lists.candidate_list, name="list"),
    path("columns/", lists.choose_columns, name="columns"),
    path("advance/", lists.advance, name="advance"),
    path("bulk/<int:pk>/", lists.bulk_result, name="bulk"),
    path("bulk/<int:pk>/progress/", lists.bulk_progress, name="bulk_progress"),
    path("export/", lists.export, name="export"),
    path("progress/", plan.progress, name="progress"),
    path("milestones/", plan.set_milestone, name="set_milestone"),
    path("milestones/<int:pk>/drop/", plan.drop_milestone, name="drop_milestone"),
    path("add/", persons.add, name="add"),
    path("<int:pk>/", persons.candidate_detail, name="detail"),
    path("<int:pk>/cell/", lists.edit_cell, name="cell"),
    path("<int:pk>/step/", persons.take_step, name="step"),
    path("<int:pk>/correct/", persons.correct, name="correct"),
    path("<int:pk>/error/", persons.note_error, name="note_error"),
    path("<int:pk>/status-change/", persons.status_change, name="status_change"),
    path("<int:pk>/void-code/", persons.void_code, name="void_code"),
    path("<int:pk>/reveal/", persons.reveal, name="reveal"),
    path("cases/", corrections.case_list, name="cases"),
    path("cases/<int:pk>/", corrections.case_detail, name="case"),
    path("cases/<int:pk>/attach/", corrections.attach, name="attach_proof"),
    path("cases/<int:pk>/proof/", corrections.proof, name="proof"),
    path("cases/<int:pk>/show-proof/", corrections.show_proof, name="show_proof"),
    path("cases/<int:pk>/decide/", corrections.decide, name="decide_case"),
    path("slips/", signing.slips, name="slips"),
    path("tables/", signing.tables, name="tables"),
    path("tables/attach/", signing.attach_table, name="attach_table"),
    path("tables/<int:pk>/scan/", signing.table_scan, name="table_scan"),
    path("papers/", include("gradphoto.apps.roster.papers.urls")),
    path("imports/", imports.import_list, name="imports"),
    path("imports/confirm/", imports.confirm, name="confirm_channel"),
    path("imports/template/", imports.template, name="template"),
    path("imports/<int:pk>/", imports.import_detail, name="import"),
    path("imports/<int:pk>/columns/", imports.columns, name="mapping"),
    path("imports/<int:pk>/again/", imports.read_again, name="import_again"),
    path("imports/<int:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<int:pk>/fixes/", imports.fixes, name="import_fixes"),
    path("imports/<int:pk>/decide/", imports.decide, name="import_decide"),
    path("imports/<int:pk>/discard/", imports.discard, name="import_discard"),
    path("imports/<int:pk>/marked/", imports.marked_up, name="marked_up"),
]
