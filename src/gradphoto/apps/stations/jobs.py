"""Background work: writing a packet to a stick, taking uploaded packets in."""

from __future__ import annotations

import tempfile
from pathlib import Path

from gradphoto.apps.core import blobs
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.core.models import Blob
from gradphoto.apps.core.queues import Queue
from gradphoto.apps.orgs.models import User
from gradphoto.apps.stations.handover import write_packet
from gradphoto.apps.stations.intake import take_in_folder
from gradphoto.apps.stations.models import OutgoingPacket


@handles("stations.write_packet", Queue.BULK)
def run_write_packet(run: JobRun) -> None:
    """Part by part; cancelled or killed, the next run goes on."""
    packet = OutgoingPacket.objects.select_related("station__campaign").get(pk=run.params["packet"])
    run.start(len(packet.frames) + 1)
    write_packet(packet, Path(run.params["folder"]), lambda done, total: run.advance(done))


@handles("stations.take_in_packets", Queue.BULK)
def run_take_in_packets(run: JobRun) -> None:
    """What somebody uploaded, within what that person may see; every file that cannot be used is told."""
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    files: list[tuple[str, str]] = run.params["files"]
    found = Blob.objects.in_bulk([blob for _, blob in files])
    run.start(len(files))
    with tempfile.TemporaryDirectory(prefix="gradphoto-packets-") as folder:
        for number, (name, blob) in enumerate(files):
            place = Path(folder, f"{number:04d}", name)
            place.parent.mkdir()
            with place.open("wb") as stream:
                stream.writelines(blobs.stream(found[blob]))
        report = take_in_folder(actor, Path(folder), lambda done, _: run.advance(done))
    for label, error in report.refused:
        run.issue(label, error)
    run.advance(len(files), len(report.refused))
    if not report.refused:  # what could not be used may be tried again; retention takes it in the end
        blobs.forget(found)
