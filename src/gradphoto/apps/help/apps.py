from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "gradphoto.apps.help"
    label = "help"
