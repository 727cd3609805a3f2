from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "gradphoto.apps.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The worker knows its list by it.
        from gradphoto.apps.people import lists  # noqa: F401
