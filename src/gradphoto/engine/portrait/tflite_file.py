"""Writing a network as a TFLite file, so that the interpreter that runs the others runs it, too.

Only what a plain convolutional network needs, by the format's public schema (tensorflow/lite/schema/schema.fbs): the numbers of
its tables, fields and operators stand here by name. Tensors are float32, one picture, height x width x channels.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Shape = tuple[int, ...]

_ADD, _CONCATENATION, _CONV, _DEPTHWISE, _DEPTH_TO_SPACE, _MAX_POOL = 0, 2, 3, 4, 5, 17
_CONV_OPTIONS, _DEPTHWISE_OPTIONS, _POOL_OPTIONS, _CONCATENATION_OPTIONS, _ADD_OPTIONS, _DEPTH_TO_SPACE_OPTIONS = (
    1, 2, 5, 10, 11, 94,
)  # fmt: skip
_SAME, _VALID = 0, 1
_NO_ACTIVATION, _RELU = 0, 1
_SCHEMA_VERSION = 3
_BLOB_ALIGNMENT = 16
_WORD, _HALF = 4, 2

_Table = dict[int, "_Field"]
"""A table's fields by their number in the schema."""
_Field = int | bytes | list[int] | list[_Table] | _Table


@dataclass(frozen=True, slots=True)
class _Node:
    """``options``: the fields of the operator's own table, whose number is ``table``."""

    operator: int
    table: int
    inputs: tuple[int, ...]
    output: int
    options: dict[int, int]

    def table_of(self, operator: int) -> _Table:
        """As the file has it; ``operator`` counts in the file's own list."""
        return {0: operator, 1: [*self.inputs], 2: [self.output], 3: self.table, 4: {**self.options}}


@dataclass(slots=True)
class TfliteGraph:
    """A network being written; every method returns the number of the tensor that it makes."""

    _shapes: list[Shape] = field(default_factory=list)
    _weights: dict[int, Floats] = field(default_factory=dict)
    _nodes: list[_Node] = field(default_factory=list)

    def input(self, height: int, width: int, channels: int) -> int:
        """The picture given: float32."""
        return self._tensor((1, height, width, channels))

    def shape(self, tensor: int) -> Shape:
        """1, height, width, channels."""
        return self._shapes[tensor]

    def convolution(
        self, image: int, weight: Floats, bias: Floats, *, stride: int = 1, relu: bool = False, padded: bool = True
    ) -> int:
        """``weight``: out x height x width x in. With a stride of 1 and ``padded`` the size stays; else nothing is added at the edges."""
        _, height, width, _ = self.shape(image)
        out, side = weight.shape[0], weight.shape[1]
        if not padded:
            height, width = (height - side) // stride + 1, (width - side) // stride + 1
        padding, activation = _SAME if padded else _VALID, _RELU if relu else _NO_ACTIVATION
        options = {0: padding, 1: stride, 2: stride, 3: activation, 4: 1, 5: 1}
        inputs = image, self._constant(weight), self._constant(bias)
        return self._node(_CONV, _CONV_OPTIONS, inputs, (1, height, width, out), options)

    def depthwise(self, image: int, weight: Floats, bias: Floats, *, relu: bool = False) -> int:
        """Each channel by itself; ``weight``: 1 x height x width x channels. The size stays."""
        options = {0: _SAME, 1: 1, 2: 1, 3: 1, 4: _RELU if relu else _NO_ACTIVATION, 5: 1, 6: 1}
        inputs = image, self._constant(weight), self._constant(bias)
        return self._node(_DEPTHWISE, _DEPTHWISE_OPTIONS, inputs, self.shape(image), options)

    def halved(self, image: int) -> int:
        """The largest of each 2 x 2 pixels."""
        _, height, width, channels = self.shape(image)
        options = {0: _VALID, 1: 2, 2: 2, 3: 2, 4: 2, 5: _NO_ACTIVATION}
        return self._node(_MAX_POOL, _POOL_OPTIONS, (image,), (1, height // 2, width // 2, channels), options)

    def doubled(self, image: int) -> int:
        """Each pixel as 2 x 2 pixels: four copies of the channels, laid out in space."""
        _, height, width, channels = self.shape(image)
        copies = self._node(
            _CONCATENATION, _CONCATENATION_OPTIONS, (image,) * 4, (1, height, width, 4 * channels),
            {0: 3, 1: _NO_ACTIVATION},
        )  # fmt: skip
        shape = 1, 2 * height, 2 * width, channels
        return self._node(_DEPTH_TO_SPACE, _DEPTH_TO_SPACE_OPTIONS, (copies,), shape, {0: 2})

    def sum(self, one: int, other: int) -> int:
        """Two tensors of one shape added."""
        return self._node(_ADD, _ADD_OPTIONS, (one, other), self.shape(one), {0: _NO_ACTIVATION})

    def finish(self, inputs: Sequence[int], outputs: Sequence[int]) -> bytes:
        """The file."""
        operators = sorted({node.operator for node in self._nodes})
        place = {tensor: number for number, tensor in enumerate(self._weights, start=1)}
        tensors: list[_Table] = [{0: [*shape], 2: place.get(number, 0)} for number, shape in enumerate(self._shapes)]
        nodes = [node.table_of(operators.index(node.operator)) for node in self._nodes]
        # Buffer 0 is empty by the format's rule: it is the one of tensors without weights.
        buffers: list[_Table] = [{}]
        buffers += [{0: np.ascontiguousarray(weight, "<f4").tobytes()} for weight in self._weights.values()]
        subgraph: _Table = {0: tensors, 1: [*inputs], 2: [*outputs], 3: nodes}
        codes: list[_Table] = [{0: code, 2: 1, 3: code} for code in operators]
        return _file({0: _SCHEMA_VERSION, 1: codes, 2: [subgraph], 4: buffers})

    def _tensor(self, shape: Shape) -> int:
        self._shapes.append(shape)
        return len(self._shapes) - 1

    def _constant(self, weight: Floats) -> int:
        tensor = self._tensor(weight.shape)
        self._weights[tensor] = weight
        return tensor

    def _node(self, operator: int, table: int, inputs: tuple[int, ...], shape: Shape, options: dict[int, int]) -> int:
        output = self._tensor(shape)
        self._nodes.append(_Node(operator, table, inputs, output, options))
        return output


def _file(root: _Table) -> bytes:
    """FlatBuffers' layout, what is named before what it names: a table's fields lie at places that the numbers before it tell."""
    out = bytearray(b"\0\0\0\0TFL3")
    _point(out, 0, _put(out, root))
    return bytes(out)


def _put(out: bytearray, value: _Table | Sequence[_Table] | Sequence[int] | bytes) -> int:
    """Append ``value``, then what it names; where it begins."""
    if isinstance(value, dict):
        return _put_table(out, value)
    if isinstance(value, bytes):
        out += bytes(-(len(out) + _WORD) % _BLOB_ALIGNMENT)
        out += struct.pack("<I", len(value)) + value
        return len(out) - len(value) - _WORD
    out += bytes(-len(out) % _WORD)
    start = len(out)
    named = [(start + _WORD * number, one) for number, one in enumerate(value, start=1) if isinstance(one, dict)]
    out += struct.pack("<I", len(value))
    out += struct.pack(f"<{len(value)}i", *(0 if isinstance(one, dict) else one for one in value))
    for place, table in named:
        _point(out, place, _put(out, table))
    return start


def _put_table(out: bytearray, fields: _Table) -> int:
    """Every field takes a word, a small number its first bytes."""
    slots = max(fields, default=-1) + 1
    head = _HALF * (2 + slots)
    out += bytes(-(len(out) + head) % _WORD)
    start = len(out) + head
    places = {slot: _WORD * number for number, slot in enumerate(fields, start=1)}
    offsets = [places.get(slot, 0) for slot in range(slots)]
    out += struct.pack(f"<{2 + slots}Hi", head, _WORD * (1 + len(fields)), *offsets, head)
    out += struct.pack(f"<{len(fields)}i", *(one if isinstance(one, int) else 0 for one in fields.values()))
    for slot, one in fields.items():
        if not isinstance(one, int):
            _point(out, start + places[slot], _put(out, one))
    return start


def _point(out: bytearray, place: int, target: int) -> None:
    out[place : place + _WORD] = struct.pack("<I", target - place)
