import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """``source`` is named by what it holds: what was handed in to be reported on. A new column that takes the rows over, because
    a renamed one keeps the names of its index and constraint on PostgreSQL; the old one goes in the next migration."""

    dependencies = [("core", "0001_initial"), ("pages", "0002_what_was_handed_in")]

    operations = [
        migrations.AddField(
            model_name="export",
            name="upload",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="core.blob"
            ),
        ),
        migrations.RunSQL(
            "UPDATE pages_export SET upload_id = source_id WHERE source_id IS NOT NULL",
            "UPDATE pages_export SET source_id = upload_id WHERE upload_id IS NOT NULL",
        ),
    ]
