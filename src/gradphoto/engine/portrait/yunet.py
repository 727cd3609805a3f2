"""YuNet, the network that finds faces, written anew for the interpreter that runs the other networks: half of OpenCV's time, the same faces.

The weights are those of the installed file, read by OpenCV; the layers are the published ones (Wu, Peng, Yu: "YuNet", 2023): pairs
of a convolution of single pixels and one of single channels, three depths (1/8, 1/16, 1/32 of the picture) joined from the coarsest
up, and at each depth what a face would be there: whether it is one (twice), its box, five points. The four heads of a depth are
laid into one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.interpreter import Graph
from gradphoto.engine.portrait.tflite_file import TfliteGraph

Floats = npt.NDArray[np.float32]
_Layer = tuple[Floats, Floats]

_STRIDES = (8, 16, 32)
_COARSEST = 32
_CONVOLUTIONS = 53
_HEADS = (1, 4, 1, 10)
"""Channels: is it a face, its box, is there anything, its points; the file has them in this order, each at every depth."""
_KEPT_SIZES = 4
_MOST_FACES = 5000


class YuNet:
    """The network for pictures of any size; the last few sizes are kept ready. Not thread-safe."""

    def __init__(self, model: bytes) -> None:
        # Raises cv2.error for a file that is no network; the file's hash was compared before.
        net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        layers = (net.getLayer(net.getLayerId(name)) for name in net.getLayerNames())
        self._layers = [_layer(layer.blobs) for layer in layers if layer.type == "Convolution"]
        assert len(self._layers) == _CONVOLUTIONS, "another network"
        self._ready = functools.lru_cache(_KEPT_SIZES)(self._graph)

    def find(self, rgb: Rgb, score_floor: float, overlap_ceiling: float) -> Floats:
        """Faces as rows: left, top, width, height, five points (x, y; the person's right eye first), score; the surest first.

        Of faces that overlap by more than ``overlap_ceiling`` (intersection over union) the surest is kept.
        """
        height, width = (-(-side // _COARSEST) * _COARSEST for side in rgb.shape[:2])
        outputs = self._ready(height, width).run(lambda tensor: _write(tensor[0], rgb))
        by_size = sorted((output.reshape(-1, sum(_HEADS)) for output in outputs), key=len, reverse=True)
        rows = np.concatenate(
            [_faces(seen, stride, width // stride, score_floor) for seen, stride in zip(by_size, _STRIDES, strict=True)]
        )
        if not len(rows):
            return rows
        boxes = rows[:, :4].astype(np.int32).tolist()
        kept = cv2.dnn.NMSBoxes(boxes, rows[:, 14].tolist(), score_floor, overlap_ceiling, 1.0, _MOST_FACES)
        return rows[np.asarray(kept, np.intp).ravel()]

    def _graph(self, height: int, width: int) -> Graph:
        return Graph(_network(self._layers, height, width))


def _write(canvas: Floats, rgb: Rgb) -> None:
    """The picture within the network's black edge: one pixel above and to the left, and what is missing below and to the right."""
    bottom, right = rgb.shape[0] + 1, rgb.shape[1] + 1
    canvas[0], canvas[:, 0], canvas[bottom:], canvas[:, right:] = 0, 0, 0, 0
    canvas[1:bottom, 1:right] = rgb


def _layer(blobs: Sequence[npt.NDArray[np.generic]]) -> _Layer:
    """Weights as out x height x width x in, and what is added."""
    weight, bias = (np.asarray(blob, np.float32) for blob in blobs)
    return np.ascontiguousarray(weight.transpose(0, 2, 3, 1)), bias.reshape(-1)


def _network(layers: list[_Layer], height: int, width: int) -> bytes:
    net, left = TfliteGraph(), iter(layers)
    picture = net.input(height + 1, width + 1, 3)
    weight, bias = next(left)
    # The file expects blue first; we give red first.
    image = net.convolution(picture, weight[..., ::-1], bias, stride=2, relu=True, padded=False)
    image = net.halved(_pair(net, image, left))
    image = _pair(net, _pair(net, image, left), left)
    image = _pair(net, _pair(net, image, left), left)
    depths = []
    for _ in _STRIDES:
        image = _pair(net, _pair(net, net.halved(image), left), left)
        depths.append(image)
    fine, middle, coarse = depths
    coarse = _pair(net, coarse, left)
    middle = _pair(net, net.sum(middle, net.doubled(coarse)), left)
    fine = _pair(net, net.sum(fine, net.doubled(middle)), left)
    heads = [[(next(left), next(left)) for _ in _STRIDES] for _ in _HEADS]
    outputs = []
    for depth, image in enumerate((fine, middle, coarse)):
        pixel = [head[depth][0] for head in heads]
        channel = [head[depth][1] for head in heads]
        joined = net.convolution(image, *(np.concatenate(parts) for parts in zip(*pixel, strict=True)))
        outputs.append(_by_channel(net, joined, *(np.concatenate(parts) for parts in zip(*channel, strict=True))))
    return net.finish([picture], outputs)


def _pair(net: TfliteGraph, image: int, left: Iterator[_Layer]) -> int:
    return _by_channel(net, net.convolution(image, *next(left)), *next(left), relu=True)


def _by_channel(net: TfliteGraph, image: int, weight: Floats, bias: Floats, *, relu: bool = False) -> int:
    return net.depthwise(image, np.ascontiguousarray(weight.transpose(3, 1, 2, 0)), bias, relu=relu)


def _faces(seen: Floats, stride: int, columns: int, score_floor: float) -> Floats:
    """The faces of one depth (N x 15) that are sure enough; ``seen``: places x 16, row by row."""
    # sqrt(a * b) reaches the floor only where both reach its square: that sorts out nearly all.
    least = np.log(score_floor**2 / (1.0 - score_floor**2))
    where = np.flatnonzero((seen[:, 0] >= least) & (seen[:, 5] >= least))
    near = seen[where]
    score = np.sqrt(1.0 / ((1.0 + np.exp(-near[:, 0])) * (1.0 + np.exp(-near[:, 5]))))
    sure = score >= score_floor
    where, near, score = where[sure], near[sure], score[sure]
    place = np.stack([where % columns, where // columns], axis=1).astype(np.float32)
    size = np.exp(near[:, 3:5]) * stride
    corner = (near[:, 1:3] + place) * stride - size / 2
    points = (near[:, 6:] + np.tile(place, 5)) * stride
    return np.concatenate([corner, size, points, score[:, None]], axis=1).astype(np.float32)
