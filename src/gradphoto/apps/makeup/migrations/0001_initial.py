import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.blind_indexes
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
import gradphoto.apps.makeup.models.cases
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0001_initial'),
        ('capture', '0001_initial'),
        ('core', '0001_initial'),
        ('fees', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
        ('schedule', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='DeliveryRecipient',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('name', models.CharField(max_length=60)),
                        ('phone', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('address', models.CharField(max_length=200)),
                        ('postcode', models.CharField(blank=True, max_length=10)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='make_up_recipients', to='campaigns.campaign')),
                        ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['campaign', 'unit'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'unit'), name='makeup_recipient_one_a_unit'), models.CheckConstraint(condition=models.Q(models.Q(('address', ''), _negated=True), models.Q(('name', ''), _negated=True)), name='makeup_recipient_whole')],
                    },
                ),
                migrations.CreateModel(
                    name='MakeUpCalendar',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40)),
                        ('title', models.CharField(max_length=120)),
                        ('source', models.CharField(max_length=200)),
                        ('place', models.CharField(max_length=160)),
                        ('by_telephone', models.BooleanField(default=False)),
                        ('published_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('published_by', models.CharField(max_length=150)),
                        ('centre', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='make_up_calendars', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['centre', 'title'],
                        'constraints': [models.UniqueConstraint(fields=('centre', 'code'), name='makeup_calendar_once'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='makeup_calendar_has_source')],
                    },
                ),
                migrations.CreateModel(
                    name='MakeUpCase',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('reason_kind', models.CharField(choices=[('missed', '当日漏拍'), ('illness', '生病'), ('internship', '外地实习'), ('army', '参军'), ('abroad', '出国留学'), ('other', '其他特殊原因')], max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('way', models.CharField(choices=[('centre', '本省采集中心'), ('branch', '外省分社'), ('mail', '邮寄照片或电子图像')], default='centre', max_length=8)),
                        ('branch', models.CharField(blank=True, max_length=20)),
                        ('status', models.CharField(choices=[('applied', '已申请'), ('approved', '学校已批准'), ('issued', '已发散拍二维码'), ('filled', '已填表，待预约'), ('booked', '已预约'), ('no_show', '未到场'), ('attended', '已到场'), ('captured', '已拍摄'), ('delivered', '已交学校收件人'), ('refused', '学校未批准'), ('cancelled', '已取消'), ('expired', '已过期')], default='applied', max_length=10)),
                        ('applied_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('applied_by', models.CharField(max_length=150)),
                        ('decided_by', models.CharField(blank=True, max_length=150)),
                        ('decision_reason', models.CharField(blank=True, max_length=200)),
                        ('key', models.CharField(default=gradphoto.apps.makeup.models.cases._key, max_length=16, unique=True)),
                        ('consent_at', models.DateTimeField(null=True)),
                        ('phone', gradphoto.apps.core.encryption.EncryptedTextField(null=True)),
                        ('no_shows', models.PositiveSmallIntegerField(default=0)),
                        ('attended_at', models.DateTimeField(null=True)),
                        ('delivered_at', models.DateTimeField(null=True)),
                        ('received_by', models.CharField(blank=True, max_length=60)),
                        ('went_out_with', models.CharField(blank=True, max_length=120)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='make_up_cases', to='roster.candidate')),
                        ('check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='make_up_cases', to='capture.checkin')),
                        ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('recipient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='cases', to='makeup.deliveryrecipient')),
                        ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='make_up_cases', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-applied_at', '-pk'],
                        'indexes': [models.Index(fields=['status', 'applied_at'], name='makeup_case_list')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('status__in', ['delivered', 'refused', 'cancelled', 'expired']), _negated=True), fields=('candidate',), name='makeup_case_one_under_way'), models.CheckConstraint(condition=models.Q(('status__in', ['applied', 'approved', 'issued', 'filled', 'booked', 'no_show', 'attended', 'captured', 'delivered', 'refused', 'cancelled', 'expired'])), name='makeup_case_status_known'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['captured', 'delivered']), _negated=True), ('check_in__isnull', False), _connector='OR'), name='makeup_case_captured_has_number'), models.CheckConstraint(condition=models.Q(('reason_kind', 'missed'), models.Q(('reason', ''), _negated=True), _connector='OR'), name='makeup_case_special_reason_told')],
                    },
                ),
                migrations.CreateModel(
                    name='FormSession',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64, unique=True)),
                        ('began_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('seen_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('case_key', models.CharField(max_length=16)),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='form_sessions', to='makeup.makeupcase')),
                    ],
                    options={
                        'ordering': ['-seen_at'],
                    },
                ),
                migrations.CreateModel(
                    name='FormCode',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('code', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('code_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64, unique=True)),
                        ('issued_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('expires_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='codes', to='makeup.makeupcase')),
                    ],
                    options={
                        'ordering': ['-issued_at'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('case',), name='makeup_formcode_live_once')],
                    },
                ),
                migrations.CreateModel(
                    name='MakeUpSlot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('capacity', models.PositiveSmallIntegerField()),
                        ('taken', models.PositiveSmallIntegerField(default=0)),
                        ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='makeup.makeupcalendar')),
                    ],
                    options={
                        'ordering': ['starts_at', 'pk'],
                        'constraints': [models.UniqueConstraint(fields=('calendar', 'starts_at'), name='makeup_slot_once'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='makeup_slot_ends_after_start'), models.CheckConstraint(condition=models.Q(('taken__lte', models.F('capacity'))), name='makeup_slot_not_oversold')],
                    },
                ),
                migrations.CreateModel(
                    name='MakeUpBooking',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('place', models.CharField(max_length=160)),
                        ('by_telephone', models.BooleanField(default=False)),
                        ('booked_by', models.CharField(max_length=150)),
                        ('booked_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('released_at', models.DateTimeField(null=True)),
                        ('release_reason', models.CharField(blank=True, max_length=200)),
                        ('exception', models.CharField(blank=True, max_length=200)),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookings', to='makeup.makeupcase')),
                        ('slot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bookings', to='makeup.makeupslot')),
                    ],
                    options={
                        'ordering': ['-booked_at'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('case',), name='makeup_booking_one_a_case'), models.CheckConstraint(condition=models.Q(('slot__isnull', False), ('by_telephone', True), _connector='OR'), name='makeup_booking_slot_or_telephone')],
                    },
                ),
                migrations.CreateModel(
                    name='ReturnedTable',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('handed_in_by', models.CharField(max_length=60)),
                        ('received_by', models.CharField(max_length=150)),
                        ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('sheets', models.PositiveSmallIntegerField(default=1)),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returned_tables', to='schedule.capturesession')),
                        ('table', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='roster.signedtable')),
                    ],
                    options={
                        'ordering': ['department'],
                        'constraints': [models.UniqueConstraint(fields=('session', 'department'), name='makeup_returnedtable_once'), models.CheckConstraint(condition=models.Q(('sheets__gte', 1)), name='makeup_returnedtable_sheets')],
                    },
                ),
                migrations.CreateModel(
                    name='SelfCollection',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('title', models.CharField(max_length=120)),
                        ('status', models.CharField(choices=[('preparing', '待联系图片社'), ('open', '上传中'), ('submitted', '已提交'), ('taking', '接收中'), ('taken', '已接收'), ('withdrawn', '已撤回')], default='preparing', max_length=10)),
                        ('made_by', models.CharField(max_length=150)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('contacted_on', models.DateField(null=True)),
                        ('contacted_whom', models.CharField(blank=True, max_length=80)),
                        ('sending_agreed_on', models.DateField(null=True)),
                        ('sending_agreed_whom', models.CharField(blank=True, max_length=80)),
                        ('summary_name', models.CharField(blank=True, max_length=120)),
                        ('checked_at', models.DateTimeField(null=True)),
                        ('return_reason', models.CharField(blank=True, max_length=200)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='self_collections', to='campaigns.campaign')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='self_collections', to='orgs.organisation')),
                        ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='schedule.capturesession')),
                        ('summary', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                    ],
                    options={
                        'ordering': ['-made_at'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'organisation', 'title'), name='makeup_selfcollection_once'), models.CheckConstraint(condition=models.Q(('status__in', ['preparing', 'withdrawn']), ('contacted_on__isnull', False), _connector='OR'), name='makeup_selfcollection_contacted_first'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['submitted', 'taking', 'taken']), _negated=True), ('sending_agreed_on__isnull', False), _connector='OR'), name='makeup_selfcollection_agreed_before_sending')],
                    },
                ),
                migrations.CreateModel(
                    name='SelfPhoto',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file_name', models.CharField(max_length=120)),
                        ('faults', models.JSONField(default=list)),
                        ('notes', models.JSONField(default=list)),
                        ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                        ('collection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='makeup.selfcollection')),
                    ],
                    options={
                        'ordering': ['file_name'],
                        'constraints': [models.UniqueConstraint(fields=('collection', 'file_name'), name='makeup_selfphoto_name_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SelfRow',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('line', models.PositiveIntegerField()),
                        ('number', models.PositiveIntegerField(null=True)),
                        ('name', models.CharField(max_length=80)),
                        ('student_no', models.CharField(max_length=40)),
                        ('id_number', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('faults', models.JSONField(default=list)),
                        ('candidate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='roster.candidate')),
                        ('check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.checkin')),
                        ('collection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='makeup.selfcollection')),
                        ('photo', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='rows', to='makeup.selfphoto')),
                    ],
                    options={
                        'ordering': ['line'],
                        'constraints': [models.UniqueConstraint(fields=('collection', 'line'), name='makeup_selfrow_line_once'), models.UniqueConstraint(condition=models.Q(('check_in__isnull', False)), fields=('check_in',), name='makeup_selfrow_checkin_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SessionClosing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('counts', models.JSONField()),
                        ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('agreed_at', models.DateTimeField(null=True)),
                        ('voided_at', models.DateTimeField(null=True)),
                        ('void_reason', models.CharField(blank=True, max_length=200)),
                        ('receipt_note', models.CharField(blank=True, max_length=200)),
                        ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('proposed_for', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                        ('receipt', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fees.receipt')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-proposed_at'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('voided_at', None)), fields=('session',), name='makeup_closing_one_a_session'), models.CheckConstraint(condition=models.Q(models.Q(('agreed_at__isnull', True), ('agreed_by__isnull', True)), models.Q(('agreed_at__isnull', False), ('agreed_by__isnull', False), models.Q(('agreed_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='makeup_closing_two_persons')],
                    },
                ),
                migrations.CreateModel(
                    name='SessionCrew',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('names', models.JSONField(default=dict)),
                        ('noted_by', models.CharField(max_length=150)),
                        ('noted_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='crew', to='schedule.capturesession')),
                    ],
                ),
                migrations.CreateModel(
                    name='Waiting',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField(default=django.utils.timezone.now)),
                        ('told_at', models.DateTimeField(null=True)),
                        ('noticed_at', models.DateTimeField(null=True)),
                        ('notice', models.CharField(blank=True, max_length=160)),
                        ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting', to='makeup.makeupcalendar')),
                        ('case', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='waiting', to='makeup.makeupcase')),
                        ('slot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='makeup.makeupslot')),
                    ],
                    options={
                        'ordering': ['since', 'pk'],
                    },
                ),
            ],
        ),
    ]
