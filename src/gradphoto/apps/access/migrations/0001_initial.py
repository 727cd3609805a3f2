import django.utils.timezone
import gradphoto.apps.core.initial_tables
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='AccessAttempt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('entry_point', models.CharField(choices=[('portal', '校对系统'), ('signing', '本人核对'), ('make_up', '补拍表'), ('staff', '工作人员登录'), ('second_factor', '第二因素')], max_length=13)),
                        ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                        ('address_index', models.CharField(max_length=64)),
                        ('device_index', models.CharField(blank=True, max_length=64)),
                        ('subject_index', models.CharField(max_length=64)),
                        ('outcome', models.CharField(choices=[('failed', '未通过'), ('succeeded', '通过'), ('refused', '次数过多')], default='failed', max_length=9)),
                    ],
                    options={
                        'ordering': ['-at'],
                        'indexes': [models.Index(fields=['address_index', 'outcome', 'at'], name='access_attempt_address'), models.Index(fields=['subject_index', 'outcome', 'at'], name='access_attempt_subject'), models.Index(fields=['device_index', 'outcome'], name='access_attempt_device')],
                    },
                ),
            ],
        ),
    ]
