from django.apps import AppConfig


class OrgsConfig(AppConfig):
    name = "gradphoto.apps.orgs"
    label = "orgs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The actions of ``core`` ask the table of permissions that is read here."""
        from gradphoto.apps.orgs import policy  # noqa: F401 - registers the table
