"""Photographs on file for many at once: what is somebody's without a doubt is kept, the rest is told file by file (facts 5.1)."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from openpyxl import load_workbook

from gradphoto.apps.campaigns import settings_keys as keys
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.errors import Refusal
from gradphoto.apps.core.models import AuditEntry, Blob, Job
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.pages import exporting
from gradphoto.apps.pages.models import Export
from gradphoto.apps.pairing.models import FaceConsent
from gradphoto.apps.selfphoto import references
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
        (world.one.student_no, "已登记"), (world.two.student_no, "已登记"), (world.three.student_no, "未存入"),
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


def asked(world, data: bytes) -> Export:
    upload = SimpleUploadedFile("photos.zip", data, "application/zip")
    form = {"form": "request_references", "campaign": world.campaign.pk, "origin": "录取照片", "file": upload}
    client(world, Role.REGISTRAR).post(PAGE, form)
    return Export.objects.select_related("job").get()


def archives_kept() -> int:
    return Blob.objects.filter(media_type="application/zip", removed_at=None).count()


class _ByWindows(zipfile.ZipInfo):
    """Windows of this country packs names in its own code page and does not say so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits


def test_names_packed_by_windows_are_read_as_they_were_typed(world):
    """Else a name that is another person's says nothing, and who reads the report finds no file of theirs."""
    agree(world.one)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in (f"誠/{world.one.student_no}_欧阳修.jpg", f"计科2201/{world.one.student_no}_{world.one.name}.jpg"):
            archive.writestr(_ByWindows(name), picture("person_01"))
    export = asked(world, out.getvalue())
    assert jobs.run(export.job_id)
    export.refresh_from_db()
    rows = list(load_workbook(io.BytesIO(blobs.read(export.blob))).active.iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[3]) for row in rows] == [
        (f"{world.one.student_no}_欧阳修.jpg", "存疑"), (f"{world.one.student_no}_{world.one.name}.jpg", "已登记"),
    ]  # fmt: skip


def test_an_archive_whose_job_was_cancelled_is_kept_no_longer_and_tells_what_it_left_out(world, monkeypatch):
    agree(world.one)
    export = asked(world, packed(**{"nobody.jpg": b"x", f"{world.one.student_no}.jpg": picture("person_01")}))
    monkeypatch.setattr(jobs, "_HEARTBEAT_S", 0)
    monkeypatch.setattr(references, "let_verdicts_go_first", lambda: jobs.cancel(export.job))
    assert jobs.run(export.job_id)
    export.refresh_from_db()
    assert (export.job.state, export.job.issues.get().subject, archives_kept()) == ("cancelled", "nobody.jpg", 1)
    exporting.expire()
    assert archives_kept() == 0
    assert jobs.retry(export.job)
    assert jobs.run(export.job_id)
    export.job.refresh_from_db()
    assert (export.job.state, export.job.error_code) == ("failed", "selfphoto.archive_gone")


def test_an_archive_that_could_not_be_read_goes_when_its_day_has_come(world):
    export = asked(world, b"PK\x03\x04 no archive")
    assert jobs.run(export.job_id)
    exporting.expire()
    assert (Export.objects.get().job.state, archives_kept()) == ("failed", 1), "it may be tried again"
    Export.objects.update(expires_at=timezone.now())
    exporting.expire()
    assert archives_kept() == 0


def test_a_photograph_that_was_replaced_leaves_the_store(world):
    agree(world.one)
    crew = world.actor(Role.REGISTRAR)
    for name in ("person_01", "person_01", "person_02"):
        keep_reference(crew, world.one, data=picture(name), origin="录取", is_proven=True)
    left = Blob.objects.filter(media_type="image/jpeg", removed_at=None)
    assert [one.pk for one in left] == [Reference.objects.get().blob_id]


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
