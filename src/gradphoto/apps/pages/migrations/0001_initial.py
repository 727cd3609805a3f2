import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('core', '0001_initial'),
        ('orgs', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='AddedFont',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sha256', models.CharField(max_length=64, unique=True)),
                        ('family', models.CharField(max_length=80)),
                        ('file_name', models.CharField(max_length=120)),
                        ('suffix', models.CharField(max_length=5)),
                        ('characters', models.PositiveIntegerField()),
                        ('covered', models.JSONField()),
                        ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['added_at', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='Export',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('listing', models.CharField(max_length=60)),
                        ('title', models.JSONField()),
                        ('query', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('file_format', models.CharField(choices=[('xlsx', 'Excel 表格（xlsx）'), ('csv', 'CSV 文本'), ('zip', '压缩包（zip）')], default='xlsx', max_length=8)),
                        ('file_name', models.CharField(max_length=80)),
                        ('requested_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('expires_at', models.DateTimeField()),
                        ('size_bytes', models.PositiveBigIntegerField(default=0)),
                        ('row_count', models.PositiveIntegerField(default=0)),
                        ('left_out', models.PositiveIntegerField(default=0)),
                        ('fetched_at', models.DateTimeField(null=True)),
                        ('blob', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.blob')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                        ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-requested_at', '-pk'],
                        'indexes': [models.Index(fields=['expires_at'], name='pages_expor_expires_435ea9_idx')],
                    },
                ),
            ],
        ),
    ]
