from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "gradphoto.apps.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register themselves: the table of sensitive actions, sealed secrets, what sign-ins leave behind.
        from gradphoto.apps.access import receivers, second_factor_keys, sensitive  # noqa: F401
