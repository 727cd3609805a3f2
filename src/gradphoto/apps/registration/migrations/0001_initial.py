import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.encryption
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('campaigns', '0001_initial'),
        ('delivery', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
        ('verification', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='Review',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('status', models.CharField(choices=[('applied', '中心已申请，待总部审核'), ('head_approved', '总部已审核，待国家中心'), ('approved', '国家中心已审核'), ('returned', '退回更正')], default='applied', max_length=14)),
                        ('applied_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('head_at', models.DateTimeField(null=True)),
                        ('national_at', models.DateTimeField(null=True)),
                        ('returned_reason', models.CharField(blank=True, max_length=200)),
                        ('applied_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='review', to='verification.verificationcase')),
                        ('head_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('national_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['case__candidate__season', 'case__candidate__department', 'case__candidate__student_no'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('head_by__isnull', True), models.Q(('head_by', models.F('applied_by')), _negated=True), _connector='OR'), name='registration_review_four_eyes'), models.CheckConstraint(condition=models.Q(('national_by__isnull', True), models.Q(models.Q(('national_by', models.F('applied_by')), _negated=True), models.Q(('national_by', models.F('head_by')), _negated=True)), _connector='OR'), name='registration_review_third_person')],
                    },
                ),
                migrations.CreateModel(
                    name='LedgerEntry',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('number', models.PositiveIntegerField()),
                        ('kind', models.CharField(choices=[('with_photo', '有图像'), ('without_photo', '无图像'), ('correction', '更正'), ('photo_added', '补登图像')], max_length=14)),
                        ('name', models.CharField(max_length=80)),
                        ('id_number', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('facts', models.JSONField()),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger', to='campaigns.campaign')),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to='roster.candidate')),
                        ('portrait', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entries', to='delivery.portrait')),
                        ('review', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='ledger_entry', to='registration.review')),
                    ],
                    options={
                        'ordering': ['campaign', 'number'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'number'), name='registration_entry_number_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ('with_photo', 'without_photo'))), fields=('candidate',), name='registration_entry_once_a_person'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'with_photo'), ('portrait__isnull', False), ('review__isnull', False)), models.Q(('kind', 'without_photo'), ('portrait__isnull', True), ('review__isnull', True)), models.Q(('kind', 'photo_added'), ('portrait__isnull', False), ('review__isnull', True)), ('kind', 'correction'), _connector='OR'), name='registration_entry_photo_as_kind')],
                    },
                ),
                migrations.CreateModel(
                    name='LedgerCorrection',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('field', models.CharField(max_length=40)),
                        ('shown', models.CharField(max_length=120)),
                        ('entered', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('reason', models.CharField(max_length=200)),
                        ('status', models.CharField(choices=[('proposed', '待审核'), ('approved', '已更正'), ('rejected', '未同意')], default='proposed', max_length=10)),
                        ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('refusal', models.CharField(blank=True, max_length=200)),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='registration.ledgerentry')),
                        ('result', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='correction', to='registration.ledgerentry')),
                    ],
                    options={
                        'ordering': ['-proposed_at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='registration_correction_four_eyes'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('entry', 'field'), name='registration_correction_waits_once')],
                    },
                ),
                migrations.CreateModel(
                    name='PhotoAddition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(max_length=200)),
                        ('status', models.CharField(choices=[('proposed', '待国家中心审核'), ('approved', '已补登'), ('rejected', '未同意')], default='proposed', max_length=10)),
                        ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('refusal', models.CharField(blank=True, max_length=200)),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='additions', to='registration.ledgerentry')),
                        ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.portrait')),
                        ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('result', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='addition', to='registration.ledgerentry')),
                    ],
                    options={
                        'ordering': ['-proposed_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='registration_addition_four_eyes'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('entry',), name='registration_addition_waits_once'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), models.Q(('decided_by__isnull', False), ('result__isnull', False)), _connector='OR'), name='registration_addition_has_its_line')],
                    },
                ),
            ],
        ),
    ]
