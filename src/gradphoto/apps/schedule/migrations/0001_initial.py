import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.initial_tables
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0001_initial'),
        ('core', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='BoardChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('words', models.JSONField()),
                        ('before', models.JSONField()),
                        ('made_by', models.CharField(max_length=150)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='board_changes', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['-made_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='CollectionRoom',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('city', models.CharField(blank=True, max_length=40)),
                        ('stations', models.PositiveSmallIntegerField(default=1)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rooms', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'name'), name='schedule_room_once'), models.CheckConstraint(condition=models.Q(('stations__gte', 1), ('stations__lte', 20)), name='schedule_room_stations')],
                    },
                ),
                migrations.CreateModel(
                    name='CaptureSession',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('date', models.DateField()),
                        ('place', models.CharField(max_length=120)),
                        ('status', models.CharField(choices=[('planned', '已排定'), ('open', '采集中'), ('closed', '已结束')], default='planned', max_length=8)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='campaigns.campaign')),
                        ('room', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='sessions', to='schedule.collectionroom')),
                    ],
                    options={
                        'ordering': ['date', 'place'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'date', 'place'), name='schedule_session_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Duty',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('post', models.CharField(max_length=20)),
                        ('name', models.CharField(max_length=60)),
                        ('phone', models.CharField(blank=True, max_length=30)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='duties', to='campaigns.campaign')),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['department', 'post', 'pk'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'department', 'post', 'name'), name='schedule_duty_once')],
                    },
                ),
                migrations.CreateModel(
                    name='GroupPhoto',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('class_name', models.CharField(blank=True, max_length=60)),
                        ('place', models.CharField(max_length=120)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('status', models.CharField(choices=[('booked', '已预约'), ('taken', '已拍摄'), ('cancelled', '已取消')], default='booked', max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('booked_by', models.CharField(max_length=150)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='group_photos', to='campaigns.campaign')),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['starts_at', 'place', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='schedule_group_ends_after_start'), models.CheckConstraint(condition=models.Q(('place', ''), _negated=True), name='schedule_group_has_place'), models.UniqueConstraint(condition=models.Q(('status', 'cancelled'), _negated=True), fields=('campaign', 'department', 'season', 'class_name'), name='schedule_group_photo_once')],
                    },
                ),
                migrations.CreateModel(
                    name='GroupWish',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('class_name', models.CharField(blank=True, max_length=60)),
                        ('kind', models.CharField(choices=[('fixed', '固定开始时间'), ('forbidden', '不能到场'), ('preferred', '希望的时段')], max_length=10)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='wishes', to='campaigns.campaign')),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['starts_at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='schedule_wish_ends_after_start')],
                    },
                ),
                migrations.CreateModel(
                    name='OpenPeriod',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('break_from', models.DateTimeField(blank=True, null=True)),
                        ('break_to', models.DateTimeField(blank=True, null=True)),
                        ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='periods', to='schedule.collectionroom')),
                    ],
                    options={
                        'ordering': ['starts_at'],
                        'constraints': [models.UniqueConstraint(fields=('room', 'starts_at'), name='schedule_period_once'), models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='schedule_period_ends_after_start'), models.CheckConstraint(condition=models.Q(models.Q(('break_from', None), ('break_to', None)), models.Q(('break_from__gt', models.F('starts_at')), ('break_to__gt', models.F('break_from')), ('break_to__lt', models.F('ends_at'))), _connector='OR'), name='schedule_period_break_inside')],
                    },
                ),
                migrations.CreateModel(
                    name='PlanRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('status', models.CharField(blank=True, max_length=12)),
                        ('seconds', models.FloatField(default=0)),
                        ('levels', models.JSONField(default=list)),
                        ('reasons', models.JSONField(default=list)),
                        ('proposal', models.JSONField(null=True)),
                        ('anew', models.BooleanField(default=False)),
                        ('late_minutes', models.PositiveSmallIntegerField(default=0)),
                        ('changes', models.JSONField(default=list)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plan_runs', to='campaigns.campaign')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job')),
                        ('late_room', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='schedule.collectionroom')),
                    ],
                    options={
                        'ordering': ['-created_at'],
                    },
                ),
                migrations.CreateModel(
                    name='PointReport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('region', models.CharField(blank=True, max_length=20)),
                        ('city', models.CharField(max_length=40)),
                        ('address', models.CharField(max_length=160)),
                        ('spring_count', models.PositiveIntegerField()),
                        ('autumn_count', models.PositiveIntegerField()),
                        ('first_day', models.DateField()),
                        ('last_day', models.DateField()),
                        ('contact', models.CharField(max_length=60)),
                        ('telephone', models.CharField(max_length=40)),
                        ('reported_by', models.CharField(max_length=150)),
                        ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='point_reports', to='campaigns.campaign')),
                        ('point', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='point_reports', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['point__path'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'point'), name='schedule_pointreport_once'), models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='schedule_pointreport_days_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='PointTable',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('points', models.PositiveIntegerField()),
                        ('people', models.PositiveIntegerField()),
                        ('sent_by', models.CharField(max_length=150)),
                        ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='point_tables', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['-sent_at', '-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='ReadinessCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.CharField(max_length=30)),
                        ('required', models.BooleanField()),
                        ('passed', models.BooleanField()),
                        ('checked_by', models.CharField(max_length=150)),
                        ('checked_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checks', to='schedule.collectionroom')),
                    ],
                    options={
                        'ordering': ['item'],
                        'constraints': [models.UniqueConstraint(fields=('room', 'item'), name='schedule_check_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Slot',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('class_name', models.CharField(blank=True, max_length=60)),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('starts_at', models.DateTimeField()),
                        ('ends_at', models.DateTimeField()),
                        ('locked', models.BooleanField(default=False)),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='orgs.organisation')),
                        ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['starts_at', 'session'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='schedule_slot_ends_after_start')],
                    },
                ),
                migrations.CreateModel(
                    name='Appointment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveIntegerField()),
                        ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='appointment', to='roster.candidate')),
                        ('slot', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='appointments', to='schedule.slot')),
                    ],
                    options={
                        'ordering': ['slot__starts_at', 'slot', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('slot', 'position'), name='schedule_appointment_position_once')],
                    },
                ),
                migrations.CreateModel(
                    name='StationNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('text', models.TextField()),
                        ('mailed_to', models.PositiveSmallIntegerField(default=0)),
                        ('sent_by', models.CharField(max_length=150)),
                        ('sent_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('way', models.CharField(blank=True, choices=[('system', '本人在系统内确认'), ('telephone', '电话告知'), ('post', '信函或传真'), ('other', '其他方式')], max_length=10)),
                        ('reached', models.CharField(blank=True, max_length=150)),
                        ('reached_at', models.DateTimeField(null=True)),
                        ('noted_by', models.CharField(blank=True, max_length=150)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='station_notices', to='campaigns.campaign')),
                        ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='station_notices', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['-sent_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('reached_at', None), models.Q(models.Q(('way', ''), _negated=True), models.Q(('reached', ''), _negated=True)), _connector='OR'), name='schedule_stationnotice_proof_whole')],
                    },
                ),
                migrations.CreateModel(
                    name='Team',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60)),
                        ('stations', models.PositiveSmallIntegerField(default=1)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='teams', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'name'), name='schedule_team_once'), models.CheckConstraint(condition=models.Q(('stations__gte', 1), ('stations__lte', 20)), name='schedule_team_stations')],
                    },
                ),
                migrations.CreateModel(
                    name='Booking',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('spring_count', models.PositiveIntegerField()),
                        ('autumn_count', models.PositiveIntegerField()),
                        ('first_day', models.DateField()),
                        ('last_day', models.DateField()),
                        ('place', models.CharField(max_length=160)),
                        ('contact', models.CharField(blank=True, max_length=80)),
                        ('status', models.CharField(choices=[('reported', '已上报'), ('agreed', '已约定'), ('refused', '已退回')], default='reported', max_length=10)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('reported_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bookings', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['first_day', 'campaign'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='schedule_booking_days_in_order'), models.UniqueConstraint(condition=models.Q(('status', 'refused'), _negated=True), fields=('campaign',), name='schedule_booking_one_at_a_time')],
                    },
                ),
            ],
        ),
    ]
