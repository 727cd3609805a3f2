"""Run in processes of their own by the kill test: ``seed`` fills a fresh data directory, ``sweep`` re-issues jobs."""

import sys
import uuid

from gradphoto.cli import server

server.prepare()

from django.utils import timezone  # noqa: E402

from gradphoto.apps.capture.models import CheckIn, Frame  # noqa: E402
from gradphoto.apps.core import blobs, jobs  # noqa: E402
from gradphoto.apps.delivery.actions import make_portraits  # noqa: E402
from gradphoto.apps.orgs.models import Role  # noqa: E402
from gradphoto.apps.schedule.models import CaptureSession  # noqa: E402
from gradphoto.demo.sitters import good_sitters, picture  # noqa: E402
from world import add_candidate, build_world  # noqa: E402


def seed(frames: int) -> None:
    world = build_world()
    session = CaptureSession.objects.create(campaign=world.campaign, date=timezone.localdate(), place="104")
    for n in range(1, frames + 1):
        check_in = CheckIn.objects.create(
            session=session,
            campaign=world.campaign,
            candidate=add_candidate(world, n),
            shooting_number=n,
            method="manual",
            status="shot",
            nonce=uuid.uuid4(),
        )
        name = good_sitters()[n % len(good_sitters())]
        blob = blobs.put_photograph(picture(name) + bytes([n]))
        Frame.objects.create(session=session, blob=blob, check_in=check_in, file_name=f"{n}.jpg", status="accepted")
    make_portraits(world.actor(Role.COLLECTION_CENTRE), world.campaign)


if __name__ == "__main__":
    seed(int(sys.argv[2])) if sys.argv[1] == "seed" else print(jobs.sweep())
