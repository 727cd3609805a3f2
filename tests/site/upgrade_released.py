"""A database of the recorded release, brought to the newest state and read: prints what it found as JSON.

Started by ``test_site_upgrade.py`` with a data directory that holds the release's keys, as a process with the product's
own settings.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

RELEASED = Path(__file__).with_name("released")


def _value(value: Any, kind: str) -> Any:
    if isinstance(value, dict):
        return base64.b64decode(value["bytes"])
    return bool(value) if kind == "BooleanField" and value is not None else value


EARLIER = "roster_earlier_rule"
"""A trigger that the release had and the present code knows nothing of."""
EARLIER_TRIGGER = (
    f"CREATE TRIGGER {EARLIER} BEFORE DELETE ON roster_candidate BEGIN SELECT RAISE(ABORT, 'earlier'); END"
)
EARLIER_TRIGGER_ON_POSTGRESQL = (
    f"CREATE FUNCTION {EARLIER}() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN RAISE 'earlier'; END $body$;"
    f" CREATE TRIGGER {EARLIER} BEFORE DELETE ON roster_candidate FOR EACH ROW EXECUTE FUNCTION {EARLIER}()"
)


def make_released(executor: Any) -> None:
    """The tables of the release by its migrations, and its rows as they stood."""
    from django.core.management.color import no_style
    from django.db import connection, transaction

    last = json.loads((RELEASED / "migrations.json").read_text(encoding="utf-8"))
    state = executor.migrate([("contenttypes", "0002_remove_content_type_name"), *last.items()])
    models = {
        one._meta.db_table: one
        for one in state.apps.get_models(include_auto_created=True)
        if one._meta.managed and not one._meta.proxy
    }
    tables = json.loads((RELEASED / "rows.json").read_text(encoding="utf-8"))
    with transaction.atomic(), connection.cursor() as cursor:
        for table, told in tables.items():
            kinds = {field.column: field.get_internal_type() for field in models[table]._meta.local_fields}
            names = ", ".join(connection.ops.quote_name(column) for column in told["columns"])
            marks = ", ".join(["%s"] * len(told["columns"]))
            rows = [
                [_value(value, kinds[column]) for column, value in zip(told["columns"], row, strict=True)]
                for row in told["rows"]
            ]
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
            cursor.execute(statement)
        for statement in json.loads((RELEASED / "triggers.json").read_text(encoding="utf-8"))[connection.vendor]:
            cursor.execute(statement)
        cursor.execute(EARLIER_TRIGGER if connection.vendor == "sqlite" else EARLIER_TRIGGER_ON_POSTGRESQL)


def read_newest() -> dict[str, Any]:
    """What the present code finds in the upgraded database."""
    from django.apps import apps
    from django.db import DatabaseError, connection, transaction

    from gradphoto.apps.capture.models import CheckIn, Frame
    from gradphoto.apps.core import audit_proof
    from gradphoto.apps.core.guards import GUARDS, unknown_triggers
    from gradphoto.apps.makeup.models import MakeUpCase
    from gradphoto.apps.registration.models import LedgerEntry
    from gradphoto.apps.roster.models import Candidate
    from gradphoto.apps.roster.totals.recount import differences
    from gradphoto.apps.verification.models import VerificationCase

    entry = LedgerEntry.objects.select_related("candidate__campaign").get()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM registration_ledgerentry")
        stands = False
    except DatabaseError:
        stands = True
    return {
        "counts": {model._meta.db_table: model.objects.count() for model in apps.get_models() if _is_ours(model)},
        "registered": [entry.number, entry.name, entry.candidate.campaign.title],
        "id_number": entry.candidate.id_number.decrypt(),
        "cases": sorted(VerificationCase.objects.values_list("status", flat=True)),
        "check_ins": sorted(CheckIn.objects.values_list("status", flat=True)),
        "frames": sorted(Frame.objects.values_list("status", flat=True)),
        "make_up": list(MakeUpCase.objects.values_list("status", "applied_by")),
        "ledger_stands": stands,
        "missing_triggers": sorted(name for guard in GUARDS for name in guard.missing(connection)),
        "earlier_triggers": sorted(unknown_triggers(connection)),
        "totals": [str(one) for one in differences()],
        "audit_faults": [str(fault) for report in audit_proof.verify() for fault in report.faults],
        "vendor": connection.vendor,
        "candidates": Candidate.objects.count(),
    }


def _is_ours(model: Any) -> bool:
    return model.__module__.startswith("gradphoto.") and model._meta.managed and not model._meta.proxy


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from gradphoto.site.migrating import migrate

    make_released(MigrationExecutor(connection))
    migrate()
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    print(json.dumps(read_newest()))


if __name__ == "__main__":
    main()
