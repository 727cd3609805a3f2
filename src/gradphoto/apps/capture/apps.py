from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "gradphoto.apps.capture"
    label = "capture"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import IDENTIFICATION

        # They register themselves: dates, lists, handlers, totals.
        from gradphoto.apps.capture import agenda, appearance_pages, jobs, lists, totals  # noqa: F401
        from gradphoto.apps.capture.models import Identification
        from gradphoto.apps.capture.queries import photographed
        from gradphoto.apps.fees.providers import tell_photographed

        # Who may photograph themselves is a rule of its own (``self_photo.for``), not a way of the room.
        offer(IDENTIFICATION, lambda: [one for one in Identification.choices if one[0] != Identification.SELF_PHOTO])
        tell_photographed(photographed)
