import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('capture', '0001_initial'),
        ('orgs', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='FrameReview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('awaiting', '待复核'), ('second', '待第二人复核'), ('held', '暂缓'), ('accepted', '复核通过'), ('rejected', '复核退回')], default='awaiting', max_length=10)),
                        ('version', models.PositiveIntegerField(default=0)),
                        ('outcome', models.CharField(blank=True, max_length=8)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('assessment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.assessment')),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('frame', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='capture.frame')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['awaiting', 'second', 'held', 'accepted', 'rejected'])), name='review_state_known')],
                    },
                ),
                migrations.CreateModel(
                    name='ReviewDecision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('choice', models.CharField(choices=[('accept', '通过'), ('reject', '退回重拍'), ('hold', '暂缓')], max_length=8)),
                        ('before', models.CharField(choices=[('awaiting', '待复核'), ('second', '待第二人复核'), ('held', '暂缓'), ('accepted', '复核通过'), ('rejected', '复核退回')], max_length=10)),
                        ('after', models.CharField(choices=[('awaiting', '待复核'), ('second', '待第二人复核'), ('held', '暂缓'), ('accepted', '复核通过'), ('rejected', '复核退回')], max_length=10)),
                        ('source_sha256', models.CharField(max_length=64)),
                        ('pipeline_version', models.CharField(blank=True, max_length=40)),
                        ('rules_version', models.CharField(blank=True, max_length=16)),
                        ('outcome', models.CharField(blank=True, max_length=8)),
                        ('words', models.CharField(blank=True, max_length=200)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('batch', models.UUIDField(db_index=True, null=True)),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('assessment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.assessment')),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('review', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='review.framereview')),
                    ],
                    options={
                        'ordering': ['-pk'],
                    },
                ),
                migrations.CreateModel(
                    name='DecisionReason',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=60)),
                        ('decision', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reasons', to='review.reviewdecision')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['code'], name='review_deci_code_b0079e_idx')],
                        'constraints': [models.UniqueConstraint(fields=('decision', 'code'), name='review_decision_reason_once')],
                    },
                ),
            ],
        ),
    ]
