from django.apps import AppConfig


class ErrataConfig(AppConfig):
    name = "gradphoto.apps.errata"
    label = "errata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They listen for the holiday table and for withdrawn reports, fill places on the pages of earlier rooms, register jobs.
        from gradphoto.apps.errata import deadlines, exporting, reported, slots  # noqa: F401
