"""The kinds of organisations and the roles of people, apart from the tables that hold them (R2)."""

from __future__ import annotations

from django.db import models

from gradphoto.apps.core.wording import bi


class OrganisationKind(models.TextChoices):
    NATIONAL_CENTRE = "national_centre", bi("国家中心", "National centre")
    AGENCY = "agency", bi("图片社总部", "Picture agency")
    COLLECTION_CENTRE = "collection_centre", bi("采集中心", "Collection centre")
    PROVINCE = "province", bi("省教育厅", "Provincial education department")
    SCHOOL = "school", bi("院校", "School")
    DEPARTMENT = "department", bi("院系", "Department")
    LEARNING_CENTRE = "learning_centre", bi("校外学习中心", "Learning centre")


class Role(models.TextChoices):
    """What a person does in an organisation (R2)."""

    ADMINISTRATOR = "administrator", bi("系统管理员", "Administrator")
    AUDITOR = "auditor", bi("安全审计员", "Auditor")
    REGISTRAR = "registrar", bi("教务处", "Registrar")
    COLLEGE_OFFICER = "college_officer", bi("学院负责人", "College officer")
    COLLEGE_LEADER = "college_leader", bi("主管学生工作的院领导", "College leader in charge of student work")
    TEACHING_SECRETARY = "teaching_secretary", bi("教学秘书", "Teaching secretary")
    COUNSELLOR = "counsellor", bi("毕业班辅导员", "Counsellor")
    LEARNING_CENTRE = "learning_centre", bi("学习中心", "Learning centre officer")
    STUDENT_AFFAIRS = "student_affairs", bi("学生工作部（处）", "Student affairs department")
    HEAD_OFFICE = "head_office", bi("学院党政办公室", "Head office")
    PHOTOGRAPHER = "photographer", bi("摄影师", "Photographer")
    SITE_STAFF = "site_staff", bi("现场检验员", "On-site checker")
    COLLECTION_CENTRE = "collection_centre", bi("采集中心", "Collection centre")
    NATIONAL_REVIEWER = "national_reviewer", bi("国家中心审核员", "National reviewer")
