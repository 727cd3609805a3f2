from django.apps import AppConfig


class RegistrationConfig(AppConfig):
    name = "gradphoto.apps.registration"
    label = "registration"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import PHOTO_NAMES
        from gradphoto.apps.registration import agenda, jobs, lists, receivers  # noqa: F401 - registers dates, handlers, lists
        from gradphoto.apps.registration.bundle import NAMES_IN_WORDS
        from gradphoto.apps.registration.triggers import GUARD

        offer(PHOTO_NAMES, NAMES_IN_WORDS.items)
        GUARD.connect(self)
