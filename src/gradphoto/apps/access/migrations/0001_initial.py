import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.blind_indexes
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('orgs', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='AccessAttempt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entry_point', models.CharField(choices=[('portal', '校对系统'), ('signing', '本人核对'), ('make_up', '补拍表'), ('staff', '工作人员登录'), ('second_factor', '第二因素')], max_length=13)),
                        ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('address_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64)),
                        ('device_index', gradphoto.apps.core.blind_indexes.BlindIndexField(blank=True, max_length=64)),
                        ('subject_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64)),
                        ('outcome', models.CharField(choices=[('failed', '未通过'), ('succeeded', '通过'), ('refused', '次数过多')], default='failed', max_length=9)),
                    ],
                    options={
                        'ordering': ['-at'],
                        'indexes': [models.Index(fields=['address_index', 'outcome', 'at'], name='access_attempt_address'), models.Index(fields=['subject_index', 'outcome', 'at'], name='access_attempt_subject'), models.Index(fields=['device_index', 'outcome'], name='access_attempt_device')],
                    },
                ),
                migrations.CreateModel(
                    name='HeldRequest',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('path', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('page', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('fields', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('had_files', models.BooleanField(default=False)),
                        ('is_fragment', models.BooleanField(default=False)),
                        ('held_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='held_requests', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-held_at'],
                    },
                ),
                migrations.CreateModel(
                    name='StaffSession',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('session_key', models.CharField(max_length=40, unique=True)),
                        ('began_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('seen_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('address', models.CharField(blank=True, max_length=45)),
                        ('browser', models.CharField(blank=True, max_length=80)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('end_reason', models.CharField(blank=True, choices=[('signed_out', '已退出'), ('idle', '长时间未操作'), ('limit', '已达最长时间'), ('elsewhere', '由本人在别处结束'), ('closed', '账号已停用'), ('password', '密码已更改')], max_length=10)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='staff_sessions', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-seen_at'],
                    },
                ),
            ],
        ),
    ]
