import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import gradphoto.apps.core.initial_tables
import uuid
from django.conf import settings
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
                    name='Account',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('student', '学生应交'), ('person', '经手人'), ('unit', '单位'), ('bank', '银行账户'), ('revenue', '采集费收入'), ('waived', '减免')], max_length=8)),
                        ('balance_fen', models.BigIntegerField(default=0)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='accounts', to='campaigns.campaign')),
                        ('candidate', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='fee_account', to='roster.candidate')),
                        ('keeper', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tills', to=settings.AUTH_USER_MODEL)),
                        ('organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='tills', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['campaign', 'kind', 'pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('candidate__isnull', False), ('keeper', None), ('kind', 'student'), ('organisation', None)), models.Q(('candidate', None), ('keeper__isnull', False), ('kind', 'person'), ('organisation__isnull', False)), models.Q(('candidate', None), ('keeper', None), ('kind__in', ['unit', 'bank']), ('organisation__isnull', False)), models.Q(('candidate', None), ('keeper', None), ('kind__in', ['revenue', 'waived']), ('organisation', None)), _connector='OR'), name='fees_account_of_somebody'), models.UniqueConstraint(condition=models.Q(('kind', 'person')), fields=('campaign', 'organisation', 'keeper'), name='fees_account_person_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ['unit', 'bank'])), fields=('campaign', 'organisation', 'kind'), name='fees_account_unit_once'), models.UniqueConstraint(condition=models.Q(('kind__in', ['revenue', 'waived'])), fields=('campaign', 'kind'), name='fees_account_whole_once'), models.CheckConstraint(condition=models.Q(models.Q(('balance_fen__lte', 0), ('kind', 'revenue')), models.Q(models.Q(('kind', 'revenue'), _negated=True), ('balance_fen__gte', 0)), _connector='OR'), name='fees_account_nothing_negative')],
                    },
                ),
                migrations.CreateModel(
                    name='BankImport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('file_name', models.CharField(max_length=200)),
                        ('status', models.CharField(choices=[('reading', '读取中'), ('done', '已对账')], default='reading', max_length=8)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_imports', to='campaigns.campaign')),
                        ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='core.job')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_imports', to='orgs.organisation')),
                        ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.blob')),
                    ],
                    options={
                        'ordering': ['-created_at'],
                    },
                ),
                migrations.CreateModel(
                    name='Charge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.CharField(choices=[('photo', '图像采集费'), ('make_up', '补采（补拍）'), ('group_photo', '集体合影'), ('extra_print', '加印照片'), ('image_card', '图像信息卡制作费')], max_length=12)),
                        ('quantity', models.PositiveSmallIntegerField(default=1)),
                        ('unit_fen', models.PositiveIntegerField()),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('price_source', models.CharField(max_length=200)),
                        ('price_effective_from', models.DateField()),
                        ('status', models.CharField(choices=[('due', '未缴'), ('collected', '已收'), ('handed_in', '已上缴'), ('waived', '减免'), ('cancelled', '已撤销'), ('refunded', '已退款')], default='due', max_length=10)),
                        ('waive_ground', models.CharField(blank=True, choices=[('shooting_fault', '拍摄原因免费重拍'), ('hardship', '困难减免'), ('other', '其他')], max_length=16)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='roster.candidate')),
                        ('till', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='charges', to='fees.account')),
                    ],
                    options={
                        'ordering': ['candidate__season', 'candidate__department', 'candidate__student_no', 'pk'],
                        'indexes': [models.Index(fields=['item', 'status'], name='fees_charge_item_c2748e_idx')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_fen', django.db.models.expressions.CombinedExpression(models.F('quantity'), '*', models.F('unit_fen'))), ('quantity__gt', 0), ('unit_fen__gt', 0)), name='fees_charge_adds_up'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['collected', 'handed_in']), ('till__isnull', False)), models.Q(('status__in', ['due', 'waived', 'cancelled', 'refunded']), ('till', None)), _connector='OR'), name='fees_charge_paid_lies_somewhere'), models.UniqueConstraint(condition=models.Q(('item', 'photo'), ('status__in', ['due', 'collected', 'handed_in', 'waived'])), fields=('candidate',), name='fees_charge_photo_once_a_person')],
                    },
                ),
                migrations.CreateModel(
                    name='Collection',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('channel', models.CharField(choices=[('on_the_day', '学生当天现场交'), ('class', '班级代收'), ('college', '院系预收'), ('school', '学校统一支付'), ('remittance', '汇款'), ('online', '网上支付')], max_length=12)),
                        ('total_fen', models.PositiveIntegerField()),
                        ('tendered_fen', models.PositiveIntegerField()),
                        ('change_fen', models.PositiveIntegerField()),
                        ('people_count', models.PositiveIntegerField()),
                        ('payer', models.CharField(blank=True, max_length=80)),
                        ('reference', models.CharField(blank=True, max_length=80)),
                        ('business_day', models.DateField()),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('actor', models.CharField(max_length=80)),
                        ('actor_label', models.CharField(max_length=150)),
                        ('nonce', models.UUIDField(unique=True)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='campaigns.campaign')),
                        ('till', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='collections', to='fees.account')),
                    ],
                    options={
                        'ordering': ['-at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('people_count__gt', 0), ('tendered_fen', django.db.models.expressions.CombinedExpression(models.F('total_fen'), '+', models.F('change_fen'))), ('total_fen__gt', 0)), name='fees_collection_change_is_right'), models.CheckConstraint(condition=models.Q(('channel__in', ['on_the_day', 'class', 'college', 'school', 'remittance', 'online'])), name='fees_collection_channel_known')],
                    },
                ),
                migrations.CreateModel(
                    name='BankRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('row_number', models.PositiveIntegerField()),
                        ('serial', models.CharField(blank=True, max_length=80)),
                        ('paid_on', models.DateField(null=True)),
                        ('amount_fen', models.PositiveIntegerField(null=True)),
                        ('payer', models.CharField(blank=True, max_length=80)),
                        ('memo', models.CharField(blank=True, max_length=200)),
                        ('outcome', models.CharField(choices=[('matched', '已匹配入账'), ('unmatched', '未匹配'), ('duplicate', '重复'), ('amount_differs', '金额不符'), ('unreadable', '无法读取')], max_length=16)),
                        ('reason', models.JSONField(default=dict)),
                        ('bank_import', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='fees.bankimport')),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='bank_rows', to='campaigns.campaign')),
                        ('candidate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_rows', to='roster.candidate')),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                        ('collection', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bank_row', to='fees.collection')),
                    ],
                    options={
                        'ordering': ['row_number'],
                        'constraints': [models.UniqueConstraint(fields=('bank_import', 'row_number'), name='fees_bankrow_once'), models.UniqueConstraint(condition=models.Q(('outcome', 'matched'), models.Q(('serial', ''), _negated=True)), fields=('organisation', 'serial'), name='fees_bankrow_serial_once'), models.CheckConstraint(condition=models.Q(models.Q(('collection__isnull', False), ('outcome', 'matched')), models.Q(models.Q(('outcome', 'matched'), _negated=True), ('collection', None)), _connector='OR'), name='fees_bankrow_matched_is_collected')],
                    },
                ),
                migrations.CreateModel(
                    name='DayClosing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('expected_fen', models.PositiveBigIntegerField()),
                        ('counted_fen', models.PositiveBigIntegerField()),
                        ('denominations', models.JSONField(default=dict)),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('till', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closings', to='fees.account')),
                    ],
                    options={
                        'ordering': ['-day', 'till'],
                        'constraints': [models.UniqueConstraint(fields=('till', 'day'), name='fees_dayclosing_once'), models.CheckConstraint(condition=models.Q(('counted_fen', models.F('expected_fen')), models.Q(('note', ''), _negated=True), _connector='OR'), name='fees_dayclosing_difference_explained')],
                    },
                ),
                migrations.CreateModel(
                    name='HandIn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('means', models.CharField(choices=[('cash', '现金'), ('transfer', '银行转账'), ('postal', '邮政汇款')], default='cash', max_length=8)),
                        ('reference', models.CharField(blank=True, max_length=80)),
                        ('remitted_on', models.DateField(null=True)),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('people_count', models.PositiveIntegerField()),
                        ('status', models.CharField(choices=[('listed', '待接收'), ('received', '双方已清点'), ('refused', '已退回'), ('withdrawn', '已撤回')], default='listed', max_length=10)),
                        ('listed_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('counted_fen', models.PositiveIntegerField(null=True)),
                        ('counted_people', models.PositiveIntegerField(null=True)),
                        ('photographed_people', models.PositiveIntegerField(null=True)),
                        ('received_at', models.DateTimeField(null=True)),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_ins', to='campaigns.campaign')),
                        ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_ins_given', to='fees.account')),
                        ('listed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('received_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('receiver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_ins_received', to='fees.account')),
                    ],
                    options={
                        'ordering': ['-listed_at', '-pk'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0), ('people_count__gt', 0)), name='fees_handin_positive'), models.CheckConstraint(condition=models.Q(('giver', models.F('receiver')), _negated=True), name='fees_handin_moves'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'received'), _negated=True), models.Q(('counted_fen', models.F('amount_fen')), ('counted_people', models.F('people_count')), ('received_at__isnull', False), ('received_by__isnull', False)), _connector='OR'), name='fees_handin_received_is_agreed'), models.CheckConstraint(condition=models.Q(('received_by', None), models.Q(('received_by', models.F('listed_by')), _negated=True), _connector='OR'), name='fees_handin_four_eyes'), models.CheckConstraint(condition=models.Q(('means', 'cash'), models.Q(models.Q(('reference', ''), _negated=True), ('remitted_on__isnull', False)), _connector='OR'), name='fees_handin_remittance_has_reference'), models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['refused', 'withdrawn']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='fees_handin_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='Entry',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('kind', models.CharField(choices=[('charge', '应收'), ('collect', '收款'), ('hand_in', '上缴'), ('waive', '减免'), ('cancel_charge', '撤销应收'), ('cancel_payment', '撤销收款'), ('cancel_waiver', '撤销减免'), ('refund', '退款')], max_length=14)),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('reason', models.CharField(blank=True, max_length=200)),
                        ('business_day', models.DateField()),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('actor', models.CharField(max_length=80)),
                        ('actor_label', models.CharField(max_length=150)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fee_entries', to='campaigns.campaign')),
                        ('charge', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='fees.charge')),
                        ('collection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='fees.collection')),
                        ('credit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='given', to='fees.account')),
                        ('debit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='received', to='fees.account')),
                        ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='fees.entry')),
                        ('hand_in', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entry', to='fees.handin')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'indexes': [models.Index(fields=['campaign', 'season', 'business_day'], name='fees_entry_campaig_91518f_idx')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='fees_entry_positive'), models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='fees_entry_moves'), models.CheckConstraint(condition=models.Q(models.Q(('charge__isnull', False), ('collection', None), ('hand_in', None), ('kind__in', ['charge', 'waive']), ('reverses', None)), models.Q(('charge__isnull', False), ('collection__isnull', False), ('hand_in', None), ('kind', 'collect'), ('reverses', None)), models.Q(('charge', None), ('collection', None), ('hand_in__isnull', False), ('kind', 'hand_in'), ('reverses', None)), models.Q(('charge__isnull', False), ('hand_in', None), ('kind__in', ['cancel_charge', 'cancel_payment', 'cancel_waiver', 'refund']), ('reverses__isnull', False)), _connector='OR'), name='fees_entry_as_kind'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['waive', 'cancel_charge', 'cancel_payment', 'cancel_waiver', 'refund']), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='fees_entry_counter_has_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='HandInItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('live', models.BooleanField(default=True)),
                        ('charge', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hand_in_items', to='fees.charge')),
                        ('giver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='fees.account')),
                        ('hand_in', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='fees.handin')),
                    ],
                    options={
                        'ordering': ['charge__candidate__department', 'charge__candidate__student_no', 'pk'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('live', True)), fields=('charge', 'giver'), name='fees_handinitem_once')],
                    },
                ),
                migrations.CreateModel(
                    name='OnlineOrder',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ('gateway', models.CharField(max_length=20)),
                        ('reference', models.CharField(blank=True, max_length=80)),
                        ('pay_url', models.CharField(blank=True, max_length=300)),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('status', models.CharField(choices=[('open', '待支付'), ('paid', '已支付'), ('closed', '已关闭'), ('surplus', '多付待退'), ('refunded', '已退款')], default='open', max_length=8)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('paid_at', models.DateTimeField(null=True)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='online_orders', to='campaigns.campaign')),
                        ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='online_orders', to='roster.candidate')),
                        ('charges', models.ManyToManyField(related_name='online_orders', to='fees.charge')),
                        ('collection', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='online_order', to='fees.collection')),
                    ],
                    options={
                        'ordering': ['-created_at'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='fees_onlineorder_positive'), models.UniqueConstraint(condition=models.Q(('status', 'open')), fields=('candidate',), name='fees_onlineorder_open_once'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'paid'), _negated=True), ('collection__isnull', False), _connector='OR'), name='fees_onlineorder_paid_is_collected')],
                    },
                ),
                migrations.CreateModel(
                    name='GatewayNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('gateway', models.CharField(max_length=20)),
                        ('notice_id', models.CharField(max_length=80)),
                        ('event', models.CharField(max_length=12)),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('occurred_at', models.DateTimeField()),
                        ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('outcome', models.CharField(choices=[('applied', '已入账'), ('early', '先到，等待前一通知'), ('ignored', '无需处理'), ('amount_differs', '金额不符'), ('unknown_order', '订单不存在')], max_length=16)),
                        ('order', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='fees.onlineorder')),
                    ],
                    options={
                        'ordering': ['pk'],
                        'constraints': [models.UniqueConstraint(fields=('gateway', 'notice_id'), name='fees_gatewaynotice_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Price',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('item', models.CharField(choices=[('photo', '图像采集费'), ('make_up', '补采（补拍）'), ('group_photo', '集体合影'), ('extra_print', '加印照片'), ('image_card', '图像信息卡制作费')], max_length=12)),
                        ('school_kind', models.CharField(blank=True, max_length=20)),
                        ('cohort_year', models.PositiveSmallIntegerField(default=0)),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('source', models.CharField(max_length=200)),
                        ('effective_from', models.DateField()),
                        ('withdrawn_at', models.DateTimeField(null=True)),
                        ('withdrawn_reason', models.CharField(blank=True, max_length=200)),
                        ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prices', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['item', 'school_kind', '-cohort_year', '-effective_from'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('organisation', 'item', 'school_kind', 'cohort_year', 'effective_from'), name='fees_price_once'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='fees_price_positive'), models.CheckConstraint(condition=models.Q(('source', ''), _negated=True), name='fees_price_has_source'), models.CheckConstraint(condition=models.Q(('item__in', ['photo', 'make_up', 'group_photo', 'extra_print', 'image_card'])), name='fees_price_item_known')],
                    },
                ),
                migrations.CreateModel(
                    name='Receipt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('year', models.PositiveSmallIntegerField()),
                        ('number', models.PositiveIntegerField()),
                        ('payer', models.CharField(max_length=120)),
                        ('matter', models.CharField(max_length=200)),
                        ('amount_fen', models.PositiveIntegerField()),
                        ('people_count', models.PositiveIntegerField()),
                        ('issued_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='campaigns.campaign')),
                        ('collection', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='fees.collection')),
                        ('hand_in', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='fees.handin')),
                        ('issued_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipts', to='orgs.organisation')),
                        ('payer_organisation', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                        ('replaces', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='fees.receipt')),
                    ],
                    options={
                        'ordering': ['-year', 'issuer', '-number'],
                        'constraints': [models.UniqueConstraint(fields=('issuer', 'year', 'number'), name='fees_receipt_number_once'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0), ('number__gt', 0)), name='fees_receipt_positive'), models.CheckConstraint(condition=models.Q(models.Q(('collection', None), ('hand_in__isnull', False)), models.Q(('collection__isnull', False), ('hand_in', None)), _connector='OR'), name='fees_receipt_for_one_thing'), models.UniqueConstraint(condition=models.Q(('replaces', None)), fields=('hand_in',), name='fees_receipt_hand_in_once'), models.UniqueConstraint(condition=models.Q(('replaces', None)), fields=('collection',), name='fees_receipt_collection_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ReceiptBook',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('year', models.PositiveSmallIntegerField()),
                        ('last', models.PositiveIntegerField(default=0)),
                        ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='receipt_books', to='orgs.organisation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('issuer', 'year'), name='fees_receiptbook_once')],
                    },
                ),
                migrations.CreateModel(
                    name='ReceiptCancellation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(max_length=200)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('receipt', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='cancellation', to='fees.receipt')),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='fees_receiptcancellation_has_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='SeasonClosing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('season', models.CharField(choices=[('spring', '春季'), ('autumn', '秋季')], max_length=8)),
                        ('totals', models.JSONField()),
                        ('note', models.CharField(blank=True, max_length=200)),
                        ('at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fee_closings', to='campaigns.campaign')),
                    ],
                    options={
                        'ordering': ['-at'],
                        'constraints': [models.UniqueConstraint(fields=('campaign', 'season'), name='fees_seasonclosing_once'), models.CheckConstraint(condition=models.Q(('season__in', ['spring', 'autumn'])), name='fees_seasonclosing_season_known')],
                    },
                ),
            ],
        ),
    ]
