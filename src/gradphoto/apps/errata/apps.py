from django.apps import AppConfig


class ErrataConfig(AppConfig):
    name = "gradphoto.apps.errata"
    label = "errata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.errata import agenda, deadlines  # noqa: F401 - registers dates, listens to the holiday table
