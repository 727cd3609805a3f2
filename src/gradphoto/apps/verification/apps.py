from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "gradphoto.apps.verification"
    label = "verification"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.verification import agenda  # noqa: F401 - registers dates
        from gradphoto.apps.verification.notices import jobs  # noqa: F401 - registers the handler
