"""Addresses of the capture app."""

from django.urls import path

from gradphoto.apps.capture import afterwards, scan, views
from gradphoto.apps.capture.packets import views as packets
from gradphoto.apps.capture.repair import views as repair
from gradphoto.apps.capture.review import views as review
from gradphoto.apps.capture.room import confirming
from gradphoto.apps.capture.room import pages as room

app_name = "capture"
urlpatterns = [
    path("", views.session_list, name="list"),
    path("<int:pk>/", room.session_page, name="session"),
    path("<int:pk>/step/", room.session_step, name="session_step"),
    path("<int:pk>/confirm/<slug:step>/", confirming.confirm_step, name="session_confirm"),
    path("<int:pk>/check-in/", room.check_in, name="check_in"),
    path("<int:pk>/undo/", room.undo, name="undo"),
    path("<int:pk>/notices/", room.clear_notices, name="clear_notices"),
    path("<int:pk>/clock.svg", room.clock_code, name="clock_code"),
    path("<int:pk>/scan/", scan.scan, name="scan"),
    path("<int:pk>/frame/", room.upload_frame, name="upload_frame"),
    path("<int:pk>/afterwards/", afterwards.afterwards, name="afterwards"),
    path("<int:pk>/check/", views.check_list, name="check"),
    path("<int:pk>/missed/", views.missed_list, name="missed"),
    path("check-ins/<int:pk>/", room.check_in_step, name="check_in_step"),
    path("frames/<int:pk>/decide/", room.decide_frame, name="decide_frame"),
    path("frames/<int:pk>/choose/", room.choose_frame, name="choose_frame"),
    path("frames/<int:pk>/image/", views.frame_image, name="frame_image"),
    path("holds/<int:pk>/", room.decide_hold, name="decide_hold"),
    path("alarms/<int:pk>/", room.settle_alarm, name="settle_alarm"),
    path("people/<int:pk>/", views.person, name="person"),
    path("sessions/<int:pk>/pairing/", repair.pairing, name="pairing"),
    path("sessions/<int:pk>/pairing/apply/", repair.apply, name="pairing_apply"),
    path("sessions/<int:pk>/pairing/rebind/", repair.rebind, name="pairing_rebind"),
    path("sessions/<int:pk>/pairing/clock/", repair.clock, name="pairing_clock"),
    path("sessions/<int:pk>/pairing/decide/", repair.decide, name="pairing_decide"),
    path("stations/", packets.stations, name="stations"),
    path("stations/kits/", packets.kit_new, name="kit_new"),
    path("stations/kits/<int:pk>/file/", packets.kit_file, name="kit_file"),
    path("stations/kits/<int:pk>/receipt/", packets.kit_receipt, name="kit_receipt"),
    path("stations/kits/<int:pk>/revoke/", packets.kit_revoke, name="kit_revoke"),
    path("stations/packets/", packets.packet_upload, name="packet_upload"),
    path("stations/records/", packets.packet_records, name="packet_records"),
    path("stations/conflicts/", packets.conflict_list, name="conflict_list"),
    path("stations/conflicts/<int:pk>/", packets.conflict_decide, name="conflict_decide"),
    path("review/", review.review, name="review"),
    path("review/frames/<int:pk>/", review.review_frame, name="review_frame"),
    path("review/frames/<int:pk>/decide/", review.review_decide, name="review_decide"),
    path("review/undo/", review.review_undo, name="review_undo"),
    path("review/accept-passed/", review.accept_passed, name="review_accept_passed"),
    path("review/statistics/", review.review_statistics, name="review_statistics"),
    path("review/campaigns/<int:pk>/reassess/", review.review_reassess, name="review_reassess"),
]
