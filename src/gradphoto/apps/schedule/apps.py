from django.apps import AppConfig


class ScheduleConfig(AppConfig):
    name = "gradphoto.apps.schedule"
    label = "schedule"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.schedule import agenda, jobs, lists, receivers  # noqa: F401 - registers dates, the handler, lists, receivers
