"""Running a face-parsing model on one head: OpenCV, or onnxruntime where it is installed (the extra ``parsing``)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait import landmarks as mark
from gradphoto.engine.portrait.decode import Rgb
from gradphoto.engine.portrait.errors import model_error
from gradphoto.engine.portrait.landmarks import FaceMesh
from gradphoto.engine.portrait.parsing.manifest import AGAIN, ParserManifest
from gradphoto.engine.wording import Wording

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
_LIPS_MIDDLE = (0, 17)


@dataclass(frozen=True, slots=True)
class ParsedHead:
    """``labels`` uint8 side x side, the model's class of every pixel of the levelled crop; ``points`` 478 x 2 on it;
    ``eyes_px`` the distance of the eyes there. ``to_picture`` is the 2 x 3 matrix from the crop to the picture.
    """

    labels: npt.NDArray[np.uint8]
    points: npt.NDArray[np.float64]
    eyes_px: float
    to_picture: npt.NDArray[np.float64]
    classes: Mapping[str, tuple[int, ...]]

    def of(self, *names: str) -> Bools | None:
        """The pixels of some classes; ``None`` when the model knows none of them."""
        numbers = [number for name in names for number in self.classes.get(name, ())]
        return np.isin(self.labels, numbers) if numbers else None


class FaceParser:
    """One model, ready to run on one thread. Not thread-safe."""

    def __init__(self, manifest: ParserManifest, model: bytes) -> None:
        self.manifest = manifest
        self._run = _by_onnxruntime(model) or _by_opencv(model)
        classes = self._logits(np.zeros((manifest.side_px, manifest.side_px, 3), np.uint8)).shape[0]
        needed = max(number for numbers in manifest.classes.values() for number in numbers) + 1
        if needed > classes:
            raise _unusable(f"{needed} > {classes}")

    def parse(self, rgb: Rgb, mesh: FaceMesh) -> ParsedHead:
        """Label the head whose landmarks are ``mesh`` (in pixels of ``rgb``)."""
        side = self.manifest.side_px
        to_picture, zoom, eyes = _crop(self.manifest, mesh)
        crop = _levelled(rgb, to_picture, side, zoom)
        labels = self._logits(crop).argmax(axis=0).astype(np.uint8)
        if labels.shape != (side, side):
            labels = np.asarray(cv2.resize(labels, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)
        inverse = np.linalg.inv(to_picture[:, :2])
        points = (mesh.points[:, :2] - to_picture[:, 2]) @ inverse.T
        return ParsedHead(labels, points, eyes / zoom, to_picture, self.manifest.classes)

    def _logits(self, crop: Rgb) -> Floats:
        mean, std = np.array(self.manifest.mean, np.float32), np.array(self.manifest.std, np.float32)
        scaled = (crop.astype(np.float32) / np.float32(255.0) - mean) / std
        out = self._run(np.ascontiguousarray(scaled.transpose(2, 0, 1)[None]))
        if out.ndim != 4 or out.shape[0] != 1:
            raise _unusable(str(out.shape))
        return np.asarray(out[0], np.float32)


def _crop(manifest: ParserManifest, mesh: FaceMesh) -> tuple[npt.NDArray[np.float64], float, float]:
    """The matrix from crop to picture, picture pixels per crop pixel, and the distance of the eyes in the picture."""
    right, left = mesh.middle(mark.RIGHT_EYE_CORNERS), mesh.middle(mark.LEFT_EYE_CORNERS)
    middle = (right + left) / 2
    eyes = max(float(np.linalg.norm(left - right)), 1e-3)
    to_mouth = float(np.linalg.norm(mesh.middle(_LIPS_MIDDLE) - middle))
    half = max(manifest.crop_eyes * eyes, manifest.crop_mouth * to_mouth)
    across = (left - right) / eyes
    down = np.array([-across[1], across[0]])
    zoom = 2 * half / manifest.side_px
    centre = middle + down * manifest.crop_down * to_mouth
    origin = centre - (across + down) * half
    return np.column_stack([across * zoom, down * zoom, origin]), zoom, eyes


def _levelled(rgb: Rgb, to_picture: npt.NDArray[np.float64], side: int, zoom: float) -> Rgb:
    """The crop; a larger one is drawn at a whole multiple of the side first, so that shrinking averages areas."""
    times = max(1, math.ceil(zoom))
    matrix = to_picture.copy()
    matrix[:, :2] /= times
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    drawn = cv2.warpAffine(rgb, matrix, (side * times, side * times), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if times > 1:
        drawn = cv2.resize(drawn, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(drawn, np.uint8)


Run = Callable[[Floats], Floats]


def _by_onnxruntime(model: bytes) -> Run | None:
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    # One thread, as everywhere: the work is spread over processes, one per core.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as fault:
        raise _unusable(str(fault).splitlines()[0][:200]) from fault
    name = session.get_inputs()[0].name
    return lambda image: np.asarray(session.run(None, {name: image})[0], np.float32)


def _by_opencv(model: bytes) -> Run:
    try:
        net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    except cv2.error as fault:
        raise _unusable(str(fault).strip().splitlines()[0][:200]) from fault

    def run(image: Floats) -> Floats:
        net.setInput(image)
        return np.asarray(net.forward(), np.float32)

    return run


def _unusable(why: str) -> Exception:
    return model_error(
        "unusable",
        Wording(f"人脸解析模型无法运行：{why}。", f"The face-parsing model cannot be run: {why}."),
        AGAIN,
    )
