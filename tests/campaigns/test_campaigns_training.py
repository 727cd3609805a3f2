"""A training can never pass for the real thing: marked on every page and paper, in a directory of its own, wiped by one command."""

import io
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client
from django.utils import timezone

from gradphoto.apps.capture.models import CheckInStatus
from gradphoto.apps.capture.room.confirming import asks_first
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import Appointment, CaptureSession, Slot
from gradphoto.cli import main
from gradphoto.demo.training_room import TrainingRoom, devices, measure_clock_ahead
from gradphoto.engine.documents.marking import mark_papers
from verification.graduate_world import staff
from world import add_candidate, build_world, put


@pytest.fixture
def marked():
    mark_papers("演练")
    yield
    mark_papers("")


@pytest.mark.django_db
def test_every_page_of_a_training_says_so(settings):
    world = build_world()
    client = staff(world, Role.REGISTRAR)
    assert "演练：" not in client.get("/").content.decode()
    settings.TRAINING = True
    for page in (client.get("/"), client.get(f"/campaigns/{world.campaign.pk}/"), Client().get("/verify/")):
        assert "演练：这里的人和数据都是虚构的" in page.content.decode()


@pytest.mark.django_db
def test_every_paper_of_a_training_says_so_as_pdf_and_as_xlsx(marked):
    client = staff(build_world(), Role.REGISTRAR)
    pdf = client.get("/timetable/annex-1/?as=pdf").content
    assert "演练" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    sheet = openpyxl.load_workbook(io.BytesIO(client.get("/timetable/annex-1/").content)).active
    assert str(sheet["A1"].value).startswith("【演练】")


@pytest.mark.django_db
def test_a_real_installations_papers_bear_no_mark():
    pdf = staff(build_world(), Role.REGISTRAR).get("/timetable/annex-1/?as=pdf").content
    assert "演练" not in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()


@pytest.mark.engine
def test_a_directory_that_is_no_training_is_neither_used_nor_wiped(tmp_path):
    kept = tmp_path / "school"
    kept.mkdir()
    (kept / "gradphoto.sqlite3").write_bytes(b"real")
    for asked in (["--wipe"], ["--no-serve"]):
        told = CliRunner().invoke(main, ["training", "--data", str(kept), *asked])
        assert told.exit_code == 2
        assert "不是演练目录" in told.output
    assert (kept / "gradphoto.sqlite3").read_bytes() == b"real"


@pytest.mark.engine
def test_one_command_wipes_a_training(tmp_path):
    made = tmp_path / "training"
    made.mkdir()
    (made / ".gradphoto-training").touch()
    (made / "gradphoto.sqlite3").write_bytes(b"made up")
    told = CliRunner().invoke(main, ["training", "--data", str(made), "--wipe"])
    assert (told.exit_code, made.exists()) == (0, False)


@pytest.mark.django_db
@pytest.mark.slow
def test_the_simulated_room_photographs_one_after_the_other_and_waits_for_a_person():
    """Real parts: the reader behind a pseudo-terminal, the camera's folder, the engine's verdicts."""
    world = build_world()
    session = CaptureSession.objects.create(
        campaign=world.campaign, date=timezone.localdate(), place="104", status="planned"
    )
    now = timezone.now()
    slot = Slot.objects.create(session=session, department=world.department, season="spring", starts_at=now,
                               ends_at=now + timezone.timedelta(hours=1))  # fmt: skip
    for n in (1, 2):
        Appointment.objects.create(slot=slot, candidate=add_candidate(world, n), position=n)
    assert measure_clock_ahead(lambda line: None), "the trainee opens the session as in life"
    assert not measure_clock_ahead(lambda line: None), "once"
    assert not asks_first(session, "capture.open_session")
    put(CaptureSession.objects.all(), status="open")
    session.refresh_from_db()
    left = Path(settings.DATA_DIR, "simulated-camera", "left.jpg")  # by a room that was ended with its site
    left.parent.mkdir(exist_ok=True)
    left.touch()
    with devices() as found:
        assert not left.exists()
        TrainingRoom(session, *found, lambda line: None).run(0.1, most_s=90)
    assert session.check_ins.filter(status=CheckInStatus.SHOT).count() == 2
    assert session.frames.count() == 2
