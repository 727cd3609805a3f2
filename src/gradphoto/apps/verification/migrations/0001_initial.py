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
        ('core', '0001_initial'),
        ('delivery', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='NoticeRound',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('session', '采集时间通知'), ('changed', '采集时间变更'), ('missed', '漏拍通知'), ('makeup', '补拍通知'), ('opened', '开放校对通知'), ('reminder', '催办提醒'), ('last_call', '截止前提醒'), ('errata', '勘误答复'), ('stations', '校外点、函授站通知'), ('liaison', '联系人通知')], max_length=10)),
                        ('channel', models.CharField(choices=[('email', '电子邮件'), ('sms', '短信'), ('webhook', '校内消息平台'), ('in_person', '当面告知')], max_length=9)),
                        ('text', models.TextField()),
                        ('nonce', models.UUIDField(null=True, unique=True)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notice_rounds', to='campaigns.campaign')),
                        ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['-created_at'],
                    },
                ),
                migrations.CreateModel(
                    name='Opening',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('since', models.DateField()),
                        ('closes_on', models.DateField(null=True)),
                        ('early_reason', models.CharField(blank=True, max_length=200)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='openings', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['campaign', '-season'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'season'), name='verification_opening_once'), models.CheckConstraint(condition=models.Q(('closes_on__isnull', True), ('closes_on__gte', models.F('since')), _connector='OR'), name='verification_opening_closes_after')],
                    },
                ),
                migrations.CreateModel(
                    name='EarlyEnd',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('closes_on', models.DateField()),
                        ('published', models.DateField(null=True)),
                        ('reason', models.CharField(max_length=200)),
                        ('status', models.CharField(choices=[('proposed', '待批准'), ('approved', '已批准'), ('rejected', '未同意')], default='proposed', max_length=10)),
                        ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('refusal', models.CharField(blank=True, max_length=200)),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('opening', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='early_ends', to='verification.opening')),
                    ],
                    options={
                        'ordering': ['-proposed_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='verification_early_end_four_eyes'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('opening',), name='verification_early_end_waits_once')],
                    },
                ),
                migrations.CreateModel(
                    name='PortalSession',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64, unique=True)),
                        ('began_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('seen_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('card_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='portal_sessions', to='roster.candidate')),
                    ],
                    options={
                        'ordering': ['-seen_at'],
                    },
                ),
                migrations.CreateModel(
                    name='VerificationCase',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('status', models.CharField(choices=[('open', '待校对'), ('viewed', '校对中'), ('corrected', '已提交更正，待本人确认'), ('confirmed', '本人已确认'), ('disputed', '图像有误，待学校处理'), ('answered', '学校已处理，待本人确认'), ('expired', '逾期未校对')], default='open', max_length=10)),
                        ('opened_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('viewed_at', models.DateTimeField(null=True)),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('dispute_reason', models.CharField(blank=True, max_length=200)),
                        ('answer', models.CharField(blank=True, max_length=200)),
                        ('answered_at', models.DateTimeField(null=True)),
                        ('reopened_until', models.DateField(null=True)),
                        ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='verification_case', to='roster.candidate')),
                        ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.portrait')),
                    ],
                    options={
                        'ordering': ['candidate__season', 'candidate__department', 'candidate__student_no'],
                    },
                ),
                migrations.CreateModel(
                    name='Reopening',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('changed', models.JSONField()),
                        ('reason', models.CharField(max_length=200)),
                        ('until', models.DateField()),
                        ('status', models.CharField(choices=[('proposed', '待批准'), ('approved', '已批准'), ('rejected', '未同意')], default='proposed', max_length=10)),
                        ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('decided_at', models.DateTimeField(null=True)),
                        ('refusal', models.CharField(blank=True, max_length=200)),
                        ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reopenings', to='verification.verificationcase')),
                    ],
                    options={
                        'ordering': ['-proposed_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('proposed_by')), _negated=True), _connector='OR'), name='verification_reopening_four_eyes'), models.CheckConstraint(condition=models.Q(('status', 'proposed'), models.Q(('decided_at__isnull', False), ('proposed_by__isnull', False)), _connector='OR'), name='verification_reopening_decided'), models.UniqueConstraint(condition=models.Q(('status', 'proposed')), fields=('case',), name='verification_reopening_waits_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Correction',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('field', models.CharField(max_length=40)),
                        ('shown', models.CharField(max_length=120)),
                        ('entered', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('applied_at', models.DateTimeField(null=True)),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='verification.verificationcase')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('applied_at__isnull', True), ('withdrawn_at__isnull', True)), fields=('case', 'field'), name='verification_correction_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Confirmation',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('facts', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('at', models.DateTimeField()),
                        ('portrait', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='delivery.portrait')),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='verification.verificationcase')),
                    ],
                    options={
                        'ordering': ['at', 'pk'],
                    },
                ),
                migrations.CreateModel(
                    name='ContactPoint',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('channel', models.CharField(choices=[('email', '电子邮件'), ('sms', '短信'), ('webhook', '校内消息平台'), ('in_person', '当面告知')], max_length=9)),
                        ('address', gradphoto.apps.core.encryption.EncryptedTextField()),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='contact_points', to='roster.candidate')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('candidate', 'channel'), name='verification_contact_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('facts', models.JSONField(default=dict)),
                        ('channel', models.CharField(choices=[('email', '电子邮件'), ('sms', '短信'), ('webhook', '校内消息平台'), ('in_person', '当面告知')], max_length=9)),
                        ('state', models.CharField(choices=[('waiting', '待发送'), ('sent', '已发送'), ('delivered', '已送达'), ('read', '本人已阅'), ('signed', '签收表已签'), ('outbox', '未发出，待另行转交'), ('failed', '发送失败'), ('no_address', '没有联系方式'), ('told', '已当面告知')], default='waiting', max_length=10)),
                        ('at', models.DateTimeField(null=True)),
                        ('reference', models.CharField(blank=True, max_length=120)),
                        ('error', models.JSONField(null=True)),
                        ('delivered_at', models.DateTimeField(null=True)),
                        ('read_at', models.DateTimeField(null=True)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('candidate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='roster.candidate')),
                        ('contact', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='campaigns.contact')),
                        ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='roster.document')),
                        ('round', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='verification.noticeround')),
                    ],
                    options={
                        'ordering': ['candidate__department', 'candidate__class_name', 'candidate__student_no'],
                        'indexes': [models.Index(fields=['candidate', 'state', 'at'], name='verificatio_candida_25f88a_idx')],
                        'constraints': [models.UniqueConstraint(fields=('round', 'candidate'), name='verification_notice_once_a_round'), models.CheckConstraint(condition=models.Q(('candidate__isnull', True), ('contact__isnull', True), _connector='XOR'), name='verification_notice_to_one'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['sent', 'delivered', 'read', 'signed', 'told']), _negated=True), ('at__isnull', False), _connector='OR'), name='verification_notice_proof_dated')],
                    },
                ),
            ],
        ),
    ]
