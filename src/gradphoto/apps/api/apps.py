from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "gradphoto.apps.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register themselves: actions, lists, what is kept of changes.
        from gradphoto.apps.api import changes, events, lists, sending, tokens, webhooks  # noqa: F401

        changes.GUARD.connect(self)
