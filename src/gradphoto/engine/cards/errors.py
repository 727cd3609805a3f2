"""The refusals of this room."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording


class CardError(GradPhotoError):
    """A card that cannot be printed, or a scan that cannot be opened."""


def card_error(code: str, message: Wording, remedy: Wording) -> CardError:
    """``cards.<code>`` with its sentence and the next step."""
    return CardError(f"cards.{code}", message, remedy)
