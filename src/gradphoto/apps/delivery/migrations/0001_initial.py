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
        ('campaigns', '0001_initial'),
        ('capture', '0001_initial'),
        ('core', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='Package',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('status', models.CharField(choices=[('making', '制作中'), ('ready', '待交付'), ('delivered', '已交付'), ('checked', '已核对')], default='making', max_length=10)),
                        ('number', models.PositiveIntegerField()),
                        ('manifest_sha256', models.CharField(blank=True, max_length=64)),
                        ('key_id', models.CharField(blank=True, max_length=32)),
                        ('photo_count', models.PositiveIntegerField(default=0)),
                        ('verified_at', models.DateTimeField(null=True)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('delivered_at', models.DateTimeField(null=True)),
                        ('check_due', models.DateField(null=True)),
                        ('checked_note', models.CharField(blank=True, max_length=200)),
                        ('blob', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='packages', to='campaigns.campaign')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='packages', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['-created_at'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'number'), name='delivery_package_number_once')],
                    },
                ),
                migrations.CreateModel(
                    name='DeliveryReport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('missing', '缺照片'), ('damaged', '照片损坏'), ('wrong', '照片或数据有误')], max_length=8)),
                        ('action', models.CharField(choices=[('reissue', '补发照片'), ('remake', '重新制作'), ('errata', '勘误')], max_length=8)),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('status', models.CharField(choices=[('open', '待处理'), ('settled', '已处理'), ('withdrawn', '已撤回')], default='open', max_length=10)),
                        ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('settled_note', models.CharField(blank=True, max_length=200)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='delivery_reports', to='roster.candidate')),
                        ('reported_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('package', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='delivery.package')),
                    ],
                    options={
                        'ordering': ['-reported_at', '-pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('package', 'candidate'), name='delivery_report_open_once'), models.CheckConstraint(condition=models.Q(('status', 'open'), ('settled_at__isnull', False), _connector='OR'), name='delivery_report_end_dated')],
                    },
                ),
                migrations.CreateModel(
                    name='CheckedClass',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('class_name', models.CharField(blank=True, max_length=60)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                        ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checked_classes', to='delivery.package')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('package', 'department', 'class_name'), name='delivery_class_checked_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Portrait',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('profile', models.CharField(max_length=40)),
                        ('pipeline_version', models.CharField(max_length=40)),
                        ('width_px', models.PositiveIntegerField()),
                        ('height_px', models.PositiveIntegerField()),
                        ('provenance', models.JSONField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portraits', to='core.blob')),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portraits', to='roster.candidate')),
                        ('check_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portraits', to='capture.checkin')),
                        ('frame', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portraits', to='capture.frame')),
                    ],
                    options={
                        'ordering': ['check_in__shooting_number', 'profile'],
                        'constraints': [models.UniqueConstraint(fields=('frame', 'profile', 'pipeline_version', 'candidate'), name='delivery_portrait_once')],
                    },
                ),
                migrations.CreateModel(
                    name='PackageItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('shooting_number', models.PositiveIntegerField()),
                        ('package', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='delivery.package')),
                        ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='package_items', to='delivery.portrait')),
                    ],
                    options={
                        'ordering': ['shooting_number', 'pk'],
                        'constraints': [models.UniqueConstraint(fields=('package', 'portrait'), name='delivery_item_portrait_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ImageCard',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('code', gradphoto.apps.core.encryption.EncryptedTextField(null=True)),
                        ('code_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64, unique=True)),
                        ('issued_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('issue', models.PositiveSmallIntegerField(default=1)),
                        ('printed_at', models.DateTimeField(null=True)),
                        ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='image_card', to='roster.candidate')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('issue__gte', 1)), name='delivery_card_issue_counted')],
                    },
                ),
            ],
        ),
    ]
