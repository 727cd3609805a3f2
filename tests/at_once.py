"""The tables of an empty database for a test's laptop or server, made of the models at once instead of by ten seconds of
migrations; every migration counts as done. The product always migrates: ``tests/site/test_site_new_database.py`` makes one
both ways and compares every table, column, constraint and index.
"""

from __future__ import annotations


def make_tables() -> None:
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.recorder import MigrationRecorder

    recorder = MigrationRecorder(connection)
    done = sorted(MigrationLoader(None).disk_migrations)
    with connection.schema_editor() as editor:
        editor.create_model(recorder.Migration)
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in done)


if __name__ == "__main__":
    import django
    from django.core.management import call_command

    django.setup()
    make_tables()
    call_command("migrate", verbosity=0, interactive=False)  # triggers, permissions
