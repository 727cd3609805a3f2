from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "gradphoto.apps.fees"
    label = "fees"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.fees import jobs  # noqa: F401 - registers the handlers
        from gradphoto.apps.fees.triggers import GUARD

        GUARD.connect(self)
