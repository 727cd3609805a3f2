"""The portrait engine's refusals: a photograph that cannot be read, models that are not there."""

from __future__ import annotations

from gradphoto.engine.errors import GradPhotoError
from gradphoto.engine.wording import Wording

_ANOTHER_FILE = Wording(
    "请重新导出或重新拍摄后再上传 JPEG 原图。",
    "Export the picture again, or take it again, and upload the original JPEG.",
)


class PhotoError(GradPhotoError):
    """These bytes cannot be judged as a photograph; ``code`` begins with ``portrait.``."""


class ModelError(GradPhotoError):
    """A model file is missing, altered, or could not be fetched; ``code`` begins with ``models.``."""


def photo_error(code: str, zh: str, en: str, remedy: Wording = _ANOTHER_FILE) -> PhotoError:
    """A :class:`PhotoError` named ``portrait.<code>``."""
    return PhotoError(f"portrait.{code}", Wording(zh, en), remedy)


def model_error(code: str, message: Wording, remedy: Wording) -> ModelError:
    """A :class:`ModelError` named ``models.<code>``."""
    return ModelError(f"models.{code}", message, remedy)
