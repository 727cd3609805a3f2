"""How every page is made: forms that lose nothing, lists that are declared, files of lists, components."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "gradphoto.apps.pages"
    label = "pages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.pages import exporting, fonts  # noqa: F401 - registers the job
        from gradphoto.engine.documents.fonts import add_fonts_from

        add_fonts_from(fonts.files_at_hand)
