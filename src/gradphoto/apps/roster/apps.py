from django.apps import AppConfig


class RosterConfig(AppConfig):
    name = "gradphoto.apps.roster"
    label = "roster"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from gradphoto.apps.core.tasks import UPKEEP

        # Importing them registers the handlers and the actions.
        from gradphoto.apps.roster import (  # noqa: F401
            agenda,
            approval,
            cases,
            channel,
            columns,
            jobs,
            lists,
            plan,
            sign_in,
            signed_tables,
            signing_codes,
            steps,
        )
        from gradphoto.apps.roster.imports import apply, map, mark, read, receive, review  # noqa: A004, F401
        from gradphoto.apps.roster.papers import admissions, bundles, issuing, signed  # noqa: F401
        from gradphoto.apps.roster.totals.keeping import GUARD
        from gradphoto.apps.roster.totals.recount import fold

        GUARD.connect(self)
        UPKEEP.append(fold)
