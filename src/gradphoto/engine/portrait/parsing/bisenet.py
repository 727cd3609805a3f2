"""The BiSeNet with a ResNet-18 that labels a face (zllrunning/face-parsing.PyTorch), as an ONNX graph made of its weights.

Written from the network's description: three depths of a ResNet-18 (1/8, 1/16, 1/32 of the input), an attention on each of
the two coarser ones, their sum brought up to 1/8, joined with the finest, and a head. Batch normalisation is folded into
the convolutions. The two auxiliary heads serve training only. The fusion's own attention is kept as it was trained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gradphoto.engine.portrait.errors import model_error
from gradphoto.engine.portrait.parsing.onnx_file import Attribute, OnnxGraph, float32
from gradphoto.engine.portrait.parsing.torch_file import Tensor
from gradphoto.engine.wording import Wording

_EPSILON = 1e-5
_COARSEST = 32
# Of 127: two products then fit into 16 bits, so that every processor gives the same sums.
_WEIGHT_STEPS = 63
_INT32 = 2**31 - 1
Floats = npt.NDArray[np.float32]


Rounding = Mapping[str, tuple[float, int]]


def as_onnx(tensors: Mapping[str, Tensor], side_px: int, rounding: Rounding | None = None) -> bytes:
    """The network for a square input of ``side_px`` (a multiple of 32). Raises ``models.checkpoint`` for other weights.

    With ``rounding`` (a node's output: step and zero point) it is written in whole numbers of 8 bits, for a runtime that knows them.
    """
    if side_px % _COARSEST:
        raise ValueError("the side must be a multiple of 32")
    try:
        return _Builder(tensors, side_px, rounding or {}).build()
    except KeyError as missing:
        raise model_error(
            "checkpoint",
            Wording(f"权重中没有 {missing}：不是此网络。", f"The weights have no {missing}: another network."),
            Wording("请换一个文件。", "Use another file."),
        ) from missing


class _Builder:
    def __init__(self, tensors: Mapping[str, Tensor], side_px: int, rounding: Rounding) -> None:
        self._tensors, self._side, self._rounding = tensors, side_px, rounding
        self._graph = OnnxGraph("face_parsing", (1, 3, side_px, side_px))

    def build(self) -> bytes:
        g = self._graph
        fine, middle, coarse = self._backbone(self._known(g.input))
        whole = self._conv(self._node("GlobalAveragePool", [coarse]), "cp.conv_avg.conv", "cp.conv_avg.bn", relu=True)
        # The average is one pixel: adding it is the same as enlarging it first.
        deep = self._node("Add", [self._refined(coarse, "cp.arm32"), whole])
        deep = self._unit(self._doubled(deep), "cp.conv_head32", 1)
        shallow = self._node("Add", [self._refined(middle, "cp.arm16"), deep])
        shallow = self._unit(self._doubled(shallow), "cp.conv_head16", 1)
        fused = self._fused(fine, shallow)
        labels = self._conv(self._unit(fused, "conv_out.conv", 1), "conv_out.conv_out", "")
        scale = g.constant(float32(1.0, 1.0, 8.0, 8.0))
        labels = self._node(
            "Resize", [labels, "", scale], mode="linear", coordinate_transformation_mode="align_corners"
        )
        classes = self._weight("conv_out.conv_out.weight").shape[0]
        return g.finish(labels, (1, classes, self._side, self._side))

    def _backbone(self, image: str) -> tuple[str, str, str]:
        out = self._conv(image, "cp.resnet.conv1", "cp.resnet.bn1", stride=2, padding=3, relu=True)
        out = self._node("MaxPool", [out], kernel_shape=(3, 3), strides=(2, 2), pads=(1, 1, 1, 1))
        depths = []
        for layer in (1, 2, 3, 4):
            for block in (0, 1):
                out = self._block(out, f"cp.resnet.layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1)
            depths.append(out)
        return depths[1], depths[2], depths[3]

    def _block(self, image: str, name: str, stride: int) -> str:
        out = self._conv(image, f"{name}.conv1", f"{name}.bn1", stride=stride, padding=1, relu=True)
        out = self._conv(out, f"{name}.conv2", f"{name}.bn2", padding=1)
        if f"{name}.downsample.0.weight" in self._tensors:
            image = self._conv(image, f"{name}.downsample.0", f"{name}.downsample.1", stride=stride)
        return self._node("Relu", [self._node("Add", [image, out])])

    def _refined(self, image: str, name: str) -> str:
        features = self._unit(image, f"{name}.conv", 1)
        weight = self._node("GlobalAveragePool", [features])
        weight = self._node("Sigmoid", [self._conv(weight, f"{name}.conv_atten", f"{name}.bn_atten")])
        return self._node("Mul", [features, weight])

    def _fused(self, fine: str, shallow: str) -> str:
        features = self._unit(self._node("Concat", [fine, shallow], axis=1), "ffm.convblk", 0)
        weight = self._node("Relu", [self._conv(self._node("GlobalAveragePool", [features]), "ffm.conv1", "")])
        weight = self._node("Sigmoid", [self._conv(weight, "ffm.conv2", "")])
        return self._node("Add", [self._node("Mul", [features, weight]), features])

    def _doubled(self, image: str) -> str:
        scale = self._graph.constant(float32(1.0, 1.0, 2.0, 2.0))
        return self._node(
            "Resize", [image, "", scale], mode="nearest", coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )  # fmt: skip

    def _unit(self, image: str, name: str, padding: int) -> str:
        return self._conv(image, f"{name}.conv", f"{name}.bn", padding=padding, relu=True)

    def _conv(self, image: str, name: str, norm: str, *, stride: int = 1, padding: int = 0, relu: bool = False) -> str:
        weight = self._weight(f"{name}.weight")
        shift = np.zeros(weight.shape[0], np.float32)
        if norm:
            gain = self._weight(f"{norm}.weight") / np.sqrt(self._weight(f"{norm}.running_var") + _EPSILON)
            shift = self._weight(f"{norm}.bias") - self._weight(f"{norm}.running_mean") * gain
            weight = weight * gain[:, None, None, None]
        inputs = [image, *self._constants(image, weight.astype(np.float32), shift.astype(np.float32))]
        side = weight.shape[2]
        out = self._node(
            "Conv", inputs, kernel_shape=(side, side), strides=(stride, stride), pads=(padding,) * 4,
        )  # fmt: skip
        return self._node("Relu", [out]) if relu else out

    def _constants(self, image: str, weight: Floats, shift: Floats) -> tuple[str, str]:
        """Weights in steps of their channel's own, sums in those times the image's, where the image is rounded."""
        known = self._rounding.get(image.removesuffix("_d"))
        if known is None:
            return self._graph.constant(weight), self._graph.constant(shift)
        step = np.maximum(np.abs(weight).max(axis=(1, 2, 3)) / _WEIGHT_STEPS, 1e-12).astype(np.float32)
        whole = np.rint(weight / step[:, None, None, None]).astype(np.int8)
        sums = np.clip(np.rint(shift / (step * np.float32(known[0]))), -_INT32, _INT32).astype(np.int32)
        return self._graph.restored(whole, step), self._graph.restored(sums, step * np.float32(known[0]))

    def _node(self, operator: str, inputs: Sequence[str], **attributes: Attribute) -> str:
        return self._known(self._graph.node(operator, inputs, **attributes))

    def _known(self, output: str) -> str:
        """The output itself, or rounded where its range is known."""
        known = self._rounding.get(output)
        return output if known is None else self._graph.rounded(output, *known)

    def _weight(self, name: str) -> Floats:
        return np.asarray(self._tensors[name], np.float32)
