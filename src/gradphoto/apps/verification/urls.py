"""Addresses of the verification app: the graduates' portal under /verify/, the staff's pages under /verification/."""

from django.urls import path

from gradphoto.apps.verification import lists, portal, proposal_views, views
from gradphoto.apps.verification.notices import receipt_views
from gradphoto.apps.verification.notices import views as notice_views

app_name = "verification"
urlpatterns = [
    path("verify/", portal.start, name="start"),
    path("verify/sign-in/", portal.sign_in, name="sign_in"),
    path("verify/not-yet/", portal.not_yet, name="not_yet"),
    path("verify/compare/", portal.compare, name="compare"),
    path("verify/confirm/", portal.confirm, name="confirm"),
    path("verify/correct/", portal.correct, name="correct"),
    path("verify/result/", portal.result, name="result"),
    path("verify/dispute/", portal.dispute, name="dispute"),
    path("verify/final/", portal.final, name="final"),
    path("verify/status/", portal.status, name="status"),
    path("verify/photo/", portal.photo, name="photo"),
    path("verify/sign-out/", portal.sign_out, name="sign_out"),
    path("verify/read/<str:token>/", receipt_views.read_notice, name="read_notice"),
    path("verify/receipts/", receipt_views.reports, name="receipts"),
    path("verification/", views.case_list, name="list"),
    path("verification/export/", lists.CASES.export, name="export"),
    path("verification/disputes/", views.disputes, name="disputes"),
    path("verification/disputes/export/", lists.DISPUTES.export, name="export_disputes"),
    path("verification/reminder/", views.reminder, name="reminder"),
    path("verification/notices/", notice_views.notices, name="notices"),
    path("verification/notices/export/", lists.NOTICES.export, name="export_notices"),
    path("verification/notices/<int:pk>/again/", notice_views.send_again, name="send_again"),
    path("verification/notices/<int:pk>/", notice_views.notice_round, name="notice_round"),
    path("verification/openings/<int:pk>/", proposal_views.opening, name="opening"),
    path("verification/early-ends/<int:pk>/", proposal_views.early_end, name="early_end"),
    path("verification/reopenings/<int:pk>/", proposal_views.reopening, name="reopening"),
    path("verification/<int:pk>/", views.case_detail, name="detail"),
    path("verification/<int:pk>/photo/", views.case_photo, name="case_photo"),
]
