from django.apps import AppConfig


class MakeupConfig(AppConfig):
    name = "gradphoto.apps.makeup"
    label = "makeup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register themselves: actions, dates, the receiver, job handlers, lists, the kit's part, the reader of personal codes.
        from gradphoto.apps.makeup import agenda, following, jobs, kits, lists, mailed, seating  # noqa: F401
