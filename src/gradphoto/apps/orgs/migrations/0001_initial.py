import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
import gradphoto.apps.core.blind_indexes
import gradphoto.apps.core.initial_tables
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        gradphoto.apps.core.initial_tables.InitialTables(
            operations=[
                migrations.CreateModel(
                    name='User',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                        ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                        ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                        ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                        ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                        ('display_name', models.CharField(blank=True, max_length=60)),
                        ('telephone', models.CharField(blank=True, max_length=40)),
                        ('office', models.CharField(blank=True, max_length=120)),
                        ('notices_by_mail', models.BooleanField(default=False)),
                        ('must_change_password', models.BooleanField(default=False)),
                        ('password_set_at', models.DateTimeField(null=True)),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                    ],
                    options={
                        'verbose_name': 'user',
                        'verbose_name_plural': 'users',
                        'abstract': False,
                    },
                    managers=[
                        ('objects', django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name='Organisation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('national_centre', '国家中心'), ('agency', '图片社总部'), ('collection_centre', '采集中心'), ('province', '省教育厅'), ('school', '院校'), ('department', '院系'), ('learning_centre', '校外学习中心')], max_length=20)),
                        ('code', models.CharField(blank=True, max_length=20)),
                        ('name', models.CharField(max_length=120)),
                        ('name_en', models.CharField(blank=True, max_length=160)),
                        ('path', models.CharField(blank=True, db_index=True, default='', max_length=200)),
                        ('archived_at', models.DateTimeField(blank=True, null=True)),
                        ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['path'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('archived_at', None)), fields=('parent', 'kind', 'name'), name='orgs_organisation_name_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Membership',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(choices=[('administrator', '系统管理员'), ('auditor', '安全审计员'), ('registrar', '教务处'), ('college_officer', '学院负责人'), ('college_leader', '主管学生工作的院领导'), ('teaching_secretary', '教学秘书'), ('counsellor', '毕业班辅导员'), ('learning_centre', '学习中心'), ('student_affairs', '学生工作部（处）'), ('head_office', '学院党政办公室'), ('photographer', '摄影师'), ('site_staff', '现场检验员'), ('collection_centre', '采集中心'), ('national_reviewer', '国家中心审核员')], max_length=20)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='orgs.organisation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('user', 'organisation', 'role'), name='orgs_membership_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SecondFactorRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('role', models.CharField(choices=[('administrator', '系统管理员'), ('auditor', '安全审计员'), ('registrar', '教务处'), ('college_officer', '学院负责人'), ('college_leader', '主管学生工作的院领导'), ('teaching_secretary', '教学秘书'), ('counsellor', '毕业班辅导员'), ('learning_centre', '学习中心'), ('student_affairs', '学生工作部（处）'), ('head_office', '学院党政办公室'), ('photographer', '摄影师'), ('site_staff', '现场检验员'), ('collection_centre', '采集中心'), ('national_reviewer', '国家中心审核员')], max_length=20)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='second_factor_rules', to='orgs.organisation')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('organisation', 'role'), name='orgs_secondfactorrule_once')],
                    },
                ),
                migrations.CreateModel(
                    name='TableImport',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('units', '单位'), ('people', '人员')], max_length=8)),
                        ('file_name', models.CharField(max_length=120)),
                        ('header', models.JSONField(default=list)),
                        ('rows', models.JSONField(default=list)),
                        ('mapping', models.JSONField(default=dict)),
                        ('state', models.CharField(choices=[('open', '待接收'), ('taken', '已接收'), ('discarded', '已放弃')], default='open', max_length=10)),
                        ('taken', models.PositiveIntegerField(default=0)),
                        ('made_by', models.CharField(max_length=150)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='orgs.organisation')),
                    ],
                    options={
                        'ordering': ['-made_at'],
                    },
                ),
                migrations.CreateModel(
                    name='Invitation',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key_index', gradphoto.apps.core.blind_indexes.BlindIndexField(max_length=64, unique=True)),
                        ('way', models.CharField(choices=[('slip', '打印单'), ('mail', '邮件')], max_length=4)),
                        ('made_by', models.CharField(max_length=80)),
                        ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                        ('expires_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-made_at'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None), ('used_at', None)), fields=('user',), name='orgs_invitation_live_once')],
                    },
                ),
            ],
        ),
    ]
