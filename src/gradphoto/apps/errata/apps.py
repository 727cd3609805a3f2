from django.apps import AppConfig


class ErrataConfig(AppConfig):
    name = "gradphoto.apps.errata"
    label = "errata"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.errata import (
            deadlines,  # noqa: F401 - listens for changes of the holiday table
            for_graduates,  # noqa: F401 - tells the portal how a dispute is dealt with
        )
