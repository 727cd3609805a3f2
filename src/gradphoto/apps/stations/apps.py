from django.apps import AppConfig


class StationsConfig(AppConfig):
    name = "gradphoto.apps.stations"
    label = "stations"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import PACKET_SUITE
        from gradphoto.apps.capture.providers import tell_last_number, tell_own_chairs
        from gradphoto.apps.stations import (  # noqa: F401 - handlers, lists, a kit's parts
            jobs,
            lists,
            room_parts,
        )
        from gradphoto.apps.stations.handover import last_number_here, own_chairs_here
        from gradphoto.apps.stations.kits import SUITES_IN_WORDS

        offer(PACKET_SUITE, SUITES_IN_WORDS.items)
        tell_last_number(last_number_here)
        tell_own_chairs(own_chairs_here)
