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
        scores = np.clip(self._graph.run_on(_input(rgb))[0], 0.0, 1.0)
        height, width = rgb.shape[:2]
        return np.asarray(cv2.resize(scores, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _input(rgb: Rgb) -> Rgb:
    """The picture at the network's size; every pixel counts, because hair is finer than a pixel of the input."""
    twice = 2 * _INPUT_PX
    if min(rgb.shape[:2]) < twice:
        return np.asarray(cv2.resize(rgb, (_INPUT_PX, _INPUT_PX), interpolation=cv2.INTER_AREA), np.uint8)
    # Averaging pairs is exact and quick, before and after; what is between is too little to lose anything.
    half = shrink(rgb, rgb.shape[1] // 2, rgb.shape[0] // 2)
    between = np.asarray(cv2.resize(half, (twice, twice), interpolation=cv2.INTER_LINEAR), np.uint8)
    return shrink(between, _INPUT_PX, _INPUT_PX)
