from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "gradphoto.apps.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.capture.providers import tell_second_look
        from gradphoto.apps.review import offered  # noqa: F401 - registers choices of rules
        from gradphoto.apps.review.actions import ask_second_look

        tell_second_look(ask_second_look)
