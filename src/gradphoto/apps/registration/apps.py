from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "gradphoto.apps.registration"
    label = "registration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.registration import agenda, jobs  # noqa: F401 - registers dates and handlers
        from gradphoto.apps.registration.triggers import GUARD

        GUARD.connect(self)
