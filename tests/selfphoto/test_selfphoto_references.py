"""Photographs on file for many at once: what is somebody's without a doubt is kept, the rest is told file by file (facts 5.1)."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry, Blob, Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages.models import Export
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.selfphoto.comparing import keep_reference
from gradphoto.apps.selfphoto.models import Reference
from gradphoto.apps.selfphoto.references import Fate, Taking
from gradphoto.demo.sitters import picture
from makeup.makeup_world import client
from selfphoto.selfphoto_world import rule
from world import add_candidate, build_world, save

pytestmark = pytest.mark.django_db
PAGE = "/self-photographs/references/"


@pytest.fixture
def world(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    made = build_world()
    rule(made, keys.COMPARE_FACES, True)
    made.one, made.two, made.three = (add_candidate(made, n) for n in (1, 2, 3))
    made.one.candidate_no = "26990001110012"
    save(made.one, "candidate_no")
    return made


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def agree(*people) -> None:
    FaceConsent.objects.bulk_create(FaceConsent(candidate=one, paper="册 3") for one in people)


def test_a_zip_is_read_by_a_job_and_every_file_has_its_row(world):
    agree(world.one, world.two)
    jpeg, another = picture("person_01"), picture("person_02")
    data = packed(**{
        f"照片/{world.one.student_no}.jpg": jpeg,
        f"{world.two.student_no}_{world.two.name}.JPG": another,
        f"{world.three.student_no}.jpg": jpeg,
        "2099999999.jpg": jpeg,
        "readme.txt": b"words",
    })  # fmt: skip
    browser = client(world, Role.REGISTRAR)
    assert 'name="file"' in browser.get(PAGE).content.decode()
    form = {"form": "request_references", "campaign": world.campaign.pk, "origin": "录取照片"}
    upload = SimpleUploadedFile("photos.zip", data, "application/zip")
    answer = browser.post(PAGE, {**form, "file": upload})
    export = Export.objects.get()
    assert answer.url.endswith(f"/{export.pk}/")
    assert jobs.run(export.job_id)
    export.refresh_from_db()
    rows = list(load_workbook(io.BytesIO(blobs.read(export.blob))).active.iter_rows(min_row=2, values_only=True))
    assert [(row[1], row[3]) for row in rows] == [
        (world.one.student_no, "已登记"), (world.two.student_no, "已登记"), (world.three.student_no, "未登记"),
        (None, "查无此人"), (None, "查无此人"),
    ]  # fmt: skip
    assert "同意" in rows[2][4]
    assert set(Reference.objects.values_list("candidate__student_no", "origin")) == {
        (world.one.student_no, "录取照片"), (world.two.student_no, "录取照片"),
    }  # fmt: skip
    job = Job.objects.get(pk=export.job_id)
    assert (job.total, job.done, job.failed, export.left_out) == (5, 5, 3, 3)
    assert {issue.code for issue in job.issues.all()} == {"selfphoto.file_refused", "selfphoto.file_unknown"}
    assert not Blob.objects.filter(media_type="application/zip", removed_at=None).exists(), "the rest is kept nowhere"
    assert AuditEntry.objects.filter(action="selfphoto.keep_reference").count() == 2
    assert str(export.pk) in browser.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("name", "faces", "fate"),
    [
        ("2022000001.jpg", 1, Fate.TAKEN),
        ("２０２２０００００１ .jpg", 1, Fate.TAKEN),
        ("26990001110012.jpg", 1, Fate.TAKEN),
        ("2022000001 测试1.jpg", 1, Fate.TAKEN),
        ("2022000001_另一人.jpg", 1, Fate.DOUBTFUL),
        ("2022000001-2022000002.jpg", 1, Fate.DOUBTFUL),
        ("2022000001.jpg", 2, Fate.DOUBTFUL),
        ("2022000001.jpg", 0, Fate.NO_FACE),
        ("IMG_0001.jpg", 1, Fate.UNKNOWN),
        ("990101200402290014.jpg", 1, Fate.REFUSED),
    ],
)
def test_whose_a_file_is_stands_in_its_name_and_in_doubt_nobody_gets_it(world, name, faces, fate):
    agree(world.one)
    world.one.name = "测试1"
    taking = Taking(world.actor(Role.REGISTRAR), [world.one, world.two], "录取", faces=lambda data: faces)
    row = taking.take(name, picture("person_01"))
    assert row.fate is fate, row.note
    assert Reference.objects.count() == (fate is Fate.TAKEN)
    assert "990101200402290014" not in row.file


def test_a_postgraduates_candidate_number_has_fifteen_figures_and_is_no_id_number(world):
    agree(world.one, world.two)
    world.one.candidate_no, world.two.candidate_no = "107302611000151", "990101200402290010"
    taking = Taking(world.actor(Role.REGISTRAR), [world.one, world.two], "录取", faces=lambda data: 1)
    row = taking.take("107302611000151.jpg", picture("person_01"))
    assert (row.fate, row.file, row.person) == (Fate.TAKEN, "107302611000151.jpg", world.one)
    for name in ("107302611000152.jpg", "990101200402290010.jpg", "107302611000151_990101200402290010.jpg"):
        row = taking.take(name, picture("person_01"))
        assert row.fate is Fate.REFUSED
        assert "***" in row.file, name


def test_two_files_of_one_person_are_told_at_both(world):
    agree(world.one)
    taking = Taking(world.actor(Role.REGISTRAR), [world.one], "录取", faces=lambda data: 1)
    first = taking.take("2022000001.jpg", picture("person_01"))
    second = taking.take("26990001110012.jpg", picture("person_02"))
    assert (first.fate, second.fate) == (Fate.TAKEN, Fate.DOUBTFUL)
    assert "26990001110012.jpg" in first.note.zh


def test_one_by_one_nobody_without_consent_gets_a_photograph_on_file_either(world):
    crew = world.actor(Role.REGISTRAR)
    with pytest.raises(Refusal) as caught:
        keep_reference(crew, world.one, data=picture("person_01"), origin="录取")
    assert caught.value.code == "selfphoto.no_consent"
    agree(world.one)
    keep_reference(crew, world.one, data=picture("person_01"), origin="录取")
    assert Reference.objects.get().candidate == world.one


def test_without_a_rule_no_archive_is_taken(world):
    world.campaign.rule_set.rules.filter(key=keys.COMPARE_FACES.name).delete()
    upload = SimpleUploadedFile("photos.zip", packed(a=b"x"), "application/zip")
    form = {"form": "request_references", "campaign": world.campaign.pk, "origin": "录取照片", "file": upload}
    browser = client(world, Role.REGISTRAR)
    answer = browser.post(PAGE, form)
    assert 'data-code="selfphoto.no_comparison"' in answer.content.decode()
    assert not Export.objects.exists()
    assert 'name="file"' not in browser.get(PAGE).content.decode(), "nobody sends an archive in vain"
