import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.capture.room_clock
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0001_initial'),
        ('core', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
        ('schedule', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='CheckIn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('shooting_number', models.PositiveIntegerField()),
                        ('method', models.CharField(choices=[('id_card_swipe', '刷身份证'), ('machine_card', '采集卡二维码'), ('makeup_qr', '补拍二维码'), ('preassigned_number', '预分配序号'), ('student_no', '学号条码'), ('chsi_code', '采集码'), ('manual', '人工查找'), ('mailed', '邮寄照片或电子图像'), ('self_organised', '学习中心自行采集')], max_length=20)),
                        ('at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('status', models.CharField(choices=[('open', '待拍摄'), ('shot', '已拍摄'), ('confirmed', '现场已确认'), ('retake', '待重拍'), ('cancelled', '已撤销')], default='open', max_length=10)),
                        ('again_reason', models.CharField(blank=True, max_length=200)),
                        ('cancel_reason', models.CharField(blank=True, max_length=200)),
                        ('nonce', models.UUIDField(unique=True)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='campaigns.campaign')),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='roster.candidate')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='check_ins', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['campaign', 'shooting_number'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'shooting_number'), name='capture_checkin_number_once'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('session', 'chair'), name='capture_checkin_one_in_the_chair'), models.UniqueConstraint(condition=models.Q(('status', 'cancelled'), _negated=True), fields=('candidate',), name='capture_checkin_once_a_person')],
                    },
                ),
                migrations.CreateModel(
                    name='Frame',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('file_name', models.CharField(max_length=120)),
                        ('folder', models.CharField(blank=True, max_length=60)),
                        ('file_number', models.PositiveIntegerField(null=True)),
                        ('camera_serial', models.CharField(blank=True, max_length=60)),
                        ('taken_at', models.DateTimeField(null=True)),
                        ('arrived_at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('status', models.CharField(choices=[('unbound', '未对应'), ('bound', '已对应'), ('accepted', '已采用'), ('rejected', '不采用')], default='unbound', max_length=10)),
                        ('evidence', models.JSONField(default=dict)),
                        ('packed_at', models.DateTimeField(null=True)),
                        ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='frames', to='core.blob')),
                        ('check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='frames', to='capture.checkin')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='frames', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['arrived_at', 'pk'],
                        'indexes': [models.Index(condition=models.Q(('packed_at', None), ('status', 'accepted')), fields=['session'], name='capture_frame_under_way')],
                        'constraints': [models.UniqueConstraint(fields=('session', 'blob'), name='capture_frame_once'), models.UniqueConstraint(condition=models.Q(('status', 'accepted')), fields=('check_in',), name='capture_frame_one_accepted'), models.CheckConstraint(condition=models.Q(models.Q(('check_in__isnull', True), ('status', 'unbound')), ('status', 'rejected'), models.Q(('check_in__isnull', False), ('status__in', ['bound', 'accepted'])), _connector='OR'), name='capture_frame_bound_to_somebody')],
                    },
                ),
                migrations.CreateModel(
                    name='Assessment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('profile', models.CharField(max_length=40)),
                        ('pipeline_version', models.CharField(max_length=40)),
                        ('rules_version', models.CharField(blank=True, max_length=16)),
                        ('outcome', models.CharField(max_length=8)),
                        ('severity', models.PositiveIntegerField(default=0)),
                        ('findings', models.JSONField(default=list)),
                        ('kept', models.JSONField(default=list)),
                        ('not_assessed', models.JSONField(default=list)),
                        ('measurements', models.JSONField(default=dict)),
                        ('crop', models.JSONField(null=True)),
                        ('current', models.BooleanField(default=False)),
                        ('created_at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('frame', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assessments', to='capture.frame')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('frame', 'profile', 'pipeline_version', 'rules_version'), name='capture_assessment_once'), models.UniqueConstraint(condition=models.Q(('current', True)), fields=('frame',), name='capture_assessment_one_current')],
                    },
                ),
                migrations.CreateModel(
                    name='Alarm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('kind', models.CharField(max_length=30)),
                        ('sentence', models.JSONField()),
                        ('remedy', models.JSONField()),
                        ('at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('settled_at', models.DateTimeField(null=True)),
                        ('settled_note', models.CharField(blank=True, max_length=200)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='schedule.capturesession')),
                        ('check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='capture.checkin')),
                        ('frame', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alarms', to='capture.frame')),
                    ],
                    options={
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='FramePreview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('size', models.CharField(max_length=8)),
                        ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                        ('frame', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='previews', to='capture.frame')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('frame', 'size'), name='capture_preview_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Hold',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('reason', models.CharField(choices=[('not_listed', '不在采集名单'), ('not_approved', '信息未核准'), ('data_differ', '证件与名单不一致'), ('already', '已经拍摄'), ('wrong_season', '不属于本场季别')], max_length=16)),
                        ('name', models.CharField(max_length=80)),
                        ('id_number', gradphoto.apps.core.encryption.EncryptedTextField(null=True)),
                        ('differences', models.JSONField(default=list)),
                        ('at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('decision', models.CharField(blank=True, max_length=10)),
                        ('decision_reason', models.CharField(blank=True, max_length=200)),
                        ('nonce', models.UUIDField(unique=True)),
                        ('candidate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='roster.candidate')),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holds', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-at'],
                    },
                ),
                migrations.CreateModel(
                    name='RetakeRequest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(max_length=200)),
                        ('was_confirmed', models.BooleanField()),
                        ('at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retake_requests', to='roster.candidate')),
                        ('check_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retake_requests', to='capture.checkin')),
                        ('frame', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='retake_requests', to='capture.frame')),
                        ('fulfilled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.checkin')),
                        ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='capture_retake_has_reason'), models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('check_in',), name='capture_retake_once_a_check_in')],
                    },
                ),
                migrations.CreateModel(
                    name='RoomNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('source', models.CharField(max_length=20)),
                        ('code', models.CharField(max_length=60)),
                        ('sentence', models.JSONField()),
                        ('remedy', models.JSONField()),
                        ('at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('until', models.DateTimeField(null=True)),
                        ('cleared_at', models.DateTimeField(null=True)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='RoomStep',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('kind', models.CharField(choices=[('check_in', '登记'), ('accept', '采用照片'), ('reject', '不采用照片'), ('call_back', '请回来重拍'), ('cancel', '撤销登记'), ('leave', '离开没有照片'), ('send_away', '不拍摄'), ('settle', '警报已处理'), ('bind', '对应照片'), ('choose', '换用照片')], max_length=10)),
                        ('before', models.JSONField(default=dict)),
                        ('at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('alarm', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.alarm')),
                        ('check_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.checkin')),
                        ('frame', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.frame')),
                        ('hold', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='capture.hold')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='schedule.capturesession')),
                        ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='AppearanceLine',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('finding', models.CharField(choices=[('fine', '仪容合格'), ('hair_dyed', '染发'), ('hair_over', '头发遮眉或遮耳'), ('hair_loose', '长发未扎'), ('beard', '未剃须'), ('tinted', '有色镜片'), ('make_up', '浓妆'), ('jewellery', '首饰不合要求'), ('collar', '衣领不合要求（无领、高领、毛领）'), ('straps', '吊带背心'), ('colour', '衣服与背景颜色相近'), ('other', '其他（写明）')], max_length=12)),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('noted_by', models.CharField(max_length=150)),
                        ('noted_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('settled_on', models.DateField(null=True)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appearance_lines', to='roster.candidate')),
                    ],
                    options={
                        'ordering': ['day', 'pk'],
                        'indexes': [models.Index(fields=['candidate', 'settled_on'], name='capture_appearance_open')],
                        'constraints': [models.UniqueConstraint(fields=('candidate', 'day', 'finding'), name='capture_appearance_once_a_day'), models.CheckConstraint(condition=models.Q(('finding__in', ['fine', 'hair_dyed', 'hair_over', 'hair_loose', 'beard', 'tinted', 'make_up', 'jewellery', 'collar', 'straps', 'colour', 'other'])), name='capture_appearance_finding_known'), models.CheckConstraint(condition=models.Q(models.Q(('finding', 'other'), _negated=True), models.Q(('note', ''), _negated=True), _connector='OR'), name='capture_appearance_other_told')],
                    },
                ),
                migrations.CreateModel(
                    name='AssessmentFinding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=60)),
                        ('outcome', models.CharField(max_length=8)),
                        ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='broken', to='capture.assessment')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['code', 'outcome'], name='capture_ass_code_b22434_idx')],
                        'constraints': [models.UniqueConstraint(fields=('assessment', 'code'), name='capture_finding_once')],
                    },
                ),
                migrations.CreateModel(
                    name='CameraClock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField(default=1)),
                        ('camera_serial', models.CharField(blank=True, max_length=60)),
                        ('offset_s', models.FloatField()),
                        ('uncertainty_s', models.FloatField(default=0.5)),
                        ('transfer_s', models.FloatField(null=True)),
                        ('measured_at', models.DateTimeField(default=gradphoto.apps.capture.room_clock.room_now)),
                        ('by_hand', models.BooleanField(default=False)),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-measured_at', '-pk'],
                        'constraints': [models.UniqueConstraint(fields=('session', 'chair', 'camera_serial', 'measured_at'), name='capture_clock_reading_once'), models.CheckConstraint(condition=models.Q(('uncertainty_s__gte', 0)), name='capture_clock_give_positive')],
                    },
                ),
                migrations.CreateModel(
                    name='ChairNumbers',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('chair', models.PositiveSmallIntegerField()),
                        ('following', models.PositiveIntegerField()),
                        ('last', models.PositiveIntegerField()),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chair_numbers', to='schedule.capturesession')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('session', 'chair'), name='capture_chair_numbers_once')],
                    },
                ),
            ],
        ),
    ]
