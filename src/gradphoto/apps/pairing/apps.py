from django.apps import AppConfig


class PairingConfig(AppConfig):
    name = "gradphoto.apps.pairing"
    label = "pairing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.capture.providers import tell_people_in_doubt, tell_people_to_look_at, tell_settled
        from gradphoto.apps.pairing import (  # noqa: F401 - they register work and places on pages
            face_pages,
            face_telling,
            faces,
            gates,
        )

        tell_people_in_doubt(gates.people_proposed)
        tell_people_in_doubt(face_telling.people_waiting)
        tell_settled(face_telling.follow_settled)
        tell_people_to_look_at(gates.people_asked_about)
