from django.apps import AppConfig


class SelfPhotoConfig(AppConfig):
    name = "gradphoto.apps.selfphoto"
    label = "selfphoto"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.core.tasks import UPKEEP

        # They register themselves: actions, lists, documents, job handlers, followers of review and room, choices of rules,
        # places on the pages of earlier rooms.
        from gradphoto.apps.selfphoto import (  # noqa: F401
            agenda,
            comparing,
            evidence,
            following,
            handing_out,
            lists,
            notices,
            offered,
            on_file,
            slots,
        )
        from gradphoto.apps.selfphoto.uploads import forget_old_uploads

        UPKEEP.append(forget_old_uploads)
