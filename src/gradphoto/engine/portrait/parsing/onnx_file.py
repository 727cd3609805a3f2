"""Writing an ONNX file: the few messages of its protocol-buffer format that a convolutional network needs.

Field numbers: onnx.proto3 of the ONNX project (IR version 7, opset 13).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_IR_VERSION, _OPSET = 7, 13
_FLOAT = 1
_TYPES = {
    np.dtype(np.float32): _FLOAT, np.dtype(np.uint8): 2, np.dtype(np.int8): 3, np.dtype(np.int32): 6, np.dtype(np.int64): 7,
}  # fmt: skip
Attribute = int | str | Sequence[int]
Array = np.ndarray[Any, np.dtype[Any]]


class OnnxGraph:
    """Nodes are added in the order in which they run; each returns the name of its output."""

    def __init__(self, name: str, input_shape: Sequence[int], input_name: str = "input") -> None:
        self._name, self.input = name, input_name
        self._nodes: list[bytes] = []
        self._tensors: list[bytes] = []
        self._inputs = [_value_info(input_name, input_shape)]
        self._count = 0

    def constant(self, array: Array) -> str:
        """A tensor of the file itself: float32, uint8, int8, int32 or int64."""
        name = f"c{len(self._tensors)}"
        fields = b"".join(_number(1, size) for size in array.shape)
        fields += _number(2, _TYPES[array.dtype]) + _text(8, name) + _bytes(9, np.ascontiguousarray(array).tobytes())
        self._tensors.append(fields)
        return name

    def node(self, operator: str, inputs: Sequence[str], **attributes: Attribute) -> str:
        """One operator with its attributes."""
        self._count += 1
        output = f"v{self._count}"
        fields = b"".join(_text(1, name) for name in inputs) + _text(2, output)
        fields += _text(3, f"n{self._count}") + _text(4, operator)
        fields += b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(fields)
        return output

    def rounded(self, name: str, step: float, zero: int) -> str:
        """A node's output in 256 steps of ``step``, and back: a runtime computes in whole numbers what stands between two of these."""
        scale, middle = self.constant(np.array(step, np.float32)), self.constant(np.array(zero, np.uint8))
        self._apart("QuantizeLinear", [name, scale, middle], f"{name}_q")
        return self._apart("DequantizeLinear", [f"{name}_q", scale, middle], f"{name}_d")

    def restored(self, whole: Array, step: npt.NDArray[np.float32]) -> str:
        """A constant of whole numbers, each row of its first axis in steps of its own."""
        name = self.constant(whole)
        inputs = [name, self.constant(step), self.constant(np.zeros(step.shape, whole.dtype))]
        return self._apart("DequantizeLinear", inputs, f"{name}_d", axis=0)

    def _apart(self, operator: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> str:
        """A node that is not numbered, so that the others keep their names with and without rounding."""
        fields = b"".join(_text(1, name) for name in inputs) + _text(2, output)
        fields += _text(3, f"n_{output}") + _text(4, operator)
        fields += b"".join(_bytes(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(fields)
        return output

    def finish(self, output: str, output_shape: Sequence[int]) -> bytes:
        """The whole file."""
        graph = b"".join(_bytes(1, node) for node in self._nodes) + _text(2, self._name)
        graph += b"".join(_bytes(5, tensor) for tensor in self._tensors)
        graph += b"".join(_bytes(11, info) for info in self._inputs) + _bytes(12, _value_info(output, output_shape))
        opset = _text(1, "") + _number(2, _OPSET)
        return _number(1, _IR_VERSION) + _text(2, "gradphoto") + _bytes(7, graph) + _bytes(8, opset)


def _value_info(name: str, shape: Sequence[int]) -> bytes:
    dimensions = b"".join(_bytes(1, _number(1, size)) for size in shape)
    tensor = _number(1, _FLOAT) + _bytes(2, dimensions)
    return _text(1, name) + _bytes(2, _bytes(1, tensor))


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, str):
        return _text(1, name) + _text(4, value) + _number(20, 3)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def float32(*values: float) -> npt.NDArray[np.float32]:
    """A small constant."""
    return np.frombuffer(struct.pack(f"<{len(values)}f", *values), np.float32)
