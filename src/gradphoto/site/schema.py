"""Bringing a database to the present schema.

A new database takes its tables straight from the models. Walking the whole history costs 17 to 20 s for 129 tables (Django
renders the models anew after every step), and somebody waits for it each time a station is opened in a room.
``tests/core/test_core_schema.py`` holds both ways to the same tables, columns, indexes, constraints and triggers.
"""

from __future__ import annotations

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import override_settings


def bring_up_to_date() -> None:
    """Build an empty database, migrate any other. A kill in between leaves it as it was, where DDL is transactional."""
    if connection.introspection.table_names():
        call_command("migrate", verbosity=0, interactive=False)
    else:
        build()


def build() -> None:
    """All tables from the models, and every migration written down as applied.

    That is right only because no migration puts in first data: they change tables or refill columns of rows that are
    there, and triggers stand up by ``post_migrate``.
    """
    without_history = {config.label: None for config in apps.get_app_configs()}
    # SQLite lets go of its foreign keys only outside a transaction, and its schema editor asks for that.
    connection.disable_constraint_checking()
    try:
        with transaction.atomic():
            with override_settings(MIGRATION_MODULES=without_history):
                call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
            recorder = MigrationRecorder(connection)
            recorder.ensure_schema()
            recorder.migration_qs.bulk_create(
                recorder.Migration(app=app, name=name) for app, name in MigrationLoader(connection).disk_migrations
            )
    finally:
        connection.enable_constraint_checking()
