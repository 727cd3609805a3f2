from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class FeesConfig(AppConfig):
    name = "gradphoto.apps.fees"
    label = "fees"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.fees import jobs, triggers  # noqa: F401 - registers the handlers

        pre_migrate.connect(triggers.step_aside, sender=self)
        post_migrate.connect(triggers.stand_guard, sender=self)
