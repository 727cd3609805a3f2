"""Graduates whose portraits are delivered: real rows down to the JPEG blob, for the tests of verification and review."""

from __future__ import annotations

import io
import re
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from gradphoto.apps.campaigns.models import Campaign, Season
from gradphoto.apps.capture.models import CheckIn, CheckInStatus, Frame, FrameStatus
from gradphoto.apps.core import blobs, jobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.encryption import blind_index
from gradphoto.apps.core.models import AuditEntry, Job, JobState
from gradphoto.apps.delivery.models import ImageCard, Package, PackageItem, PackageStatus, Portrait
from gradphoto.apps.orgs.models import Organisation, Role
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.apps.verification.actions import confirm_case, open_cases, submit_corrections, view_case
from gradphoto.apps.verification.evidence import fingerprint
from gradphoto.apps.verification.models import Opening, VerificationCase
from world import World, add_candidate, put

SHOT_AT = datetime(2026, 9, 14, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


card_series = "2XW"
"""Marks the codes of a world; whoever builds several worlds in one database gives each its own."""


def card_code(n: int) -> str:
    return f"KQ7M{card_series}{n:03d}"


def jpeg(n: int) -> bytes:
    """A real JPEG of its own for the n-th person."""
    out = io.BytesIO()
    Image.new("RGB", (48, 64), (n * 24 % 256, 40 + n // 10 * 24, 200)).save(out, "JPEG")
    return out.getvalue()


def add_graduate(
    world: World,
    n: int = 1,
    *,
    season: Season = Season.SPRING,
    package_status: PackageStatus = PackageStatus.DELIVERED,
    department: Organisation | None = None,
    **record: str,
) -> Candidate:
    """The n-th candidate, photographed, the portrait in a package, the image card printed."""
    person = add_candidate(world, n, season=season, department=department)
    if record:
        Candidate.objects.filter(pk=person.pk).update(**record)
        person.refresh_from_db()
    session, _ = CaptureSession.objects.get_or_create(
        campaign=world.campaign, date=SHOT_AT.date(), place="体育馆", defaults={"status": "closed"}
    )
    check_in = CheckIn.objects.create(
        session=session, campaign=world.campaign, candidate=person, shooting_number=n, method="id_card_swipe",
        at=SHOT_AT, status=CheckInStatus.CONFIRMED, nonce=uuid.uuid4(),
    )  # fmt: skip
    blob = blobs.put_photograph(jpeg(n))
    frame = Frame.objects.create(
        session=session, blob=blob, check_in=check_in, file_name=f"IMG_{n:04d}.JPG", status=FrameStatus.ACCEPTED
    )
    portrait = Portrait.objects.create(
        candidate=person, check_in=check_in, frame=frame, profile="mb2017_99", pipeline_version="test", blob=blob,
        width_px=48, height_px=64, provenance={},
    )  # fmt: skip
    package, _ = Package.objects.get_or_create(
        campaign=world.campaign, organisation=world.school, season=season, status=package_status,
        defaults={"number": Package.objects.count() + 1},
    )  # fmt: skip
    PackageItem.objects.create(package=package, portrait=portrait, shooting_number=n)
    ImageCard.objects.create(candidate=person, code=card_code(n), code_index=blind_index(card_code(n)))
    return person


def set_verifying(world: World) -> None:
    put(Campaign.objects.filter(pk=world.campaign.pk), status="verifying")
    world.campaign.refresh_from_db()


def open_case(world: World, n: int = 1, **more: object) -> VerificationCase:
    """The n-th graduate with an open case in a campaign that is verifying."""
    person = add_graduate(world, n, **more)
    set_verifying(world)
    open_cases(world.actor(Role.REGISTRAR), world.campaign)
    return VerificationCase.objects.get(candidate=person)


def graduate(case: VerificationCase) -> Actor:
    return Actor.graduate(case.pk)


def confirmed_case(world: World, n: int = 1, entered: dict[str, str] | None = None, **more: object) -> VerificationCase:
    """A case the graduate looked at, perhaps corrected, and confirmed."""
    case = open_case(world, n, **more)
    view_case(graduate(case), case)
    if entered:
        submit_corrections(graduate(case), case, entered=entered)
    confirm(case)
    return case


def confirm(case: VerificationCase) -> None:
    """The graduate confirms the record as it stands."""
    confirm_case(graduate(case), case, shown=fingerprint(VerificationCase.objects.get(pk=case.pk)))


def press_no_error(phone: Client) -> HttpResponse:
    """The graduate reads the comparing page and presses "no error" on it."""
    page = phone.get("/verify/compare/")
    found = re.search(r'name="shown"\s+value="([0-9a-f]+)"', page.content.decode())
    return phone.post("/verify/confirm/", {"own": "yes", "shown": found[1] if found else ""})


def let_the_day_pass(world: World) -> None:
    """The published closing day of every open season lies behind us (R171)."""
    yesterday = timezone.localdate() - timedelta(days=1)
    VerificationCase.objects.filter(candidate__campaign=world.campaign, reopened_until__gt=yesterday).update(
        reopened_until=yesterday
    )
    Opening.objects.filter(campaign=world.campaign).update(since=yesterday, closes_on=yesterday)


def card_of(person: Candidate, n: int = 1) -> dict[str, str]:
    """What is printed at the lower edge of the n-th graduate's card."""
    return {
        "school_code": person.campaign.school.code,
        "student_no": person.student_no,
        "name": person.name,
        "code": card_code(n),
    }


def enter_portal(person: Candidate, n: int = 1) -> Client:
    """A phone that has logged in with the card."""
    phone = Client()
    phone.post("/verify/sign-in/", card_of(person, n))
    return phone


def staff(world: World, role: Role, *, stranger: bool = False) -> Client:
    browser = Client()
    user = (world.strangers if stranger else world.people)[role]
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def audited(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action))


@contextmanager
def several_connections(folder: Path) -> Iterator[None]:
    """Let threads work as several processes do: on a database file, not on SQLite's in-memory test database.

    The in-memory one shares a single cache between its connections, which locks tables without ever waiting.
    """
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    path = folder / "shared.sqlite3"
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as target:
        connection.connection.backup(target)
        # As the product's own file is from its first start: turned to a log by many at once, some were refused.
        target.execute("PRAGMA journal_mode=WAL")
    kept, name = connection.connection, connection.settings_dict["NAME"]
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = kept, name


def at_once(*calls: Callable[[], object]) -> list[object]:
    """Run the calls in threads that start together; what each returned, or the exception it raised."""
    start, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        start.wait()
        try:
            outcomes[place] = call()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def run_jobs() -> int:
    """Run what is queued, as a worker would; returns how many jobs ran."""
    waiting = list(Job.objects.filter(state=JobState.QUEUED).values_list("pk", flat=True))
    return sum(jobs.run(pk) for pk in waiting)
