"""Run in a process of its own: somebody uses the pages of a station (``PIN STICK``)."""

import os
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "gradphoto.site.station_settings"
import django

django.setup()

from django.test import Client  # noqa: E402
from django.urls import NoReverseMatch, reverse  # noqa: E402

from gradphoto.apps.core import jobs  # noqa: E402
from gradphoto.apps.core.models import Job  # noqa: E402
from gradphoto.apps.orgs.models import User  # noqa: E402
from gradphoto.apps.schedule.models import CaptureSession  # noqa: E402
from gradphoto.apps.stations.models import OutgoingPacket  # noqa: E402

PIN, STICK = sys.argv[1], Path(sys.argv[2])
client = Client(HTTP_HOST="127.0.0.1")
assert client.get("/").headers["Location"].endswith("/capture/")
assert "/station/sign-in/" in client.get("/capture/").headers["Location"]
page = client.get("/station/sign-in/").content.decode()
assert "photographer" in page
assert "site_staff" in page
person = User.objects.get(username="photographer").pk
wrong = client.post("/station/sign-in/", {"person": person, "pin": "12" + PIN[:3]})
assert wrong.status_code == 401
assert "PIN 不对" in wrong.content.decode()
assert client.post("/station/sign-in/", {"person": person, "pin": PIN}).headers["Location"] == "/capture/"

session = CaptureSession.objects.get()
assert client.get("/capture/").status_code == 200
room = client.get(f"/capture/{session.pk}/").content.decode()
assert "照片复核" not in room, "photographs are reviewed at the centre"
assert "交回" in room
client.post(f"/capture/{session.pk}/confirm/open_session/", {"no_clock_reason": "演练"})
found = client.get(f"/capture/{session.pk}/?q=2022000001").content.decode()
assert "测试乙" in found
assert client.get(f"/capture/{session.pk}/missed/").status_code == 200
assert client.get(f"/capture/{session.pk}/check/").status_code == 200

for address in (
    "/campaigns/",
    "/roster/",
    "/timetable/",
    "/delivery/",
    "/ledger/",
    "/capture/stations/",
    "/capture/review/",
):
    assert client.get(address).status_code == 404, address
for name in ("review:list", "stations:list", "roster:list", "delivery:list"):
    try:
        reverse(name)
    except NoReverseMatch:
        continue
    raise AssertionError(name)
assert client.get("/capture/", HTTP_HOST="192.168.1.7").status_code == 400, "loopback only"

assert client.get("/station/hand-over/").status_code == 200
missing = client.post("/station/hand-over/", {"form": "plan_packet", "folder": str(STICK / "none")})
assert "packet.stick_missing" in missing.content.decode()
job = client.post("/station/hand-over/", {"form": "plan_packet", "folder": str(STICK)}).headers["Location"]
assert jobs.run(Job.objects.get(state="queued").pk)
assert "100" in client.get(job).content.decode()
assert OutgoingPacket.objects.get().finished_at is not None
for _ in range(6):
    locked = client.post("/station/sign-in/", {"person": person, "pin": "000"})
assert locked.status_code == 429
