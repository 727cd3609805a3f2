from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "gradphoto.apps.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import REVIEW_FOUR_EYES, REVIEW_REQUIRED
        from gradphoto.apps.capture.providers import tell_second_look
        from gradphoto.apps.review.actions import ask_second_look
        from gradphoto.apps.review.queue import MEASURED_OUTCOMES

        offer(REVIEW_FOUR_EYES, lambda: MEASURED_OUTCOMES)
        offer(REVIEW_REQUIRED, lambda: MEASURED_OUTCOMES)
        tell_second_look(ask_second_look)
