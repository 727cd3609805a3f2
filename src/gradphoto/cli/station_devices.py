"""The devices' own process: cards and frames go into whichever session is open; a restart loses nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradphoto.engine.devices.errors import DeviceError, ReaderError
from gradphoto.engine.devices.protocols import FrameSource, IdReader
from gradphoto.engine.devices.sam_v.hot_plug import HotPlugReader, ReaderState, find_reader, serial_ports
from gradphoto.engine.devices.sam_v.records import CardRecord
from gradphoto.engine.devices.tether import TetheredCamera, find_cameras, spool_name

if TYPE_CHECKING:
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.schedule.models import CaptureSession

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
    """A reader whose troubles are told and do not end the loop; it also tells when it is missing and when it is back."""

    def __init__(self, reader: IdReader, tell: Callable[[DeviceError], None], back: Callable[[], None]) -> None:
        self._reader = reader
        self._tell, self._back = tell, back
        self._missing = False

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        try:
            card = self._reader.wait_for_card(timeout_s)
        except DeviceError as error:
            self._missing = True
            self._tell(error)
            return None
        self._watch()
        return card

    def _watch(self) -> None:
        if not isinstance(self._reader, HotPlugReader):
            return
        missing = self._reader.state is ReaderState.ABSENT
        if missing and not self._missing:
            self._tell(_nothing_found())
        elif self._missing and not missing:
            self._back()
        self._missing = missing

    def close(self) -> None:
        self._reader.close()


def _nothing_found() -> ReaderError:
    try:
        raise AssertionError(find_reader(()))
    except ReaderError as error:
        return error


def run_devices(reader: str | None, frames: Path | None, *, with_cameras: bool) -> None:
    """Work until interrupted. A device that goes away is told once and comes back by itself."""
    import django

    django.setup()
    from django.conf import settings
    from django.utils import timezone

    from gradphoto.apps.campaigns.rules import value_of
    from gradphoto.apps.campaigns.settings_keys import PHOTO_PROFILE
    from gradphoto.apps.capture.room.notices import CAMERA, READER, works_again
    from gradphoto.apps.capture.station import EventKind, StationEvent, StationRunner
    from gradphoto.apps.capture.verdicts import pipeline
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.schedule.models import CaptureSession, SessionStatus
    from gradphoto.engine.standards.profiles import load_profile

    def told(event: StationEvent) -> None:
        trouble = event.kind in (EventKind.REFUSED, EventKind.STORE_FAILED, EventKind.CLOCK_JUMPED)
        click.secho(f"{event.sentence.zh} {event.sentence.en}", fg="red" if trouble else None)

    runner: StationRunner | None = None

    def trouble(source: str, error: DeviceError) -> None:
        _tell(error)
        if runner is not None:
            runner.tell(source, error)

    def reader_back() -> None:
        if runner is not None:
            works_again(runner.actor, runner.session, READER)

    cameras = _cameras(Path(settings.DATA_DIR) / "spool") if with_cameras else []
    source = _frame_source(frames, cameras, lambda error: trouble(CAMERA, error))
    cards = _Spoken(_reader(reader), lambda error: trouble(READER, error), reader_back)
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
            for camera in cameras:
                _keep_clock(camera, actor, session)
        try:
            runner.step(card_wait_s=_CARD_WAIT_S)
        except DeviceError as error:
            trouble(CAMERA, error)
            time.sleep(_IDLE_S)


def _reader(wanted: str | None) -> IdReader:
    if wanted is None:
        return NoReader()
    return HotPlugReader(lambda: find_reader(serial_ports() if wanted == "auto" else [wanted]))


def _frame_source(
    folder: Path | None, cameras: Sequence[TetheredCamera], tell: Callable[[DeviceError], None]
) -> FrameSource:
    """The hot folder, the tethered cameras, or both."""
    from gradphoto.engine.devices.hot_folder import HotFolder
    from gradphoto.engine.devices.several import SeveralSources

    sources: list[FrameSource] = [HotFolder(folder)] if folder else []
    return SeveralSources([*sources, *cameras], tell)


def _cameras(spool: Path) -> list[TetheredCamera]:
    opened = []
    for found in find_cameras():
        opened.append(TetheredCamera(spool / spool_name(found), found.port))
        click.echo(f"{found.model} {opened[-1].serial}")
    return opened


def _keep_clock(camera: TetheredCamera, actor: Actor, session: CaptureSession) -> None:
    """Measure the camera's clock as a session begins and keep it with the session: the pairing reads times by it."""
    from gradphoto.apps.capture.actions import record_camera_clock

    try:
        clock = camera.measure_clock()
    except DeviceError as error:
        _tell(error)
        return
    if clock is None:
        return
    click.echo(f"{camera.serial}  {clock.sentence.zh} {clock.sentence.en}")
    record_camera_clock(
        actor,
        session,
        camera_serial=camera.serial,
        offset_s=clock.offset_s,
        uncertainty_s=clock.uncertainty_s,
        measured_at=clock.measured_at,
    )


def _tell(error: DeviceError) -> None:
    click.secho(f"{error.message.zh} {error.message.en}", fg="yellow", err=True)
    click.echo(f"  → {error.remedy.zh} {error.remedy.en}  [{error.code}]", err=True)
