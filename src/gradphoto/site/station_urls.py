"""The addresses of a station: sign-in by PIN, the room, handing over, and the jobs behind it."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from gradphoto.apps.capture import urls as capture
from gradphoto.apps.capture.packets import station_urls

_AT_THE_CENTRE = ("review", "kit", "packet", "conflict", "station")
"""What is decided at the centre only: photographs are reviewed and packets taken in there."""

room = [one for one in capture.urlpatterns if not (one.name or "").startswith(_AT_THE_CENTRE)]

urlpatterns = [
    path("", include(([path("", RedirectView.as_view(pattern_name="capture:list"), name="home")], "desk"))),
    path("station/", include(station_urls)),
    path("accounts/logout/", LogoutView.as_view(next_page="station:sign_in"), name="account_logout"),
    path("capture/", include((room, "capture"))),
    path("", include("gradphoto.apps.desk.operations_urls")),
    path("language/", set_language, name="set_language"),
]

handler400 = "gradphoto.apps.core.error_pages.bad_request"
handler403 = "gradphoto.apps.core.error_pages.permission_denied"
handler404 = "gradphoto.apps.core.error_pages.page_not_found"
handler500 = "gradphoto.apps.core.error_pages.server_error"
