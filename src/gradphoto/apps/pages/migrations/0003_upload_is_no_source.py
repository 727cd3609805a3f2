from django.db import migrations


class Migration(migrations.Migration):
    """The column is named by what it holds: what was handed in to be reported on."""

    dependencies = [("pages", "0002_what_was_handed_in")]

    operations = [migrations.RenameField(model_name="export", old_name="source", new_name="upload")]
