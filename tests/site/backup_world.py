"""Run as a process: ``seed`` makes an installation with six portraits; ``write`` keeps writing into it until it is killed."""

import sys

from gradphoto.cli import server

server.prepare()

from core.kill_world import seed  # noqa: E402
from gradphoto.apps.core import audit, blobs  # noqa: E402
from gradphoto.apps.core.actors import Actor  # noqa: E402
from gradphoto.apps.delivery.models import Portrait  # noqa: E402
from queued_jobs import run_queued  # noqa: E402

if sys.argv[1] == "seed":
    seed(2)
    run_queued()
    audit.record(Actor.system("test"), "test.seeded")
    print(Portrait.objects.count())
else:
    for n in range(100_000):
        audit.record(Actor.system("test"), "test.step", None, {"n": n})
        blobs.put(f"file {n}".encode(), "text/plain")
