"""Addresses of the delivery app."""

from django.urls import path

from gradphoto.apps.delivery import check_views, college_views, lists, papers, views

app_name = "delivery"
urlpatterns = [
    path("", views.package_list, name="list"),
    path("export/", lists.PACKAGES.export, name="export"),
    path("college/", college_views.progress, name="college"),
    path("college/<int:pk>/class/", college_views.one_class, name="college_class"),
    path("college/<int:pk>/hand-out/", college_views.hand_out, name="hand_out"),
    path("portraits/", views.portraits, name="portraits"),
    path("campaigns/<int:pk>/make/", views.make, name="make"),
    path("campaigns/<int:pk>/build/", views.build, name="build"),
    path("photographs/export/", lists.PHOTOGRAPHS.export, name="export_photographs"),
    path("reports/export/", lists.REPORTS.export, name="export_reports"),
    path("<int:pk>/", views.package_detail, name="package"),
    path("<int:pk>/download/", views.download, name="download"),
    path("<int:pk>/cards/", papers.cards, name="cards"),
    path("<int:pk>/cards/print/", papers.print_cards, name="print_cards"),
    path("<int:pk>/protocol/", papers.protocol, name="protocol"),
    path("<int:pk>/check/", check_views.check, name="check"),
    path("<int:pk>/check/mark/", check_views.mark, name="mark"),
    path("<int:pk>/check/class/", check_views.check_class, name="check_class"),
    path("<int:pk>/reports/", check_views.reports, name="reports"),
    path("portraits/<int:pk>/image/", views.portrait_image, name="portrait_image"),
]
