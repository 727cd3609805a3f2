from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "gradphoto.apps.roster"
    label = "roster"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.roster import jobs  # noqa: F401 - registers the handler
