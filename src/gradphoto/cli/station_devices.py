"""The devices' own process: cards and frames go into whichever session is open; a restart loses nothing."""

from __future__ import annotations

import time
from pathlib import Path

import click

from gradphoto.engine.devices.errors import DeviceError
from gradphoto.engine.devices.protocols import FrameSource, IdReader
from gradphoto.engine.devices.sam_v.records import CardRecord

_IDLE_S = 1.0
_CARD_WAIT_S = 0.2


class NoReader:
    """A room without a reader: people are looked up by hand or by code."""

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        time.sleep(timeout_s)
        return None

    def close(self) -> None:
        """Nothing to give back."""


class _Spoken:
    """A reader whose troubles are told and do not end the loop."""

    def __init__(self, reader: IdReader) -> None:
        self._reader = reader

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        try:
            return self._reader.wait_for_card(timeout_s)
        except DeviceError as error:
            _tell(error)
            return None

    def close(self) -> None:
        self._reader.close()


def run_devices(reader: str | None, frames: Path | None, *, with_cameras: bool) -> None:
    """Work until interrupted. A device that goes away is told once and comes back by itself."""
    import django

    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from gradphoto.apps.campaigns.rules import value_of
    from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
    from gradphoto.apps.capture.station import EventKind, StationEvent, StationRunner
    from gradphoto.apps.capture.verdicts import pipeline
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
    from gradphoto.engine.standards.profiles import load_profile

    def told(event: StationEvent) -> None:
        trouble = event.kind in (EventKind.REFUSED, EventKind.STORE_FAILED, EventKind.CLOCK_JUMPED)
        click.secho(f"{event.sentence.zh} {event.sentence.en}", fg="red" if trouble else None)

    source = _frame_source(frames, Path(settings.DATA_DIR) / "spool", with_cameras=with_cameras)
    cards = _Spoken(_reader(reader))
    runner: StationRunner | None = None
    while True:
        session = CaptureSession.objects.filter(status=SessionStatus.OPEN).order_by("date", "pk").first()
        if session is None:
            runner = None
            time.sleep(_IDLE_S)
            continue
        if runner is None or runner.session.pk != session.pk:
            profile = load_profile(value_of(session.campaign, PHOTO_PROFILE))
            actor = Actor.system("station devices")
            runner = StationRunner(actor, session, cards, source, pipeline(), profile, told)
            click.echo(f"{timezone.localtime():%H:%M} {session}")
        try:
            runner.step(card_wait_s=_CARD_WAIT_S)
        except DeviceError as error:
            _tell(error)
            time.sleep(_IDLE_S)


def _reader(wanted: str | None) -> IdReader:
    if wanted is None:
        return NoReader()
    from gradphoto.engine.devices.sam_v.hot_plug import HotPlugReader, find_reader, serial_ports

    return HotPlugReader(lambda: find_reader(serial_ports() if wanted == "auto" else [wanted]))


def _frame_source(folder: Path | None, spool: Path, *, with_cameras: bool) -> FrameSource:
    """The hot folder, the tethered cameras, or both."""
    from gradphoto.engine.devices.hot_folder import HotFolder
    from gradphoto.engine.devices.several import SeveralSources

    sources: list[FrameSource] = [HotFolder(folder)] if folder else []
    if with_cameras:
        sources += _cameras(spool)
    return SeveralSources(sources, _tell)


def _cameras(spool: Path) -> list[FrameSource]:
    from gradphoto.engine.devices.tether import TetheredCamera, find_cameras, spool_name

    opened: list[FrameSource] = []
    for found in find_cameras():
        camera = TetheredCamera(spool / spool_name(found), found.port)
        clock = camera.measure_clock()
        said = f"{clock.sentence.zh} {clock.sentence.en}" if clock else ""
        click.echo(f"{found.model} {camera.serial}  {said}")
        opened.append(camera)
    return opened


def _tell(error: DeviceError) -> None:
    click.secho(f"{error.message.zh} {error.message.en}", fg="yellow", err=True)
    click.echo(f"  → {error.remedy.zh} {error.remedy.en}  [{error.code}]", err=True)
