from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "gradphoto.apps.registration"
    label = "registration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.registration import jobs  # noqa: F401 - registers the handlers
