"""Refusals of the equipment: what the person at the desk can do about each."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


class DeviceError(GradPhotoError):
    """A piece of equipment did not do its work."""


class ReaderError(DeviceError):
    """The ID reader; ``code`` begins with ``reader.``.

    ``status`` is the SW3 byte the reader answered with, or ``None`` when the trouble is on the wire or in the record.
    """

    def __init__(self, code: str, message: Wording, remedy: Wording, status: int | None = None) -> None:
        super().__init__(code, message, remedy)
        self.status = status


class HotFolderError(DeviceError):
    """The folder the camera program writes to; ``code`` begins with ``hot_folder.``."""
