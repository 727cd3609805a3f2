from django.apps import AppConfig


class VerificationConfig(AppConfig):
    name = "gradphoto.apps.verification"
    label = "verification"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # They register themselves: dates, the job handler, what make-up cases have to tell.
        from gradphoto.apps.verification import agenda, totals  # noqa: F401
        from gradphoto.apps.verification.notices import jobs, make_up  # noqa: F401
