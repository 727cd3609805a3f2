"""The devices' own process: cards, codes and frames go into whichever session is open; a restart loses nothing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gradphoto.cli.station_panel import Panel
from gradphoto.engine.devices.errors import DeviceError, ReaderError
from gradphoto.engine.devices.protocols import CodeReader, FrameSource, IdReader
from gradphoto.engine.devices.sam_v.records import CardRecord
from gradphoto.engine.errors import GradPhotoError
from gradphoto.site.starting import start_django

if TYPE_CHECKING:
    from gradphoto.apps.capture.models import Frame
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.schedule.models import CaptureSession
    from gradphoto.apps.stations.runner import StationEvent, StationRunner
    from gradphoto.engine.devices.several import SeveralSources
    from gradphoto.engine.devices.tether import TetheredCamera

_IDLE_S = 0.5
_CARD_WAIT_S = 0.1
_LOOK_AGAIN_S = 3.0
_READER_AWAY = frozenset({"reader.unplugged", "reader.not_found", "reader.cannot_open"})


class NoReader:
    """A room without a reader: people are looked up by hand or by code."""

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        time.sleep(timeout_s)
        return None

    def close(self) -> None:
        """Nothing to give back."""


class _Spoken:
    """A reader whose troubles are told and do not end the loop."""

    def __init__(self, reader: IdReader, panel: Panel) -> None:
        self._reader, self._panel = reader, panel

    def wait_for_card(self, timeout_s: float) -> CardRecord | None:
        try:
            card = self._reader.wait_for_card(timeout_s)
        except DeviceError as error:
            # A card that cannot be read is told for a moment, as the next look finds nothing amiss; a plug stays.
            tell = self._panel.stands if error.code in _READER_AWAY else self._panel.passes
            tell("reader", error)
            return None
        if getattr(self._reader, "is_connected", True):
            self._panel.mended("reader")
        else:
            self._panel.stands("reader", _no_reader())
        return card

    def close(self) -> None:
        self._reader.close()


class _SpokenCodes:
    """The same for a scanner."""

    def __init__(self, scanner: CodeReader, panel: Panel) -> None:
        self._scanner, self._panel = scanner, panel

    def wait_for_code(self, timeout_s: float) -> str | None:
        try:
            code = self._scanner.wait_for_code(timeout_s)
        except DeviceError as error:
            self._panel.stands("scanner", error)
            return None
        self._panel.mended("scanner")
        return code

    def close(self) -> None:
        self._scanner.close()


def run_devices(
    reader: str | None, frames: Path | None, scanner: str | None, *, with_cameras: bool, chair: int | None = None
) -> None:
    """Work at a chair until interrupted (by default this laptop's first). A device that goes away is told once and comes back by itself."""
    start_django()
    from django.conf import settings
    from django.db import DatabaseError, close_old_connections

    from gradphoto.apps.capture.verdicts import pipeline
    from gradphoto.apps.schedule.models import SessionStatus

    here = chair or _first_chair()
    panel = Panel(here)
    pipeline()  # a second that the first person need not wait for
    spool = spool_of(Path(settings.DATA_DIR), here)
    cameras: list[TetheredCamera] = []
    source = _frame_source(frames, spool, panel, with_cameras=with_cameras)
    hunt = CameraHunt(spool, source, cameras, panel, here) if with_cameras else None
    id_reader = _reader(reader)
    cards = _Spoken(id_reader, panel)
    codes = _SpokenCodes(_scanner(scanner, reader, id_reader), panel) if scanner else None
    runner: StationRunner | None = None
    while True:
        try:
            session = _at_work()
            if hunt is not None:
                hunt.look(session)
            _tell_stalled(source, panel)
            if session is None:
                if runner is not None:
                    panel.enter(None)
                runner = None
                time.sleep(_IDLE_S)
                continue
            if runner is None or (runner.session.pk, runner.session.status) != (session.pk, session.status):
                pending = runner.pending if runner is not None else []
                runner = _runner(session, cards, codes, source, cameras, panel, here)
                runner.pending = pending
                runner.unjudged = list(_without_verdict(session, here))
            if session.status == SessionStatus.OPEN:
                runner.step(card_wait_s=_CARD_WAIT_S)
            else:
                runner.prepare()
                time.sleep(_CARD_WAIT_S)
            panel.mended("station")
        except GradPhotoError as error:
            panel.stands("station", error)
            time.sleep(_IDLE_S)
        except DatabaseError as error:
            # Locked for long, or no room even to read: what was not acknowledged is still in the camera's folder.
            click.echo(f"{type(error).__name__}: {error}", err=True)
            close_old_connections()
            time.sleep(_IDLE_S)


def spool_of(data: Path, chair: int) -> Path:
    """Where a chair's tethered cameras put their frames before they are kept."""
    return data / ("spool" if chair == 1 else f"spool-{chair}")


def _without_verdict(session: CaptureSession, chair: int) -> Iterable[Frame]:
    """Frames of who is in the chair that an earlier process kept and did not get to measure."""
    return session.frames.filter(chair=chair, status="bound", assessments=None).order_by("arrived_at", "pk")


def _first_chair() -> int:
    from gradphoto.apps.capture.providers import own_chairs

    return (own_chairs() or [1])[0]


def _at_work() -> CaptureSession | None:
    """The open session; else the first one planned for today, whose cameras are measured before it opens."""
    from django.utils import timezone

    from gradphoto.apps.schedule.models import CaptureSession, SessionStatus

    sessions = CaptureSession.objects.order_by("date", "pk")
    planned = {"status": SessionStatus.PLANNED, "date": timezone.localdate()}
    return sessions.filter(status=SessionStatus.OPEN).first() or sessions.filter(**planned).first()


def _runner(
    session: CaptureSession,
    cards: IdReader,
    codes: CodeReader | None,
    source: FrameSource,
    cameras: Sequence[TetheredCamera],
    panel: Panel,
    chair: int,
) -> StationRunner:
    """Whatever lies in the folders when work begins was taken before, and is proposed instead of bound.

    The cameras' clocks are measured now and kept with the session: the pairing reads times by them.
    """
    from django.utils import timezone

    from gradphoto.apps.campaigns.rules import in_force
    from gradphoto.apps.campaigns.settings_keys import ACCEPT_REVIEW
    from gradphoto.apps.capture.verdicts import pipeline, standard_of
    from gradphoto.apps.core.actors import Actor
    from gradphoto.apps.stations.runner import StationRunner

    accepts = in_force(session.campaign.rule_set, ACCEPT_REVIEW)
    source.note_present()
    click.echo(f"{timezone.localtime():%H:%M} {session}")
    panel.enter(session)
    actor = Actor.system("station devices")
    for camera in cameras:
        _keep_clock(camera, actor, session, chair)
    return StationRunner(
        actor,
        session,
        cards,
        source,
        pipeline(),
        standard_of(session.campaign),
        _told,
        accept_review=accepts is None or ACCEPT_REVIEW.read(accepts.value),
        codes=codes,
        chair=chair,
    )


def _told(event: StationEvent) -> None:
    from gradphoto.apps.stations.runner import EventKind

    trouble = event.kind in (EventKind.REFUSED, EventKind.STORE_FAILED, EventKind.CLOCK_JUMPED)
    click.secho(f"{event.sentence.zh} {event.sentence.en}", fg="red" if trouble else None)


def _reader(wanted: str | None) -> IdReader:
    if wanted is None:
        return NoReader()
    from gradphoto.engine.devices.sam_v.hot_plug import HotPlugReader, find_reader, serial_ports

    return HotPlugReader(lambda: find_reader(serial_ports() if wanted == "auto" else [wanted]))


def _scanner(wanted: str, reader: str | None, id_reader: IdReader) -> CodeReader:
    """``auto``: a USB port that is not the reader's; where a reader is wanted it is found first."""
    from gradphoto.engine.devices.sam_v.hot_plug import usb_ports
    from gradphoto.engine.devices.scanner import HotPlugScanner

    def ports() -> list[str]:
        if wanted != "auto":
            return [wanted]
        if reader is not None and not getattr(id_reader, "is_connected", False):
            return []
        return [port for port in usb_ports() if port not in (reader, getattr(id_reader, "port_name", ""))]

    return HotPlugScanner(ports)


def _tell_stalled(source: FrameSource, panel: Panel) -> None:
    """What lies in the folder and will never be taken stands on the screen until somebody has taken it away."""
    from gradphoto.apps.capture.room_clock import room_now

    stalled = source.stalled(room_now())
    if stalled:
        panel.stands("frames", stalled[0].error)
    else:
        panel.mended("frames")


class CameraHunt:
    """Looks for tethered cameras, and again as long as there is none: one may be switched on or plugged in later.

    Without gphoto2 only the cameras end; reader, scanner and folder go on.
    """

    def __init__(
        self, spool: Path, source: SeveralSources, cameras: list[TetheredCamera], panel: Panel, chair: int
    ) -> None:
        self._chair = chair
        self._spool, self._source, self._cameras, self._panel = spool, source, cameras, panel
        self._again_at = 0.0
        self._over = False

    def look(self, session: CaptureSession | None) -> None:
        """Opens what is new, at most every few seconds; with a session its clock is measured at once."""
        from gradphoto.apps.core.actors import Actor
        from gradphoto.engine.devices.tether import (
            CameraError,
            TetheredCamera,
            find_cameras,
            no_camera,
            spool_name,
        )

        if self._over or self._cameras or time.monotonic() < self._again_at:
            return
        self._again_at = time.monotonic() + _LOOK_AGAIN_S
        try:
            for found in find_cameras():
                camera = TetheredCamera(self._spool / spool_name(found), found.port)
                self._cameras.append(camera)
                self._source.add(camera)
                click.echo(f"{found.model} {camera.serial}")
                if session is not None:
                    _keep_clock(camera, Actor.system("station devices"), session, self._chair)
            if not self._cameras:
                raise no_camera()
            self._panel.mended("camera")
        except CameraError as error:
            self._over = error.code == "camera.no_gphoto2"
            self._panel.stands("camera", error)


def _frame_source(folder: Path | None, spool: Path, panel: Panel, *, with_cameras: bool) -> SeveralSources:
    """The hot folder and, once they are found, the tethered cameras; and what an earlier run left in their spools."""
    from gradphoto.engine.devices.hot_folder import HotFolder
    from gradphoto.engine.devices.several import SeveralSources

    left = [one for one in (spool.iterdir() if with_cameras and spool.is_dir() else ()) if one.is_dir()]
    sources: list[FrameSource] = [HotFolder(folder)] if folder else []
    sources += [HotFolder(one, settle_s=0.0) for one in left]

    def fine() -> None:
        for device in ("camera", "hot_folder"):
            panel.mended(device)

    return SeveralSources(sources, lambda error: panel.stands(_device(error), error), fine)


def _device(error: DeviceError) -> str:
    return error.code.split(".", 1)[0]


def _keep_clock(camera: TetheredCamera, actor: Actor, session: CaptureSession, chair: int) -> None:
    from django.utils import timezone

    from gradphoto.apps.capture.actions import record_camera_clock
    from gradphoto.apps.capture.room_clock import room_now

    try:
        clock = camera.measure_clock()
    except DeviceError as error:
        click.secho(f"{error.message.zh} {error.message.en}", fg="yellow", err=True)
        return
    if clock is None:
        return
    click.echo(f"{camera.serial}  {clock.sentence.zh} {clock.sentence.en}")
    wall_ahead = timezone.now() - room_now()  # the camera was compared with the computer's clock
    record_camera_clock(
        actor,
        session,
        camera_serial=camera.serial,
        offset_s=clock.offset_s + wall_ahead.total_seconds(),
        uncertainty_s=clock.uncertainty_s,
        measured_at=clock.measured_at - wall_ahead,
        chair=chair,
    )


def _no_reader() -> ReaderError:
    from gradphoto.engine.devices.sam_v.hot_plug import no_reader

    return no_reader()
