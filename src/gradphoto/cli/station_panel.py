"""What the devices have to say: on the console, and on the room's screen until it is mended."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gradphoto.engine.errors import GradPhotoError

if TYPE_CHECKING:
    from gradphoto.apps.schedule.models import CaptureSession


_PASSING_S = 3.0


class Panel:
    """One line a device. Django must be set up. A page that cannot be told (no room on the disk) never stops a device."""

    def __init__(self, chair: int = 1) -> None:
        from gradphoto.apps.core.actors import Actor

        self._actor = Actor.system("station devices")
        self._chair = chair
        self._session: CaptureSession | None = None
        self._standing: dict[str, GradPhotoError] = {}
        self._passing: dict[str, float] = {}

    def enter(self, session: CaptureSession | None) -> None:
        """Work goes on in this session: what an earlier process said there is over, what stands now is said anew."""
        from gradphoto.apps.capture.actions import clear_notices

        self._session = session
        if session is None:
            return
        self._quietly(lambda: clear_notices(self._actor, session, chair=self._chair))
        for source, error in self._standing.items():
            self._show(source, error)

    def stands(self, source: str, error: GradPhotoError) -> None:
        """A trouble that stays until :meth:`mended`; told once."""
        known = self._standing.get(source)
        if known is not None and (known.code, known.message) == (error.code, error.message):
            return
        self._standing[source] = error
        click.secho(f"{error.message.zh} {error.message.en}", fg="yellow", err=True)
        click.echo(f"  → {error.remedy.zh} {error.remedy.en}  [{error.code}]", err=True)
        self._show(source, error)

    def passes(self, source: str, error: GradPhotoError) -> None:
        """What went wrong with one card: told for some seconds, and again only after them."""
        now = time.monotonic()
        if now < self._passing.get(source, 0.0):
            return
        self._passing[source] = now + _PASSING_S
        click.secho(f"{error.message.zh} {error.message.en} {error.remedy.zh}", fg="yellow", err=True)
        self._show(source, error, passing=True)

    def mended(self, source: str) -> None:
        """The trouble is over."""
        from gradphoto.apps.capture.actions import works_again

        session = self._session
        if self._standing.pop(source, None) is not None and session is not None:
            self._quietly(lambda: works_again(self._actor, session, source, self._chair))

    def _show(self, source: str, error: GradPhotoError, *, passing: bool = False) -> None:
        from gradphoto.apps.capture.actions import tell_room

        session = self._session
        if session is not None:
            self._quietly(
                lambda: tell_room(self._actor, session, source=source, error=error, passing=passing, chair=self._chair)
            )

    @staticmethod
    def _quietly(tell: Callable[[], object]) -> None:
        from django.db import DatabaseError

        try:
            tell()
        except (GradPhotoError, DatabaseError) as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
