"""A photographed session with times and file numbers as a camera leaves them, and ways to record it wrongly."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from gradphoto.apps.capture.models import CheckIn, Frame
from gradphoto.apps.core import blobs
from gradphoto.apps.core.models import Blob
from gradphoto.apps.roster.models import Candidate
from gradphoto.apps.schedule.models import CaptureSession
from gradphoto.demo.sitters import good_sitters, picture
from review_world import _like, measured
from world import World, add_candidate, put

START = timezone.make_aware(datetime(2026, 11, 21, 9, 0))
AHEAD = timedelta(seconds=431)


def photographed(
    world: World, session: CaptureSession, count: int, *, pictures: bool = False, first: int = 1
) -> tuple[list[CheckIn], list[Frame]]:
    """``count`` persons, one accepted frame each, 25 s apart, the camera's clock seven minutes ahead; all confirmed."""
    template = add_candidate(world, first)
    Candidate.objects.bulk_create(_like(template, n, first + n) for n in range(1, count))
    people = list(Candidate.objects.filter(campaign=world.campaign, pk__gte=template.pk).order_by("pk"))
    check_ins = CheckIn.objects.bulk_create(
        CheckIn(
            session=session, campaign=world.campaign, candidate=person, shooting_number=first + n, method="manual",
            nonce=uuid.uuid4(), status="confirmed", at=swiped(n), closed_at=swiped(n) + timedelta(seconds=12),
        )
        for n, person in enumerate(people)
    )  # fmt: skip
    frames = Frame.objects.bulk_create(
        Frame(
            session=session, blob=blob, check_in=check_in, file_name=f"IMG_{n + 1:04d}.JPG", folder="100CANON",
            file_number=n + 1, camera_serial="SN1", taken_at=swiped(n) + timedelta(seconds=7) + AHEAD,
            arrived_at=swiped(n) + timedelta(seconds=8), status="accepted", evidence={"basis": "live"},
        )
        for n, (check_in, blob) in enumerate(zip(check_ins, _blobs(count, first, pictures), strict=True))
    )  # fmt: skip
    if not session.clocks.exists():
        measured(session, "SN1", AHEAD.total_seconds(), transfer_s=1.0)
    return check_ins, frames


def swiped(n: int) -> datetime:
    return START + timedelta(seconds=25 * n)


def _blobs(count: int, first: int, pictures: bool) -> list[Blob]:
    if not pictures:
        return Blob.objects.bulk_create(
            Blob(name=f"{first}-{n:08d}-{uuid.uuid4().hex[:8]}", size_bytes=1) for n in range(count)
        )
    names = good_sitters()
    return [blobs.put_photograph(picture(names[n % len(names)]) + f"{first}-{n}".encode()) for n in range(count)]


def record(frames: list[Frame], owners: dict[int, CheckIn | None]) -> None:
    """Write down other owners for the frames at these places, as a slip or an order-taking import would."""
    touched = [frames[place].pk for place in owners]
    put(Frame.objects.filter(pk__in=touched), status="rejected")
    for place, owner in owners.items():
        status = "unbound" if owner is None else "accepted"
        put(Frame.objects.filter(pk=frames[place].pk), check_in=owner, status=status)


def shift(check_ins: list[CheckIn], frames: list[Frame], begin: int, end: int) -> None:
    """Give the persons ``begin`` to ``end`` each the next one's frame; the frame of the first is nobody's then."""
    owners: dict[int, CheckIn | None] = {place + 1: check_ins[place] for place in range(begin, end)}
    record(frames, {begin: None, **owners})
    put(CheckIn.objects.filter(pk=check_ins[end].pk), status="retake")


def owners_of(session: CaptureSession) -> dict[str, int | None]:
    """File name -> shooting number."""
    return dict(session.frames.values_list("file_name", "check_in__shooting_number"))
