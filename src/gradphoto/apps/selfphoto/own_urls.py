"""Addresses of a person's own photograph."""

from django.urls import path

from gradphoto.apps.selfphoto.views import own, pictures, uploading

app_name = "myphoto"
urlpatterns = [
    path("", own.enter, name="enter"),
    path("mine/", own.mine, name="mine"),
    path("consent/", own.consent, name="consent"),
    path("consent/withdraw/", own.withdraw_consent, name="withdraw_consent"),
    path("camera/", own.camera, name="camera"),
    path("upload/", uploading.upload_form, name="upload_form"),
    path("uploads/", uploading.uploads, name="uploads"),
    path("uploads/<uuid:pk>/", uploading.upload, name="upload"),
    path("uploads/<uuid:pk>/finish/", uploading.finish_upload, name="finish_upload"),
    path("tries/<uuid:pk>/", own.one_try, name="try"),
    path("tries/<uuid:pk>/judgement/", uploading.judgement, name="judgement"),
    path("tries/<uuid:pk>/picture/", pictures.picture, name="picture"),
    path("tries/<uuid:pk>/portrait/", pictures.portrait, name="portrait"),
    path("tries/<uuid:pk>/submit/", own.submit, name="submit"),
    path("withdraw/", own.withdraw, name="withdraw"),
    path("leave/", own.leave, name="leave"),
    path("l/<str:code>/", own.link, name="link"),
]
