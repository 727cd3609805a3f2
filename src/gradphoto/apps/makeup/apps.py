from django.apps import AppConfig


class MakeupConfig(AppConfig):
    name = "gradphoto.apps.makeup"
    label = "makeup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.makeup import agenda, following, jobs  # noqa: F401 - registers dates, receiver, handlers
