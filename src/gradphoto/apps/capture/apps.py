from django.apps import AppConfig


class CaptureConfig(AppConfig):
    name = "gradphoto.apps.capture"
    label = "capture"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register themselves: dates, lists, handlers, choices, totals.
        from gradphoto.apps.capture import agenda, appearance_pages, jobs, lists, offered, totals  # noqa: F401
        from gradphoto.apps.capture.queries import photographed
        from gradphoto.apps.fees.providers import tell_photographed

        tell_photographed(photographed)
