import django.db.models.deletion
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
                    name='Rule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=60)),
                        ('value', models.JSONField()),
                        ('source', models.CharField(max_length=200)),
                        ('effective_from', models.DateField()),
                        ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='campaigns.ruleset')),
                    ],
                    options={
                        'ordering': ['key', '-effective_from'],
                        'constraints': [models.UniqueConstraint(fields=('rule_set', 'key', 'effective_from'), name='campaigns_rule_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Campaign',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('cohort_year', models.PositiveSmallIntegerField()),
                        ('title', models.CharField(max_length=160)),
                        ('status', models.CharField(choices=[('preparing', '准备中'), ('collecting', '采集中'), ('verifying', '校对中'), ('closed', '已结束')], default='preparing', max_length=12)),
                        ('last_shooting_number', models.PositiveIntegerField(default=0)),
                        ('centre', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='served_campaigns', to='orgs.organisation')),
                        ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='orgs.organisation')),
                        ('rule_set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='campaigns', to='campaigns.ruleset')),
                    ],
                    options={
                        'ordering': ['-cohort_year', 'school'],
                        'constraints': [models.UniqueConstraint(fields=('cohort_year', 'school', 'title'), name='campaigns_campaign_once')],
                    },
                ),
            ],
        ),
    ]
