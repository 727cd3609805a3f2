from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "gradphoto.apps.fees"
    label = "fees"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import FEE_CHANNELS, FEE_GATEWAY
        from gradphoto.apps.fees import jobs, lists, working_lists  # noqa: F401 - registers handlers and lists
        from gradphoto.apps.fees.models import Channel
        from gradphoto.apps.fees.online import gateway_choices
        from gradphoto.apps.fees.triggers import GUARD

        offer(FEE_CHANNELS, lambda: Channel.choices)
        offer(FEE_GATEWAY, gateway_choices)
        GUARD.connect(self)
