"""What was measured before the review existed: the newest assessment of a frame is the present one."""

from django.db import migrations


def name_the_present_ones(apps, schema_editor):
    assessment = apps.get_model("capture", "Assessment")
    finding = apps.get_model("capture", "AssessmentFinding")
    seen = set()
    for row in assessment.objects.order_by("-created_at", "-pk").iterator(chunk_size=500):
        row.current = row.frame_id not in seen
        seen.add(row.frame_id)
        fails = sum(item["outcome"] == "fail" for item in row.findings)
        row.severity = fails * 10_000 + (len(row.findings) - fails) * 100
        row.save(update_fields=["current", "severity"])
        finding.objects.bulk_create(
            finding(assessment=row, code=code, outcome=outcome)
            for code, outcome in {item["code"]: item["outcome"] for item in row.findings}.items()
        )


class Migration(migrations.Migration):

    dependencies = [
        ("capture", "0003_review"),
    ]

    operations = [
        migrations.RunPython(name_the_present_ones, migrations.RunPython.noop),
    ]
