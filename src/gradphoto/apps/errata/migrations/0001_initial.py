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
        ('capture', '0001_initial'),
        ('core', '0001_initial'),
        ('delivery', '0001_initial'),
        ('orgs', '0001_initial'),
        ('roster', '0001_initial'),
        ('schedule', '0001_initial'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='ErrataCase',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('kind', models.CharField(choices=[('missing', '缺照片'), ('damaged', '漏洗或损坏'), ('bad_photo', '闭眼等拍摄原因'), ('data_wrong', '数据错误'), ('data_shifted', '数据错位'), ('other_person', '图像非本人'), ('blurred', '图像模糊'), ('school_wrong', '院校名称有误'), ('no_image', '网上无图像')], max_length=16)),
                        ('corrector', models.CharField(choices=[('registry', '本校学籍管理'), ('agency', '图片社'), ('centre', '采集中心'), ('chsi', '学信网')], max_length=10)),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('status', models.CharField(choices=[('drafted', '已起草'), ('sealed', '已盖章'), ('sent', '已寄出'), ('received', '对方已收到'), ('corrected', '已更正'), ('reissued', '已补发'), ('reshot', '已重拍'), ('confirmed', '已确认'), ('filed', '已归档'), ('refused', '对方不受理'), ('withdrawn', '已撤回')], default='drafted', max_length=10)),
                        ('origin', models.CharField(choices=[('person', '个人页面'), ('delivery', '照片核对'), ('verification', '本人校对')], default='person', max_length=12)),
                        ('description', models.CharField(blank=True, max_length=500)),
                        ('contact', models.CharField(max_length=60)),
                        ('telephone', models.CharField(max_length=40)),
                        ('address', models.CharField(max_length=160)),
                        ('drafted_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('sent_on', models.DateField(null=True)),
                        ('channel', models.CharField(blank=True, choices=[('courier', '快递'), ('fax', '传真'), ('email', '电子邮件'), ('post', '邮寄'), ('by_hand', '当面送交'), ('online', '平台内转交')], max_length=10)),
                        ('sent_to', models.CharField(blank=True, max_length=120)),
                        ('received_on', models.DateField(null=True)),
                        ('due_on', models.DateField(null=True)),
                        ('due_provisional', models.BooleanField(default=False)),
                        ('result_on', models.DateField(null=True)),
                        ('result_note', models.CharField(blank=True, max_length=200)),
                        ('confirmed_at', models.DateTimeField(null=True)),
                        ('filed_at', models.DateTimeField(null=True)),
                        ('filed_place', models.CharField(blank=True, max_length=120)),
                        ('closed_reason', models.CharField(blank=True, max_length=200)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errata_cases', to='campaigns.campaign')),
                        ('department', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errata_cases', to='orgs.organisation')),
                        ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('package', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='errata_cases', to='delivery.package')),
                        ('reshoot', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='errata_cases', to='capture.checkin')),
                        ('session', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='errata_cases', to='schedule.capturesession')),
                    ],
                    options={
                        'ordering': ['-drafted_at', '-pk'],
                        'indexes': [models.Index(fields=['status', 'due_on'], name='errata_erra_status_46d096_idx')],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'number'), name='errata_case_number_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['missing', 'damaged', 'bad_photo', 'data_wrong', 'data_shifted', 'other_person', 'blurred', 'school_wrong', 'no_image'])), name='errata_case_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('contact', ''), _negated=True), models.Q(('telephone', ''), _negated=True), models.Q(('address', ''), _negated=True)), name='errata_case_contact_complete'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('sent', 'received', 'corrected', 'reissued', 'reshot', 'confirmed', 'filed')), _negated=True), ('sent_on__isnull', False), _connector='OR'), name='errata_case_sent_has_date'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['received', 'corrected', 'reissued', 'reshot', 'confirmed', 'filed']), _negated=True), ('received_on__isnull', False), _connector='OR'), name='errata_case_received_has_date'), models.CheckConstraint(condition=models.Q(('received_on__isnull', True), ('received_on__gte', models.F('sent_on')), _connector='OR'), name='errata_case_received_after_sent'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['refused', 'withdrawn']), _negated=True), models.Q(('closed_reason', ''), _negated=True), _connector='OR'), name='errata_case_end_has_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='CaseReport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('linked_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('report', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='errata_link', to='delivery.deliveryreport')),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='errata.erratacase')),
                    ],
                    options={
                        'ordering': ['pk'],
                    },
                ),
                migrations.CreateModel(
                    name='ErrataForm',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('paper', models.CharField(choices=[('errata', '勘误表'), ('image_errata', '图像数据检查勘误表'), ('missing_report', '缺照片报告')], max_length=16)),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('corrector', models.CharField(choices=[('registry', '本校学籍管理'), ('agency', '图片社'), ('centre', '采集中心'), ('chsi', '学信网')], max_length=10)),
                        ('status', models.CharField(choices=[('drafted', '待盖章'), ('sealed', '已盖章'), ('sent', '已寄出'), ('received', '对方已收到')], default='drafted', max_length=10)),
                        ('contact', models.CharField(max_length=60)),
                        ('telephone', models.CharField(max_length=40)),
                        ('address', models.CharField(max_length=160)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('seal_of', models.CharField(blank=True, max_length=120)),
                        ('signed_by', models.CharField(blank=True, max_length=60)),
                        ('signed_role', models.CharField(blank=True, max_length=60)),
                        ('sealed_on', models.DateField(null=True)),
                        ('sent_on', models.DateField(null=True)),
                        ('channel', models.CharField(blank=True, choices=[('courier', '快递'), ('fax', '传真'), ('email', '电子邮件'), ('post', '邮寄'), ('by_hand', '当面送交'), ('online', '平台内转交')], max_length=10)),
                        ('sent_to', models.CharField(blank=True, max_length=120)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errata_forms', to='campaigns.campaign')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errata_forms', to='orgs.organisation')),
                        ('scan', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                    ],
                    options={
                        'ordering': ['-created_at', '-pk'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'number'), name='errata_form_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('contact', ''), _negated=True), models.Q(('telephone', ''), _negated=True), models.Q(('address', ''), _negated=True)), name='errata_form_contact_complete'), models.CheckConstraint(condition=models.Q(models.Q(('scan__isnull', True), ('sealed_on__isnull', True)), models.Q(('scan__isnull', False), ('sealed_on__isnull', False), models.Q(('seal_of', ''), _negated=True), models.Q(('signed_by', ''), _negated=True)), _connector='OR'), name='errata_form_seal_with_scan')],
                    },
                ),
                migrations.CreateModel(
                    name='ErrataItem',
                    fields=[
                        ('id', gradphoto.apps.core.encryption.RowKeyField(primary_key=True, serialize=False)),
                        ('position', models.PositiveIntegerField()),
                        ('kind', models.CharField(choices=[('missing', '缺照片'), ('damaged', '漏洗或损坏'), ('bad_photo', '闭眼等拍摄原因'), ('data_wrong', '数据错误'), ('data_shifted', '数据错位'), ('other_person', '图像非本人'), ('blurred', '图像模糊'), ('school_wrong', '院校名称有误'), ('no_image', '网上无图像')], max_length=16)),
                        ('field', models.CharField(blank=True, max_length=40)),
                        ('shown', models.CharField(blank=True, max_length=120)),
                        ('right', gradphoto.apps.core.encryption.EncryptedTextField(null=True)),
                        ('shooting_number', models.PositiveIntegerField(null=True)),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='errata_items', to='roster.candidate')),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='errata.erratacase')),
                        ('frame_before', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='capture.frame')),
                    ],
                    options={
                        'ordering': ['case', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('case', 'candidate', 'field'), name='errata_item_once_a_case'), models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('candidate', 'kind', 'field'), name='errata_item_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'data_wrong'), _negated=True), models.Q(models.Q(('field', ''), _negated=True), ('right__isnull', False)), _connector='OR'), name='errata_item_wrong_data_has_right_value')],
                    },
                ),
                migrations.CreateModel(
                    name='Attachment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('proof', '证明材料'), ('photo', '问题照片'), ('reply', '对方答复'), ('other', '其他')], max_length=8)),
                        ('note', models.CharField(blank=True, max_length=120)),
                        ('added_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('blob', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                        ('case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attachments', to='errata.erratacase')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('case', 'blob'), name='errata_attachment_once')],
                    },
                ),
            ],
        ),
        migrations.AddField(
            model_name='erratacase',
            name='form',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='cases', to='errata.errataform'),
        ),
    ]
