"""Schools that were open before openings were on record: the day of their first case."""

from django.db import migrations
from django.db.models import Min
from django.utils import timezone


def backfill(apps, schema_editor):
    case, opening = apps.get_model("verification", "VerificationCase"), apps.get_model("verification", "Opening")
    rows = case.objects.order_by().values_list("candidate__campaign", "candidate__season").annotate(first=Min("opened_at"))
    opening.objects.bulk_create(
        [opening(campaign_id=campaign, season=season, since=timezone.localdate(first)) for campaign, season, first in rows],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [("verification", "0002_opening_and_answer"), ("roster", "0001_initial")]

    operations = [migrations.RunPython(backfill, migrations.RunPython.noop)]
