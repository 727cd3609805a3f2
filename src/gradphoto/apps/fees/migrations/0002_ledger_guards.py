"""The triggers of the ledger. What they say stands in ``fees.triggers``; signals keep them up after later migrations."""

from django.db import migrations

from gradphoto.apps.fees import triggers


def put_up(apps, schema_editor):
    triggers.put_up(schema_editor.connection)


def take_down(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for statement in triggers.drop_sql(schema_editor.connection.vendor):
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("fees", "0001_initial")]
    operations = [migrations.RunPython(put_up, take_down)]
