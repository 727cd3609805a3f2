from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "gradphoto.apps.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.desk import open_matters  # noqa: F401 - tells what is open before a campaign's step
