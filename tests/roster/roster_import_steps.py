"""The steps of a roster file on its way in, as the registrar takes them on the pages."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gradphoto.apps.core import jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import Job, JobState
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.roster.channel import confirm_channel
from gradphoto.apps.roster.models import (
    CandidateStatus,
    RosterImport,
)
from world import made_up_id_number

BACKEND = "django.contrib.auth.backends.ModelBackend"
S = CandidateStatus
HEADINGS = ("学号", "姓名", "性别", "出生日期", "身份证号", "院系", "专业名称", "培养层次", "毕业季", "班级")


def registrar_of(world):
    """The registrar's browser, with the channel to the centre confirmed."""
    actor = world.actor(Role.REGISTRAR)
    confirm_channel(actor, world.campaign, school=world.school.name, teacher="registrar")
    client = Client()
    client.force_login(world.people[Role.REGISTRAR], BACKEND)
    return client


def row(n, **changed):
    values = dict(zip(HEADINGS, (
        f"2022{n:06d}", f"测试{'甲乙丙丁戊己庚辛壬癸'[n % 10]}", "男" if n % 2 else "女", "20040305",
        made_up_id_number(n, male=n % 2 == 1), "计算机学院", "计算机科学与技术", "本科", "春季", "计科2201",
    ), strict=True))  # fmt: skip
    return values | changed


def as_csv(rows, headings=HEADINGS):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings)
    writer.writerows([[one.get(title, "") for title in headings] for one in rows])
    return out.getvalue().encode("utf-8-sig")


def upload(browser, world, data, name="名册.csv", **more):
    form = {"form": "upload_roster", "row": world.campaign.pk, "file": SimpleUploadedFile(name, data), **more}
    return browser.post("/roster/imports/", form)


def run_last():
    job = Job.objects.order_by("-created_at").first()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, (job.error_code, job.error)


def read_in(browser, world, rows, headings=HEADINGS):
    """Upload, confirm the proposed columns, and let the file be read."""
    answer = upload(browser, world, as_csv(rows, headings))
    made = RosterImport.objects.order_by("-pk").first()
    page = browser.get(answer.url)
    confirmed = {field.html_name: field.value() for column, field in page.context["form"].columns()}
    assert browser.post(answer.url, confirmed).status_code == 302
    run_last()
    made.refresh_from_db()
    return made


def decide(browser, made, kind, do="accept", **chosen):
    return browser.post(
        f"/roster/imports/{made.pk}/",
        {"form": "decide_differences", "kind": kind, "do": do, **(chosen or {"all": "1"})},
    )


def kinds(made):
    return {kind: list(made.differences.filter(kind=kind).values_list("student_no", flat=True))
            for kind in ("added", "changed", "gone")}  # fmt: skip


def code_of(call, *args, **kwargs):
    with pytest.raises(Refusal) as caught:
        call(*args, **kwargs)
    return caught.value.code
