"""The centre's pages of its stations, and the site of a station itself."""

from __future__ import annotations

import io
import re
import subprocess
import sys

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from laptops import HERE, PASSPHRASE, environment, open_laptop

from gradphoto.apps.capture.models import CheckIn
from gradphoto.apps.core.models import JobIssue
from gradphoto.apps.orgs.models import Role
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.stations.models import Conflict, StationKit
from patience import PROCESS_S
from queued_jobs import run_queued
from world import add_candidate, build_world

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def centre(settings, tmp_path, db, client):
    settings.DATA_DIR = tmp_path / "centre"
    world = build_world()
    for n in (1, 2, 3):
        add_candidate(world, n)
    CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
    client.force_login(world.actor(Role.COLLECTION_CENTRE).user, backend=BACKEND)
    return world


def make(client, world, **changes):
    form = {"campaign": world.campaign.pk, "station": "a1", "passphrase": PASSPHRASE}
    return client.post(reverse("stations:kit_new"), {**form, **changes})


def test_an_officer_makes_a_kit_and_sees_its_pins_once(client, centre):
    assert "还没有采集箱" in client.get(reverse("stations:list")).content.decode()
    page = make(client, centre).content.decode()
    kit = StationKit.objects.get()
    assert (kit.station, kit.number_first, kit.number_last, kit.people) == ("A1", 1, 200, 3)
    assert len(re.findall(r"<td class=\"figures fs-4\">(\d{6})</td>", page)) == 2
    assert PASSPHRASE not in page
    listed = client.get(reverse("stations:list")).content.decode()
    assert "1–200" in listed
    answer = client.get(reverse("stations:kit_file", args=[kit.pk]))
    assert answer.content.startswith(b"GPENV1\r\n")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"passphrase": "short"}, "capture.kit_opener"),
        ({"station": "中文"}, "capture.kit_station"),
        ({"public_key": SimpleUploadedFile("k.pem", b"nothing")}, "packet.not_laptop_public"),
    ],
)
def test_a_kit_without_a_lock_or_a_name_is_refused(client, centre, changes, code):
    answer = make(client, centre, **changes)
    assert answer.status_code == 422
    assert code in answer.content.decode()
    assert not StationKit.objects.exists()


def test_ranges_never_meet(client, centre):
    for station in ("A1", "B2", "C3"):
        make(client, centre, station=station, numbers="100")
    ranges = StationKit.objects.order_by("number_first").values_list("number_first", "number_last")
    assert list(ranges) == [(1, 100), (101, 200), (201, 300)]


def test_another_centre_sees_and_revokes_nothing(client, centre):
    make(client, centre)
    kit = StationKit.objects.get()
    client.force_login(centre.stranger(Role.COLLECTION_CENTRE).user, backend=BACKEND)
    assert "1–200" not in client.get(reverse("stations:list")).content.decode()
    assert client.get(reverse("stations:kit_file", args=[kit.pk])).status_code == 404
    assert (
        client.post(reverse("stations:list"), {"form": "revoke_kit", "row": kit.pk, "reason": "x"}).status_code == 404
    )
    client.force_login(centre.actor(Role.PHOTOGRAPHER).user, backend=BACKEND)
    assert client.get(reverse("stations:list")).status_code == 403


def test_a_revoked_kit_says_why(client, centre):
    make(client, centre)
    kit = StationKit.objects.get()
    client.post(reverse("stations:list"), {"form": "revoke_kit", "row": kit.pk, "reason": "电脑丢失"})
    assert "已作废" in client.get(reverse("stations:list")).content.decode()
    assert client.get(reverse("stations:kit_file", args=[kit.pk])).status_code == 404


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_packets_are_uploaded_reported_and_their_conflicts_decided_on_a_page(client, centre, tmp_path):
    for station in ("A1", "B2"):
        make(client, centre, station=station)
        kit = StationKit.objects.get(station=station)
        path = tmp_path / f"{station}.gpkit"
        path.write_bytes(client.get(reverse("stations:kit_file", args=[kit.pk])).content)
        laptop = open_laptop(path, tmp_path / station)
        laptop.room("work", 1, 2, 10 * kit.pk)
        packet = laptop.hand_over(tmp_path / f"stick-{station}")
        files = [SimpleUploadedFile(one.name, one.read_bytes()) for one in packet.iterdir()]
        files.append(SimpleUploadedFile("broken.gpp", b"GPENV1\r\nxx"))
        answer = client.post(reverse("stations:list"), {"form": "take_packets_in", "packets": files})
        assert answer.status_code == 302
        run_queued()
    assert set(JobIssue.objects.values_list("code", flat=True)) == {"packet.truncated"}
    listed = client.get(reverse("stations:list")).content.decode()
    assert listed.count("完整") == 2
    exported = b"".join(client.get(reverse("stations:export_records")).streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(exported))
    states = [row[4].value for row in book.active.iter_rows(min_row=2)]
    assert states.count("待裁定") == 1
    assert "待裁定" in client.get(reverse("stations:packet_records") + "?state=conflict").content.decode()
    page = client.get(reverse("stations:conflict_list")).content.decode()
    assert "同一人拍了两次" in page
    conflict = Conflict.objects.get()
    url, row = reverse("stations:conflict_list"), {"row": conflict.pk, "choice": "incoming"}
    assert client.post(url, {**row, "reason": ""}).status_code == 422
    assert client.post(url, {**row, "reason": "第二次更清晰"}).status_code == 302
    assert CheckIn.objects.exclude(status="cancelled").get().shooting_number == 201
    assert "第二次更清晰" in client.get(reverse("stations:conflict_list") + "?state=decided").content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_stations_own_site_has_the_room_and_nothing_else(client, centre, tmp_path):
    page = make(client, centre).content.decode()
    pins = dict(re.findall(r"<td>(\w+)</td>\s*<td class=\"figures fs-4\">(\d{6})</td>", page))
    path = tmp_path / "A1.gpkit"
    path.write_bytes(client.get(reverse("stations:kit_file", args=[StationKit.objects.get().pk])).content)
    laptop = open_laptop(path, tmp_path / "laptop")
    stick = tmp_path / "stick"
    stick.mkdir()
    done = subprocess.run(
        [sys.executable, str(HERE / "station_browser.py"), pins["photographer"], str(stick)],
        env=environment(laptop.data), capture_output=True, text=True, timeout=PROCESS_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [one.name.split("-")[0] for one in stick.iterdir()] == ["A1"]


OPEN = {"no_clock_reason": "演练"}


def test_another_pages_request_moves_nothing_in_the_room(centre, settings):
    """In place of a bridge's Origin check and token: the site's own host, origin and CSRF token."""
    settings.ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
    crew = Client(enforce_csrf_checks=True, HTTP_HOST="127.0.0.1")
    crew.force_login(centre.actor(Role.PHOTOGRAPHER).user, backend=BACKEND)
    session = CaptureSession.objects.get()
    address, step = reverse("capture:session_confirm", args=[session.pk, "open_session"]), OPEN
    room = crew.get(reverse("capture:session", args=[session.pk]))
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', room.content.decode())[1]
    assert crew.post(address, step).status_code == 403, "no token"
    strange = crew.post(address, {**step, "csrfmiddlewaretoken": token}, HTTP_ORIGIN="http://evil.example")
    assert strange.status_code == 403, "another page's origin"
    assert crew.get(address, HTTP_HOST="room.evil.example").status_code == 400, "another name for this computer"
    session.refresh_from_db()
    assert session.status == "planned"
    own = crew.post(address, {**step, "csrfmiddlewaretoken": token}, HTTP_ORIGIN="http://127.0.0.1")
    assert own.status_code == 302
    session.refresh_from_db()
    assert session.status == "open"
