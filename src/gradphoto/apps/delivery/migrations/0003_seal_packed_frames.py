"""Frames whose portraits are in a package already are closed to the review."""

from django.db import migrations
from django.utils import timezone


def seal(apps, schema_editor):
    frame, item = apps.get_model("capture", "Frame"), apps.get_model("delivery", "PackageItem")
    frame.objects.filter(pk__in=item.objects.values("portrait__frame")).update(packed_at=timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ("capture", "0003_review"),
        ("delivery", "0002_initial"),
    ]

    operations = [
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
