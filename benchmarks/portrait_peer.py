"""HivisionIDPhotos' way of work for the speed table, where it and its weights cannot be had.

``pip install onnxruntime mtcnn-runtime`` first. The matting network is built here with the layers of MODNet (MobileNetV2 encoder,
three branches, 512 x 512) and random weights: the same work for the processor, another picture. Around it stands what that
program does with a file: decode it whole, bring it to 2000 px, matte it at 512, lay the alpha over it, find the face with MTCNN at
half size, crop, put a backdrop behind, resize, and save to 40 KB by trying qualities. Its rotation, beautifying and web server
are left out, so the real program is slower.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from gradphoto.engine.portrait.parsing.onnx_file import OnnxGraph, float32

_SIDE, _LONGEST, _CEILING = 512, 2000, 40 * 1024
# MobileNetV2: expansion, channels, repeats, stride of the first.
_BLOCKS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


class _Shape:
    """MODNet's graph with weights of its own."""

    def __init__(self) -> None:
        self.graph = OnnxGraph("matte", (1, 3, _SIDE, _SIDE))
        self._random = np.random.default_rng(0)
        self._channels = {"input": 3}

    def conv(self, image: str, out: int, side: int = 3, stride: int = 1, groups: int = 1, relu: bool = True) -> str:
        into = self._channels[image]
        scale = float(np.sqrt(2.0 / (side * side * into / groups)))
        weight = self._random.normal(0, scale, (out, into // groups, side, side)).astype(np.float32)
        inputs = [image, self.graph.constant(weight), self.graph.constant(np.zeros(out, np.float32))]
        pad = side // 2
        made = self.graph.node(
            "Conv", inputs, kernel_shape=(side, side), strides=(stride, stride), pads=(pad,) * 4, group=groups
        )
        made = self.graph.node("Relu", [made]) if relu else made
        self._channels[made] = out
        return made

    def resized(self, image: str, factor: float) -> str:
        scale = self.graph.constant(float32(1.0, 1.0, factor, factor))
        made = self.graph.node("Resize", [image, "", scale], mode="linear", coordinate_transformation_mode="asymmetric")
        self._channels[made] = self._channels[image]
        return made

    def joined(self, *images: str) -> str:
        made = self.graph.node("Concat", list(images), axis=1)
        self._channels[made] = sum(self._channels[image] for image in images)
        return made

    def bottleneck(self, image: str, expansion: int, out: int, stride: int) -> str:
        into = self._channels[image]
        wide = self.conv(image, into * expansion, 1) if expansion > 1 else image
        deep = self.conv(wide, into * expansion, 3, stride, groups=into * expansion)
        made = self.conv(deep, out, 1, relu=False)
        if stride == 1 and into == out:
            added = self.graph.node("Add", [image, made])
            self._channels[added] = out
            return added
        return made

    def build(self) -> bytes:
        image, depths = self.conv("input", 32, 3, 2), []
        for expansion, out, repeats, stride in _BLOCKS:
            for number in range(repeats):
                image = self.bottleneck(image, expansion, out, stride if number == 0 else 1)
            depths.append(image)
        half, quarter, deepest = depths[0], depths[1], self.conv(image, 1280, 1)
        low = self.conv(self.resized(deepest, 2), 96, 5)
        low = self.conv(self.resized(low, 2), 32, 5)
        small_half, small_quarter = self.resized("input", 0.5), self.resized("input", 0.25)
        high = self.conv(self.joined(self.conv(half, 32, 1), small_half), 32, 3, 2)
        high = self.conv(self.joined(high, self.conv(quarter, 32, 1)), 64)
        high = self.joined(high, self.resized(low, 2), small_quarter)
        high = self.conv(self.conv(self.conv(high, 64), 64), 32)
        high = self.joined(self.resized(high, 2), self.conv(half, 32, 1))
        for out in (64, 32, 32, 32):
            high = self.conv(high, out)
        fused = self.resized(self.conv(self.resized(low, 2), 32, 5), 2)
        fused = self.resized(self.conv(self.joined(fused, high), 32), 2)
        alpha = self.conv(self.conv(self.joined(fused, "input"), 16), 1, 1, relu=False)
        return self.graph.finish(self.graph.node("Sigmoid", [alpha]), (1, 1, _SIDE, _SIDE))


def peer() -> Callable[[bytes], bytes]:
    """One portrait of one file, the peer's way. Raises ``ImportError`` without onnxruntime and mtcnn-runtime."""
    import onnxruntime
    from mtcnnruntime import MTCNN

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_Shape().build(), options, providers=["CPUExecutionProvider"])
    detector = MTCNN()

    def make(data: bytes) -> bytes:
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        zoom = min(1.0, _LONGEST / max(bgr.shape[:2]))
        bgr = cv2.resize(bgr, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        small = cv2.resize(bgr, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        tensor = ((small.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
        alpha = np.asarray(session.run(None, {"input": tensor})[0])[0, 0]
        matte = cv2.resize(alpha, bgr.shape[1::-1])[..., None]
        half = cv2.resize(bgr, None, fx=0.5, fy=0.5)
        boxes, _ = detector.detect(half, thresholds=[0.8, 0.8, 0.8])
        x, y, right, bottom = (np.asarray(boxes[0][:4]) * 2) if len(boxes) else (0, 0, *bgr.shape[1::-1])
        laid = (bgr * matte + np.array((219, 142, 67), np.float32) * (1 - matte)).astype(np.uint8)
        top, height = max(0, int(y - 0.6 * (bottom - y))), int(2.2 * (bottom - y))
        middle, width = int((x + right) / 2), int(2.2 * (bottom - y) * 0.75)
        cut = laid[top : top + height, max(0, middle - width // 2) : middle + width // 2]
        finished = Image.fromarray(cv2.cvtColor(cv2.resize(cut, (480, 640)), cv2.COLOR_BGR2RGB))
        quality = 95
        while True:
            out = io.BytesIO()
            finished.save(out, "JPEG", quality=quality, dpi=(300, 300))
            if out.tell() <= _CEILING or quality <= 5:
                return out.getvalue()
            quality -= 5

    return make
