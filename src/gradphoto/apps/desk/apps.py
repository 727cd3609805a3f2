from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "gradphoto.apps.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from gradphoto.apps.desk import open_matters  # noqa: F401 - tells what is open before a campaign's step
        from gradphoto.engine.documents.marking import mark_papers

        mark_papers("演练" if getattr(settings, "TRAINING", False) else "")
