from django.apps import AppConfig


class SelfPhotoConfig(AppConfig):
    name = "gradphoto.apps.selfphoto"
    label = "selfphoto"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.campaigns.options import offer
        from gradphoto.apps.campaigns.settings_keys import SELF_PHOTO_FOR
        from gradphoto.apps.core.tasks import UPKEEP

        # They register themselves: actions, lists, documents, job handlers, followers of review and room,
        # places on the pages of earlier rooms.
        from gradphoto.apps.selfphoto import (  # noqa: F401
            agenda,
            comparing,
            evidence,
            following,
            handing_out,
            lists,
            notices,
            on_file,
            references,
            slots,
        )
        from gradphoto.apps.selfphoto.terms import GROUPS
        from gradphoto.apps.selfphoto.uploads import forget_old_uploads

        offer(SELF_PHOTO_FOR, lambda: GROUPS)
        UPKEEP.append(forget_old_uploads)
