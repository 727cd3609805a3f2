"""Addresses of the capture room: its list of sessions, the screen and what is done on it."""

from django.urls import path

from gradphoto.apps.capture import afterwards, appearance_pages, lists, views
from gradphoto.apps.capture.room import board, confirming
from gradphoto.apps.capture.room import pages as room

app_name = "capture"
urlpatterns = [
    path("", views.session_list, name="list"),
    path("export/", lists.SESSIONS.export, name="export"),
    path("appearance/", appearance_pages.appearance, name="appearance"),
    path("appearance/export/", appearance_pages.appearance_export, name="appearance_export"),
    path("<int:pk>/", room.session_page, name="session"),
    path("<int:pk>/room/", board.room_board, name="board"),
    path("<int:pk>/step/", room.session_step, name="session_step"),
    path("<int:pk>/confirm/<slug:step>/", confirming.confirm_step, name="session_confirm"),
    path("<int:pk>/check-in/", room.check_in, name="check_in"),
    path("<int:pk>/undo/", room.undo, name="undo"),
    path("<int:pk>/notices/", room.clear_notices, name="clear_notices"),
    path("<int:pk>/clock.svg", room.clock_code, name="clock_code"),
    path("<int:pk>/scan/", views.scan, name="scan"),
    path("<int:pk>/frame/", room.upload_frame, name="upload_frame"),
    path("<int:pk>/afterwards/", afterwards.afterwards, name="afterwards"),
    path("<int:pk>/check/", views.check_list, name="check"),
    path("<int:pk>/missed/", views.missed_list, name="missed"),
    path("<int:pk>/missed/export/", views.missed_export, name="missed_export"),
    path("check-ins/<int:pk>/", room.check_in_step, name="check_in_step"),
    path("frames/<int:pk>/decide/", room.decide_frame, name="decide_frame"),
    path("frames/<int:pk>/choose/", room.choose_frame, name="choose_frame"),
    path("frames/<int:pk>/image/", views.frame_image, name="frame_image"),
    path("holds/<int:pk>/", room.decide_hold, name="decide_hold"),
    path("alarms/<int:pk>/", room.settle_alarm, name="settle_alarm"),
    path("people/<int:pk>/", views.person, name="person"),
]
