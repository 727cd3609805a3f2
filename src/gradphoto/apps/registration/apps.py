from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "gradphoto.apps.registration"
    label = "registration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import PHOTO_NAMES

        # They register themselves: actions, dates, job handlers, lists.
        from gradphoto.apps.registration import adding, agenda, correcting, jobs, lists, receivers, totals  # noqa: F401
        from gradphoto.apps.registration.bundle import NAMES_IN_WORDS
        from gradphoto.apps.registration.triggers import GUARD

        offer(PHOTO_NAMES, NAMES_IN_WORDS.items)
        GUARD.connect(self)
