from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "gradphoto.apps.verification"
    label = "verification"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.verification.notices import jobs, make_up  # noqa: F401 - they register themselves
