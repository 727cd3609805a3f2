import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.blind_indexes
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='AuditCheckpoint',
                    fields=[
                        ('number', models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                        ('at', models.DateTimeField(db_index=True)),
                        ('reason', models.CharField(max_length=80)),
                        ('code', models.CharField(max_length=14, unique=True)),
                        ('whole', models.BooleanField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('note', models.TextField()),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditHead',
                    fields=[
                        ('chain', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('count', models.PositiveBigIntegerField(default=0)),
                        ('digest', models.CharField(default='', max_length=64)),
                        ('seal', models.CharField(max_length=64)),
                    ],
                ),
                migrations.CreateModel(
                    name='Blob',
                    fields=[
                        ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('size_bytes', models.PositiveBigIntegerField()),
                        ('media_type', models.CharField(max_length=100)),
                        ('file_key', gradphoto.apps.core.encryption.EncryptedTextField(null=True)),
                        ('content_index', gradphoto.apps.core.blind_indexes.BlindIndexField(blank=True, db_index=True, max_length=64)),
                        ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('removed_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Worker',
                    fields=[
                        ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                        ('version', models.CharField(max_length=20)),
                        ('started_at', models.DateTimeField()),
                        ('seen_at', models.DateTimeField(db_index=True)),
                        ('job', models.UUIDField(null=True)),
                        ('queues', models.CharField(default='quick,bulk,pictures', max_length=60)),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditEntry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chain', models.BigIntegerField()),
                        ('number', models.PositiveBigIntegerField()),
                        ('at', models.DateTimeField()),
                        ('action', models.CharField(db_index=True, max_length=80)),
                        ('actor', models.CharField(max_length=80)),
                        ('actor_label', models.CharField(max_length=150)),
                        ('target_type', models.CharField(max_length=60)),
                        ('target_key', models.CharField(max_length=64)),
                        ('detail', models.JSONField(default=dict)),
                        ('correlation', models.UUIDField()),
                        ('previous', models.CharField(max_length=64)),
                        ('digest', models.CharField(max_length=64)),
                    ],
                    options={
                        'ordering': ['chain', 'number'],
                        'indexes': [models.Index(fields=['target_type', 'target_key'], name='core_audite_target__ba96d7_idx')],
                        'constraints': [models.UniqueConstraint(fields=('chain', 'number'), name='core_auditentry_number')],
                    },
                ),
                migrations.CreateModel(
                    name='Job',
                    fields=[
                        ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ('kind', models.CharField(max_length=60)),
                        ('organisation_id', models.BigIntegerField(null=True)),
                        ('title', models.JSONField()),
                        ('params', models.JSONField(default=dict)),
                        ('state', models.CharField(choices=[('queued', '排队中'), ('running', '进行中'), ('done', '已完成'), ('failed', '失败'), ('cancelled', '已取消')], default='queued', max_length=12)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('failed', models.PositiveIntegerField(default=0)),
                        ('cancel_requested', models.BooleanField(default=False)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('lease_token', models.UUIDField(null=True)),
                        ('lease_until', models.DateTimeField(null=True)),
                        ('created_by', models.CharField(max_length=80)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('waits', models.PositiveSmallIntegerField(default=0)),
                        ('not_before', models.DateTimeField(null=True)),
                        ('waiting_for', models.JSONField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('error_code', models.CharField(blank=True, max_length=80)),
                        ('error', models.JSONField(null=True)),
                        ('remedy', models.JSONField(null=True)),
                        ('result_url', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'ordering': ['-created_at'],
                        'indexes': [models.Index(fields=['state', 'lease_until'], name='core_job_state_512303_idx')],
                    },
                ),
                migrations.CreateModel(
                    name='KnownKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('purpose', models.CharField(max_length=20)),
                        ('fingerprint', models.CharField(max_length=16)),
                        ('known_since', models.DateTimeField()),
                        ('retired_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('purpose', 'fingerprint'), name='core_knownkey_once')],
                    },
                ),
                migrations.CreateModel(
                    name='JobIssue',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('subject', models.CharField(max_length=120)),
                        ('code', models.CharField(max_length=80)),
                        ('message', models.JSONField()),
                        ('remedy', models.JSONField()),
                        ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='issues', to='core.job')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('job', 'subject', 'code'), name='core_jobissue_once')],
                    },
                ),
            ],
        ),
    ]
