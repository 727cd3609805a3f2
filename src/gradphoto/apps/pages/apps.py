"""How every page is made: forms that lose nothing, lists that are declared, files of lists, components."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "gradphoto.apps.pages"
    label = "pages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.access import held_requests
        from gradphoto.apps.pages import exporting, fonts, held_words  # noqa: F401 - registers the job
        from gradphoto.engine.documents.fonts import add_fonts_from

        held_requests.read_by(held_words.in_words)
        add_fonts_from(fonts.files_at_hand)
