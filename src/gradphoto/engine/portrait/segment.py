"""Person against backdrop: a soft mask that knows hair from wall."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.interpreter import Graph
from gradphoto.engine.portrait.shrink import shrink

_INPUT_PX = 256

Mask = npt.NDArray[np.float32]


class PersonSegmenter:
    """The selfie segmentation graph."""

    def __init__(self, model: bytes) -> None:
        self._graph = Graph(model)

    def mask(self, rgb: Rgb) -> Mask:
        """How likely each pixel belongs to a person: float32, height x width of the picture given, 0 to 1."""
        # Averaging pairs first is exact and quick; what is left is averaged too: hair is finer than a pixel of the input.
        half = shrink(rgb, rgb.shape[1] // 2, rgb.shape[0] // 2) if min(rgb.shape[:2]) >= 2 * _INPUT_PX else rgb
        small = cv2.resize(half, (_INPUT_PX, _INPUT_PX), interpolation=cv2.INTER_AREA)
        scores = np.clip(self._graph.run(small[None].astype(np.float32) / np.float32(255.0))[0], 0.0, 1.0)
        height, width = rgb.shape[:2]
        return np.asarray(cv2.resize(scores, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
