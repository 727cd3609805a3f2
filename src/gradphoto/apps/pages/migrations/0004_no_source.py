from django.db import migrations


class Migration(migrations.Migration):
    """What it held is in ``upload``."""

    dependencies = [("pages", "0003_upload")]

    operations = [migrations.RemoveField(model_name="export", name="source")]
