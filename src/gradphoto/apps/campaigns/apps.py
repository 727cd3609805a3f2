from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "gradphoto.apps.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns import notice_keys  # noqa: F401 - the texts of the notices are rules, too
