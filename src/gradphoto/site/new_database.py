"""A new database gets its tables from the models at once; every migration counts as done.

One after another the migrations take ten seconds of processor, because Django makes all models anew after each step of
their history. Who sets up an installation, opens a station in a room or begins a demo waited for that, though an empty
database has no history to be led through. What comes out is the same: ``tests/site/test_site_new_database.py`` makes one both
ways and compares every table, column, constraint and index. A migration that writes rows (``RunPython``, ``RunSQL``) of
this product would not happen here: that test refuses one that brings rows to an empty database.
"""

from __future__ import annotations

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def is_new() -> bool:
    """Whether the database has no table at all."""
    return not connection.introspection.table_names()


def make_tables() -> None:
    """All tables of all models, in one transaction: whatever ends it early leaves the database as new as it was."""
    recorder = MigrationRecorder(connection)
    done = sorted(MigrationLoader(None).disk_migrations)
    with connection.schema_editor() as editor:
        editor.create_model(recorder.Migration)
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
        recorder.migration_qs.bulk_create(recorder.Migration(app=app, name=name) for app, name in done)
