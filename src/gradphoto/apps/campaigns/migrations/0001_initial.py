import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.initial_tables
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
                    name='RuleSet',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True)),
                        ('note', models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Campaign',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('cohort_year', models.PositiveSmallIntegerField()),
                        ('title', models.CharField(max_length=160)),
                        ('status', models.CharField(choices=[('preparing', '准备中'), ('collecting', '采集中'), ('verifying', '校对中'), ('closed', '已结束')], default='preparing', max_length=12)),
                        ('status_since', models.DateTimeField(blank=True, null=True)),
                        ('last_shooting_number', models.PositiveIntegerField(default=0)),
                        ('last_preassigned_number', models.PositiveIntegerField(default=0)),
                        ('centre', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='served_campaigns', to='orgs.organisation')),
                        ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='orgs.organisation')),
                        ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='campaigns.ruleset')),
                    ],
                    options={
                        'ordering': ['-cohort_year', 'school'],
                        'constraints': [models.UniqueConstraint(fields=('cohort_year', 'school', 'title'), name='campaigns_campaign_once')],
                    },
                ),
                migrations.CreateModel(
                    name='CalendarDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('date', models.DateField()),
                        ('works', models.BooleanField()),
                        ('source', models.CharField(max_length=200)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calendar_days', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['date', 'organisation__path'],
                        'constraints': [models.UniqueConstraint(fields=('organisation', 'date'), name='campaigns_calendarday_once'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='campaigns_calendarday_has_source')],
                    },
                ),
                migrations.CreateModel(
                    name='CodeName',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('table', models.CharField(max_length=30)),
                        ('name', models.CharField(max_length=20)),
                        ('source', models.CharField(max_length=200)),
                        ('added_by', models.CharField(max_length=150)),
                        ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='code_names', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['table', 'added_at', 'pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('organisation', 'table', 'name'), name='campaigns_codename_once'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='campaigns_codename_has_source')],
                    },
                ),
                migrations.CreateModel(
                    name='Contact',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('side', models.CharField(choices=[('school', '学校'), ('centre', '采集中心'), ('agency', '图片社'), ('station', '校外学习中心、函授站')], max_length=8)),
                        ('name', models.CharField(max_length=120)),
                        ('telephone', models.CharField(blank=True, max_length=40)),
                        ('other_telephone', models.CharField(blank=True, max_length=40)),
                        ('fax', models.CharField(blank=True, max_length=40)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('address', models.CharField(blank=True, max_length=200)),
                        ('postcode', models.CharField(blank=True, max_length=10)),
                        ('duty_from', models.DateField(blank=True, null=True)),
                        ('duty_to', models.DateField(blank=True, null=True)),
                        ('source', models.CharField(blank=True, max_length=200)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contacts', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['campaign', '-side', 'name'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'side', 'name'), name='campaigns_contact_once'), models.CheckConstraint(condition=models.Q(('side__in', ['school', 'centre', 'agency', 'station'])), name='campaigns_contact_side'), models.CheckConstraint(condition=models.Q(('duty_from', None), ('duty_to__gte', models.F('duty_from')), _connector='OR'), name='campaigns_contact_duty_in_order')],
                    },
                ),
                migrations.CreateModel(
                    name='Rule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=60)),
                        ('value', models.JSONField()),
                        ('source', models.CharField(max_length=200)),
                        ('issuer', models.CharField(choices=[('ministry', '部（教育部）'), ('province', '省（省教育厅、省采集中心）'), ('school', '校')], default='school', max_length=10)),
                        ('effective_from', models.DateField()),
                        ('withdrawn_reason', models.CharField(blank=True, max_length=200)),
                        ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='campaigns.ruleset')),
                    ],
                    options={
                        'ordering': ['key', '-effective_from'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_reason', '')), fields=('rule_set', 'key', 'issuer', 'effective_from'), name='campaigns_rule_once'), models.CheckConstraint(condition=models.Q(('issuer__in', ['ministry', 'province', 'school'])), name='campaigns_rule_issuer_known')],
                    },
                ),
            ],
        ),
    ]
