"""A new backdrop behind a person photographed before one even surface; see :func:`replace.replace_background`."""

from gradphoto.engine.portrait.matte.replace import ALIKE, MatteQuality, MatteRefusal, MatteResult, replace_background
from gradphoto.engine.portrait.matte.surface import BackdropModel

__all__ = ["ALIKE", "BackdropModel", "MatteQuality", "MatteRefusal", "MatteResult", "replace_background"]
