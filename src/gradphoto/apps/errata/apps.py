from django.apps import AppConfig


class ErrataConfig(AppConfig):
    name = "gradphoto.apps.errata"
    label = "errata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register dates and jobs, tell the portal how a dispute is dealt with, listen for the holiday table and for
        # withdrawn reports, and fill places on the pages of earlier rooms.
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import ERRATA_ROUTES
        from gradphoto.apps.errata import agenda, deadlines, for_graduates, lists, notices, reported, slots  # noqa: F401
        from gradphoto.apps.errata.kinds import Corrector
        from gradphoto.apps.errata.routing import lines

        offer(ERRATA_ROUTES, lambda: Corrector.choices, lines)
