"""The triggers of the ledger. What they say stands in ``fees.triggers``; signals keep them up after later migrations."""

from django.db import migrations

from gradphoto.apps.fees.triggers import GUARD


def put_up(apps, schema_editor):
    GUARD.put_up(schema_editor.connection)


def take_down(apps, schema_editor):
    GUARD.take_down(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]
