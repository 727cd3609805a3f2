"""What the devices have to say: on the console, and on the page of the room until it is mended."""

from __future__ import annotations

from datetime import timedelta

import click

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_PASSING = timedelta(seconds=10)


class Panel:
    """One line a device. Django must be set up. A page that cannot be told (no room on the disk) never stops a device."""

    def __init__(self) -> None:
        from gradphoto.apps.capture.models import StationSelf
        from gradphoto.apps.capture.packets.notices import all_devices_fine
        from gradphoto.apps.core.actors import Actor

        self._actor = Actor.system("station devices")
        self._station = StationSelf.objects.select_related("campaign").first()
        self._standing: dict[str, str] = {}
        if self._station is not None:
            all_devices_fine(self._actor, self._station)

    def stands(self, source: str, error: GradPhotoError) -> None:
        """A trouble that stays until :meth:`mended`; told once."""
        if self._standing.get(source) == error.code:
            return
        self._standing[source] = error.code
        click.secho(f"{error.message.zh} {error.message.en}", fg="yellow", err=True)
        click.echo(f"  → {error.remedy.zh} {error.remedy.en}  [{error.code}]", err=True)
        self._show(source, error.code, error.message, error.remedy, passing=False)

    def passes(self, source: str, code: str, sentence: Wording, remedy: Wording) -> None:
        """A refusal of the moment: it goes by itself."""
        self._show(source, code, sentence, remedy, passing=True)

    def mended(self, source: str) -> None:
        """The trouble is over."""
        if self._standing.pop(source, None) is None or self._station is None:
            return
        from gradphoto.apps.capture.packets.notices import device_fine

        self._quietly(lambda: device_fine(self._actor, self._station, source=source))

    def _show(self, source: str, code: str, sentence: Wording, remedy: Wording, *, passing: bool) -> None:
        if self._station is None:
            return
        from django.utils import timezone

        from gradphoto.apps.capture.packets.notices import note_device

        until = timezone.now() + _PASSING if passing else None
        self._quietly(
            lambda: note_device(
                self._actor, self._station, source=source, code=code, sentence=sentence, remedy=remedy, until=until
            )
        )

    @staticmethod
    def _quietly(tell) -> None:  # type: ignore[no-untyped-def]
        from django.db import DatabaseError

        try:
            tell()
        except (GradPhotoError, DatabaseError) as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
