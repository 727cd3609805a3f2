import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('capture', '0001_initial'),
        ('orgs', '0001_initial'),
        ('schedule', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='Repair',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('awaits_second', '待第二人同意'), ('applied', '已修复'), ('withdrawn', '未获同意'), ('undone', '已撤销')], max_length=14)),
                        ('by_hand', models.BooleanField(default=False)),
                        ('reason', models.CharField(max_length=200)),
                        ('before', models.CharField(max_length=64)),
                        ('after', models.CharField(blank=True, max_length=64)),
                        ('standing', models.JSONField(default=dict)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('second_at', models.DateTimeField(null=True)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('undo_reason', models.CharField(blank=True, max_length=200)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('second', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repairs', to='schedule.capturesession')),
                        ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='pairing_repair_has_reason'), models.CheckConstraint(condition=models.Q(('second__isnull', True), models.Q(('second', models.F('by')), _negated=True), _connector='OR'), name='pairing_repair_four_eyes'), models.UniqueConstraint(condition=models.Q(('state', 'awaits_second')), fields=('session',), name='pairing_repair_one_waiting')],
                    },
                ),
                migrations.CreateModel(
                    name='RepairChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('status_before', models.CharField(max_length=10)),
                        ('status_after', models.CharField(blank=True, max_length=10)),
                        ('evidence', models.JSONField(default=dict)),
                        ('certainty', models.CharField(blank=True, max_length=6)),
                        ('evidence_before', models.JSONField(default=dict)),
                        ('frame', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='repair_changes', to='capture.frame')),
                        ('from_check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.checkin')),
                        ('repair', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='pairing.repair')),
                        ('to_check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.checkin')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('repair', 'frame'), name='pairing_repair_frame_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FaceHint',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('two_names', '两个序号像同一人'), ('one_name', '一个序号像两个人')], max_length=10)),
                        ('score', models.FloatField()),
                        ('calibration', models.CharField(max_length=40)),
                        ('source', models.TextField()),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('frame', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.frame')),
                        ('other', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.frame')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='face_hints', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-at', 'pk'],
                        'constraints': [models.UniqueConstraint(fields=('frame', 'other'), name='pairing_face_hint_once')],
                    },
                ),
            ],
        ),
    ]
