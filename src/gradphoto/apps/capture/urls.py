"""Addresses of the capture app."""

from django.urls import path

from gradphoto.apps.capture import views

app_name = "capture"
urlpatterns = [
    path("", views.session_list, name="list"),
    path("<int:pk>/", views.session_page, name="session"),
    path("<int:pk>/step/", views.session_step, name="session_step"),
    path("<int:pk>/check-in/", views.check_in, name="check_in"),
    path("<int:pk>/frame/", views.upload_frame, name="upload_frame"),
    path("<int:pk>/check/", views.check_list, name="check"),
    path("<int:pk>/missed/", views.missed_list, name="missed"),
    path("check-ins/<int:pk>/", views.check_in_step, name="check_in_step"),
    path("frames/<int:pk>/decide/", views.decide_frame, name="decide_frame"),
    path("frames/<int:pk>/image/", views.frame_image, name="frame_image"),
    path("holds/<int:pk>/", views.decide_hold, name="decide_hold"),
    path("alarms/<int:pk>/", views.settle_alarm, name="settle_alarm"),
]
