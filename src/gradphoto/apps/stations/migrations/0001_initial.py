import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0001_initial'),
        ('capture', '0001_initial'),
        ('core', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
        ('schedule', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='StationKit',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('kit_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('station', models.CharField(max_length=8)),
                        ('number_first', models.PositiveIntegerField()),
                        ('number_last', models.PositiveIntegerField()),
                        ('signing_public', models.CharField(max_length=64)),
                        ('secrets', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('chairs', models.JSONField(default=list)),
                        ('suite', models.CharField(max_length=8)),
                        ('people', models.PositiveIntegerField()),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('expires_at', models.DateTimeField()),
                        ('revoked_at', models.DateTimeField(null=True)),
                        ('revoke_reason', models.CharField(blank=True, max_length=200)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='kits', to='campaigns.campaign')),
                        ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('sessions', models.ManyToManyField(related_name='kits', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-made_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('number_last__gte', models.F('number_first'))), name='stations_kit_range'), models.UniqueConstraint(fields=('campaign', 'number_first'), name='stations_kit_range_once')],
                    },
                ),
                migrations.CreateModel(
                    name='PacketIntake',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('installation', models.CharField(max_length=32)),
                        ('number', models.PositiveIntegerField()),
                        ('made_at', models.DateTimeField()),
                        ('parts_in', models.JSONField(default=list)),
                        ('parts_listed', models.JSONField(null=True)),
                        ('problems', models.JSONField(default=list)),
                        ('counts', models.JSONField(default=dict)),
                        ('first_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('last_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('kit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='intakes', to='stations.stationkit')),
                    ],
                    options={
                        'ordering': ['-last_at', '-pk'],
                        'constraints': [models.UniqueConstraint(fields=('kit', 'installation', 'number'), name='stations_intake_once')],
                    },
                ),
                migrations.CreateModel(
                    name='StationRecord',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('installation', models.CharField(max_length=32)),
                        ('kind', models.CharField(choices=[('session', '场次'), ('check_in', '登记'), ('hold', '拦下'), ('frame', '照片'), ('alarm', '警报'), ('clock', '相机时钟'), ('audit', '审计')], max_length=8)),
                        ('key', models.CharField(max_length=90)),
                        ('number', models.PositiveIntegerField()),
                        ('digest', models.CharField(max_length=64)),
                        ('payload', models.JSONField()),
                        ('state', models.CharField(choices=[('waiting', '等待'), ('applied', '已并入'), ('conflict', '待裁定'), ('set_aside', '不采用')], default='waiting', max_length=10)),
                        ('ruling', models.JSONField(default=dict)),
                        ('applied', models.JSONField(default=dict)),
                        ('why', models.JSONField(null=True)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('kit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='records', to='stations.stationkit')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['kit', 'kind', 'state'], name='stations_st_kit_id_d28ad6_idx'), models.Index(fields=['key'], name='stations_st_key_750bf2_idx')],
                        'constraints': [models.UniqueConstraint(fields=('kit', 'installation', 'kind', 'key'), name='stations_record_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Conflict',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('person_twice', '同一人拍了两次'), ('person_removed', '已不在核准名单'), ('person_gone', '名册中无此人'), ('number', '拍摄序号重复'), ('changed_here', '中心已改动'), ('history', '审计记录不一致'), ('other', '无法并入')], max_length=16)),
                        ('sentence', models.JSONField()),
                        ('raised_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('choice', models.CharField(blank=True, max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('candidate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='roster.candidate')),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('present', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.checkin')),
                        ('record', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='stations.stationrecord')),
                    ],
                    options={
                        'ordering': ['decided_at', '-raised_at', '-pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('choice', '')), fields=('record',), name='stations_conflict_one_open'), models.CheckConstraint(condition=models.Q(('choice', ''), models.Q(('reason', ''), _negated=True), _connector='OR'), name='stations_conflict_has_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='StationSelf',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('only', models.BooleanField(default=True, editable=False, unique=True)),
                        ('kit_id', models.CharField(max_length=36)),
                        ('installation', models.CharField(max_length=32)),
                        ('station', models.CharField(max_length=8)),
                        ('number_first', models.PositiveIntegerField()),
                        ('number_last', models.PositiveIntegerField()),
                        ('chairs', models.JSONField(default=list)),
                        ('suite', models.CharField(max_length=8)),
                        ('centre_name', models.CharField(max_length=120)),
                        ('centre_box', models.CharField(max_length=64)),
                        ('centre_signing', models.CharField(blank=True, max_length=64)),
                        ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('expires_at', models.DateTimeField()),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='campaigns.campaign')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('only', True)), name='stations_station_only_one')],
                    },
                ),
                migrations.CreateModel(
                    name='StationReceipt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('made_at', models.DateTimeField()),
                        ('taken_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('counts', models.JSONField(default=dict)),
                        ('frames', models.JSONField(default=list)),
                        ('check_ins', models.JSONField(default=list)),
                        ('station', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='stations.stationself')),
                    ],
                    options={
                        'ordering': ['-made_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='OutgoingPacket',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField(unique=True)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('frames', models.JSONField(default=list)),
                        ('written', models.JSONField(default=dict)),
                        ('audit_from', models.JSONField(default=dict)),
                        ('audit_to', models.JSONField(default=dict)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('station', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packets', to='stations.stationself')),
                    ],
                    options={
                        'ordering': ['-number'],
                    },
                ),
                migrations.CreateModel(
                    name='ClearedFrame',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('blob', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='cleared', to='core.blob')),
                        ('station', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cleared', to='stations.stationself')),
                    ],
                    options={
                        'ordering': ['-at', '-pk'],
                    },
                ),
            ],
        ),
    ]
