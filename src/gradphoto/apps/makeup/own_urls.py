"""Addresses of the student's make-up page."""

from django.urls import path

from gradphoto.apps.makeup.views import own

app_name = "makeupform"
urlpatterns = [
    path("", own.enter, name="enter"),
    path("mine/", own.mine, name="mine"),
    path("book/", own.book, name="book"),
    path("release/", own.release, name="release"),
    path("wait/", own.wait, name="wait"),
    path("leave/", own.leave, name="leave"),
    path("<str:code>/", own.link, name="link"),
]
