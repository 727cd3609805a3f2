"""Background work: writing a packet to a stick, taking uploaded packets in."""

from __future__ import annotations

import shutil
from pathlib import Path

from gradphoto.apps.capture.packets.handover import write_packet
from gradphoto.apps.capture.packets.intake import take_in_folder
from gradphoto.apps.capture.packets.models import OutgoingPacket
from gradphoto.apps.core.actors import Actor
from gradphoto.apps.core.jobs import JobRun, handles
from gradphoto.apps.orgs.models import User


@handles("capture.write_packet")
def run_write_packet(run: JobRun) -> None:
    """Part by part; cancelled or killed, the next run goes on."""
    packet = OutgoingPacket.objects.select_related("station__campaign").get(pk=run.params["packet"])
    run.start(len(packet.frames) + 1)
    write_packet(packet, Path(run.params["folder"]), lambda done, total: run.advance(done))


@handles("capture.take_in_packets")
def run_take_in_packets(run: JobRun) -> None:
    """What somebody uploaded, within what that person may see; every file that cannot be used is told."""
    folder = Path(run.params["folder"])
    actor = Actor.of(User.objects.get(pk=run.params["user"]))
    total = sum(1 for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
    run.start(total)
    report = take_in_folder(actor, folder, lambda done, _: run.advance(done))
    for label, error in report.refused:
        run.issue(label, error)
    run.advance(total, len(report.refused))
    shutil.rmtree(folder, ignore_errors=True)
