from django.apps import AppConfig


class PairingConfig(AppConfig):
    name = "gradphoto.apps.pairing"
    label = "pairing"
    default_auto_field = "django.db.models.BigAutoField"
