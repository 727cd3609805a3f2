from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "gradphoto.apps.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from gradphoto.apps.desk import lists, open_matters  # noqa: F401 - its lists, and what is open before a step
        from gradphoto.engine.documents.marking import mark_papers

        mark_papers("演练" if getattr(settings, "TRAINING", False) else "")
