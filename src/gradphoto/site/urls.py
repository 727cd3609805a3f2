"""The addresses of the site, app by app in the order of the journey."""

from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    path("", include("gradphoto.apps.desk.urls")),
    path("", include("gradphoto.apps.desk.operations_urls")),
    path("help/", include("gradphoto.apps.help.urls")),
    path("accounts/", include("gradphoto.apps.access.urls")),
    path("accounts/", include("gradphoto.apps.people.invitation_urls")),
    path("people/", include("gradphoto.apps.people.urls")),
    path("exports/", include("gradphoto.apps.pages.urls")),
    path("search/", include("gradphoto.apps.pages.search_urls")),
    path("fonts/", include("gradphoto.apps.pages.font_urls")),
    path("campaigns/", include("gradphoto.apps.campaigns.urls")),
    path("roster/", include("gradphoto.apps.roster.urls")),
    path("fees/", include("gradphoto.apps.fees.urls")),
    path("sign/", include("gradphoto.apps.roster.sign_urls")),
    path("timetable/", include("gradphoto.apps.schedule.urls")),
    path("capture/", include("gradphoto.apps.capture.urls")),
    path("capture/sessions/", include("gradphoto.apps.pairing.urls")),
    path("capture/review/", include("gradphoto.apps.review.urls")),
    path("capture/stations/", include("gradphoto.apps.stations.urls")),
    path("make-up/", include("gradphoto.apps.makeup.urls")),
    path("make-up-form/", include("gradphoto.apps.makeup.own_urls")),
    path("delivery/", include("gradphoto.apps.delivery.urls")),
    path("", include("gradphoto.apps.verification.urls")),
    path("self-photographs/", include("gradphoto.apps.selfphoto.urls")),
    path("my-photo/", include("gradphoto.apps.selfphoto.own_urls")),
    path("errata/", include("gradphoto.apps.errata.urls")),
    path("", include("gradphoto.apps.registration.urls")),
    path("interface/", include("gradphoto.apps.api.urls")),
    path("api/v1/", include("gradphoto.apps.api.interface_urls")),
    path("language/", set_language, name="set_language"),
]

handler400 = "gradphoto.apps.core.error_pages.bad_request"
handler403 = "gradphoto.apps.core.error_pages.permission_denied"
handler404 = "gradphoto.apps.core.error_pages.page_not_found"
handler500 = "gradphoto.apps.core.error_pages.server_error"
