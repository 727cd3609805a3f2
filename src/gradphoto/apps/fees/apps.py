from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class FeesConfig(AppConfig):
    name = "gradphoto.apps.fees"
    label = "fees"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import FEE_CHANNELS, FEE_GATEWAY
        from gradphoto.apps.fees import exporting, jobs, triggers  # noqa: F401 - registers the handlers
        from gradphoto.apps.fees.models import Channel
        from gradphoto.apps.fees.online import GATEWAYS

        offer(FEE_CHANNELS, lambda: Channel.choices)
        offer(FEE_GATEWAY, lambda: [(name, name) for name in GATEWAYS])
        pre_migrate.connect(triggers.step_aside, sender=self)
        post_migrate.connect(triggers.stand_guard, sender=self)
