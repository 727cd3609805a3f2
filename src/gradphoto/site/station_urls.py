"""The addresses of a station: sign-in by PIN, the room, handing over, and the jobs behind it.

Photographs are reviewed and packets taken in at the centre only.
"""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

urlpatterns = [
    path("", include(([path("", RedirectView.as_view(pattern_name="capture:list"), name="home")], "desk"))),
    path("station/", include("gradphoto.apps.stations.station_urls")),
    path("accounts/logout/", LogoutView.as_view(next_page="station:sign_in"), name="account_logout"),
    path("capture/", include("gradphoto.apps.capture.urls")),
    path("capture/sessions/", include("gradphoto.apps.pairing.urls")),
    path("", include("gradphoto.apps.desk.operations_urls")),
    path("help/", include("gradphoto.apps.help.urls")),
    path("search/", include("gradphoto.apps.pages.search_urls")),
    path("language/", set_language, name="set_language"),
]

handler400 = "gradphoto.apps.core.error_pages.bad_request"
handler403 = "gradphoto.apps.core.error_pages.permission_denied"
handler404 = "gradphoto.apps.core.error_pages.page_not_found"
handler500 = "gradphoto.apps.core.error_pages.server_error"
